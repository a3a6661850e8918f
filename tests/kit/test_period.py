"""Periods at the ends of the calendar, which people type to mean “always”."""

from __future__ import annotations

from datetime import date

import pytest

from manyi.kit.period import Period, buckets
from manyi.kit.selection import Scope, parse

ALWAYS = {"from": ["0001-01-01"], "to": ["9999-12-31"]}


@pytest.mark.parametrize("interval", ["day", "week", "month", "quarter", "year"])
def test_always_is_a_period_with_days_beside_it(interval: str) -> None:
    period = parse(Scope(1, None), ALWAYS).when
    assert period is not None
    found = buckets(period, interval)
    assert found[0].first <= period.first and found[-1].last >= period.last
    assert period.year_before().last < period.last and period.previous().last < period.first


def test_the_last_day_of_all_is_in_a_bucket() -> None:
    last = date(9999, 12, 31)
    for interval in ("day", "month", "quarter", "year"):
        assert buckets(Period(date(9999, 11, 30), last), interval)[-1].last == last
