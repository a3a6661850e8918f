"""The loop does everything once: a second turn finds nothing, a failing step stops no other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from manyi.feedback.models import FeedbackRecord
from manyi.loop.run import turn
from manyi.loop.steps import STEPS, Step
from manyi.metrics.models import Indicator
from tests.factories import NOW, house
from tests.voices import receive, voice

pytestmark = [pytest.mark.django_db, pytest.mark.db]
LATER = NOW + timedelta(minutes=5)


def test_a_second_turn_does_nothing() -> None:
    home = house()
    receive(home.alice, *(voice(unit="N-001") for _ in range(5)))
    first = turn(LATER)
    assert set(first) == {step.name for step in STEPS}
    assert first["search"] == 5
    assert first["lake"] == 5
    assert not FeedbackRecord.objects.filter(lake_part=None).exists()
    assert Indicator.objects.filter(organisation=home.organisation, is_headline=True).exists()
    assert not any(turn(LATER).values())


def test_a_step_that_fails_stops_no_other() -> None:
    def fail(now: object) -> int:
        raise RuntimeError("broken on purpose")

    done = turn(LATER, [Step("broken", fail), Step("after", lambda now: 7)])
    assert done == {"after": 7}
