"""Units asked for twice: worked out once, anew when anything has changed or it had failed."""

from __future__ import annotations

from datetime import date

import pytest

from manyi.lake import queries as lake
from manyi.metrics import funnels, queries
from manyi.stats import many
from tests.factories import House, house
from tests.lake.records import record

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db]
DAY = date(2026, 10, 5)


def answered(home: House, n: int) -> None:
    for unit in (home.north_1, home.north_2, home.south_1):
        for at in range(n):
            record(home.organisation, DAY, csat=1 + at % 5, unit=unit)


def test_units_are_compared_once_until_somebody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    home = house()
    answered(home, 12)
    compared: list[object] = []
    plain = many.differing

    def counted(*given: object, level: float) -> list[int]:
        compared.append(given)
        return plain(*given, level=level)  # type: ignore[arg-type]

    monkeypatch.setattr(many, "differing", counted)
    first = queries.units_compared(home.selection(), "csat")
    assert queries.units_compared(home.selection(), "csat") == first
    assert len(compared) == 1
    queries.units_compared(home.selection(), "csat", level=0.9)
    assert len(compared) == 2
    record(home.organisation, DAY, csat=1, unit=home.north_1)
    again = queries.units_compared(home.selection(), "csat")
    assert {one.unit: one.row.n for one in again} == {"N-001": 13, "N-002": 12, "S-001": 12}
    assert len(compared) == 3


def test_what_failed_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    home = house()
    answered(home, 12)
    with monkeypatch.context() as broken:
        broken.setattr(lake, "moments", lambda *_, **__: 1 / 0)
        (failed,) = queries.units_compared(home.selection(), "csat")
        assert failed.row.status == "failed"
        assert funnels.funnel(home.selection(), "csat", None, depth=2) is None
    assert {one.row.n for one in queries.units_compared(home.selection(), "csat")} == {12}
    assert funnels.funnel(home.selection(), "csat", None, depth=2) is not None
