"""Counts by kind hide a small one, and another with it, and end with a cut of the days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from manyi.kit.period import Period
from manyi.metrics.counted import counted
from tests.factories import house
from tests.lake.records import record

pytestmark = [pytest.mark.django_db, pytest.mark.db]
MONDAY = date(2026, 10, 5)


def test_a_small_anonymous_kind_takes_another_with_it() -> None:
    home = house()
    for language, n in (("zh", 30), ("en", 12), ("de", 2)):
        for _ in range(n):
            record(home.organisation, MONDAY, language=language, is_anonymous=True)
    assert counted(home.selection(), "language") == {"zh": 30, "en": None, "de": None}


def test_known_people_are_no_secret() -> None:
    home = house()
    for language, n in (("zh", 30), ("de", 2)):
        for _ in range(n):
            record(home.organisation, MONDAY, language=language)
    assert counted(home.selection(), "language") == {"zh": 30, "de": 2}


def test_a_day_more_tells_of_nobody() -> None:
    home = house()
    for day, n in ((0, 20), (1, 1), (2, 20)):
        for _ in range(n):
            record(home.organisation, MONDAY + timedelta(days=day), language="zh",
                   is_anonymous=True)  # fmt: skip
    one, two = (
        counted(home.selection().during(Period(MONDAY, MONDAY + timedelta(days=n))), "language")
        for n in (0, 1)
    )
    difference = (two["zh"] or 0) - (one["zh"] or 0)
    assert difference == 0 or difference >= 5
