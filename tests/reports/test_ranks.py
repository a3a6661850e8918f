"""Ranks of units, counted one by one."""

from __future__ import annotations

import random

import pytest

from manyi.metrics.queries import UnitRow
from manyi.metrics.rows import OK, Row
from manyi.reports.standings import _ranks
from manyi.stats.result import Estimate, nothing


def placed(unit: str, value: float, low: float, high: float) -> UnitRow:
    found = Estimate(value, low, high, 0.95, 20, 20.0, None, "shrunken")
    return UnitRow(unit, Row({"unit": unit}, None, None, OK, found), found, 0)


@pytest.mark.parametrize("seed", range(5))
def test_a_unit_ranks_behind_those_above_it_and_surely_above_it(seed: int) -> None:
    rng = random.Random(seed)
    drawn = [round(rng.uniform(1, 5), 1) for _ in range(30)]  # some of them alike
    spans = {f"u{at}": (v, v - rng.choice([0.1, 0.5]), v + 0.3) for at, v in enumerate(drawn)}
    found = _ranks([placed(unit, *span) for unit, span in spans.items()])
    for unit, (value, low, high) in spans.items():
        others = spans.values()
        first = 1 + sum(other[1] > high for other in others)
        last = len(spans) - sum(other[2] < low for other in others)
        assert found[unit] == (1 + sum(other[0] > value for other in others), first, last)


def test_units_without_a_fair_number_take_no_rank() -> None:
    bare = placed("a", 4.0, 3.5, 4.5)
    none = UnitRow("b", bare.row, None, 0)
    assert _ranks([none]) == {}
    assert _ranks([bare, none]) == {"a": (1, 1, 1)}
    assert _ranks([UnitRow("c", bare.row, nothing(), 0)]) == {}
