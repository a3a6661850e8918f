"""The loop does everything once: a second turn finds nothing, a failing step stops no other."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest

from manyi.feedback.models import FeedbackRecord
from manyi.loop import run
from manyi.loop.run import Loop, turn
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


def test_what_is_heavy_comes_a_while_after_the_start() -> None:
    step = Step("heavy", lambda now: 1, timedelta(minutes=30), after=timedelta(minutes=20))
    loop = Loop(lambda: NOW)
    assert [m for m in range(0, 100, 5) if loop._due(NOW + timedelta(minutes=m), [step])] == [
        *(20, 50, 80)
    ]


def test_what_waits_for_others_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, asked, turns = Loop(), threading.Event(), []

    def wait(now: datetime) -> int:
        asked.set()
        return int(loop.stopping.wait(300))

    def work(now: datetime) -> int:
        turns.append(now)
        if len(turns) >= 5 and asked.wait(100):
            loop.stop()
        return 1

    steps = (Step("waits", wait, is_aside=True), Step("works", work))
    monkeypatch.setattr(run, "STEPS", steps)
    loop.run()
    assert len(turns) == 5


def test_only_what_asks_an_outside_model_is_done_aside() -> None:
    aside = [step.name for step in STEPS if step.is_aside]
    assert aside == ["outside readings", "summaries", "theme names"]
