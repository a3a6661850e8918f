"""Themes asked for twice: worked out once, and anew once anything has changed."""

from __future__ import annotations

from typing import Any

import pytest

from manyi.feedback import analysing
from manyi.kit.selection import Selection
from manyi.metrics import voiced
from manyi.metrics.themes import themes
from tests.factories import NOW, House, house
from tests.voices import published, receive, voice

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db]
BAD = "服务员态度很差"


def hear(home: House, survey: str, n: int) -> None:
    receive(home.alice, *(voice(verbatim=BAD, survey=survey) for _ in range(n)))
    analysing.analyse_waiting(now=NOW)


def test_themes_are_guarded_once_until_somebody_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    home = house()
    survey = published(home.alice, "csat", is_anonymous=True).survey.code
    hear(home, survey, 12)
    guarded: list[object] = []
    plain = voiced._hidden

    def counted(*given: Any) -> Any:
        guarded.append(given)
        return plain(*given)

    monkeypatch.setattr(voiced, "_hidden", counted)
    first = themes(Selection(home.scope()))
    once = len(guarded)
    assert once > 0
    assert [one.n for one in themes(Selection(home.scope())).rows] == [one.n for one in first.rows]
    assert len(guarded) == once
    hear(home, survey, 20)
    assert themes(Selection(home.scope())).voices.n == 32
    assert len(guarded) > once
