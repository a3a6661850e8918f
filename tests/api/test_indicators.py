"""Indicators through the API: the tree, one of them, its number with all that belongs to it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from manyi.kit.period import Period
from manyi.metrics import actions
from manyi.metrics.models import Indicator
from manyi.reports import dashboards
from tests.api.test_api import Api
from tests.factories import NOW, House, house, stranger_house
from tests.lake.records import record

pytestmark = [pytest.mark.django_db]
OCTOBER = {"from": "2026-10-01", "to": "2026-10-31"}


@pytest.fixture
def home() -> House:
    home = house()
    for day, csat in ((date(2026, 10, 5), (5,) * 30 + (1,) * 10), (date(2026, 9, 5), (1,) * 40)):
        for one in csat:
            record(home.organisation, day, csat=one, nps=9, unit_id=home.north_1.pk)
    return home


def composite(home: House, **values: Any) -> Indicator:
    top = _add(home, "top", **values)
    _add(home, "satisfied", metric="csat", weight=3, parent=top)
    _add(home, "recommend", metric="nps", parent=top)
    actions.set_target(top, by=home.alice, value=20, now=NOW)
    return top


def _add(home: House, code: str, **values: Any) -> Indicator:
    return actions.add_indicator(by=home.alice, code=code, name=code, now=NOW, **values)


def test_the_tree_is_listed(home: House) -> None:
    composite(home)
    told = {one["code"]: one for one in Api(home.viewer).get("/indicators").json()["items"]}
    assert told["satisfied"]["parent"] == "top"
    assert (told["top"]["metric"], told["satisfied"]["metric"]) == (None, "csat")
    assert told["top"]["targets"] == [{"unit": None, "value": 20.0, "due_on": None}]
    assert Api(home.alice).get("/indicators/recommend").json()["weight"] == 1.0


def test_a_number_has_its_interval_changes_and_parts(home: House) -> None:
    composite(home)
    told = Api(home.alice).get("/indicators/top/value", **OCTOBER).json()
    assert told["row"]["value"] == pytest.approx((3 * 75 + 100) / 4)
    assert told["row"]["low"] < told["row"]["value"] < told["row"]["high"]
    assert told["delta"]["value"] == pytest.approx(3 * 75 / 4)
    assert 0 < told["delta"]["low"] < told["delta"]["value"]
    assert told["delta_year"] is None
    assert told["standing"] == "reached"
    assert [one["code"] for one in told["parts"]] == ["recommend", "satisfied"]
    assert told["rows"] == []


def test_it_is_told_by_unit_and_by_period(home: House) -> None:
    composite(home)
    asked = {"by": "unit", "interval": "month"}
    told = Api(home.alice).get("/indicators/top/value", **asked).json()["rows"]
    assert [(one["group"]["unit"], one["period"], one["n"]) for one in told] == [
        ("N-001", "2026-09", 40),
        ("N-001", "2026-10", 40),
    ]


def test_nobody_else_sees_it(home: House) -> None:
    composite(home)
    assert Api(stranger_house().charlie).get("/indicators").json()["items"] == []
    assert Api(stranger_house().charlie).get("/indicators/top").status_code == 404
    assert Api(home.alice).get("/indicators/none/value").status_code == 404
    assert Api(home.alice).get("/indicators/top/value", level="2").status_code == 422


def test_a_composite_headline_tells_its_changes(home: House) -> None:
    composite(home, is_headline=True)
    october = dashboards.headlines(
        home.selection().during(Period(date(2026, 10, 1), date(2026, 10, 31)))
    )
    (head,) = [one for one in october if one.asked.code == "top"]
    assert head.comparison.direction == 1
