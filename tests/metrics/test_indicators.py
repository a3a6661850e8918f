from __future__ import annotations

from datetime import date

import pytest

from manyi.kit.problems import Forbidden, NotFound, Problem
from manyi.metrics import actions, indicators, queries
from manyi.metrics.models import Indicator, Target
from tests.factories import NOW, House, house, stranger_house
from tests.lake.records import record

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture
def home() -> House:
    return house()


def add(home: House, code: str, **values: object) -> Indicator:
    return actions.add_indicator(by=home.alice, code=code, name=code, now=NOW, **values)


def fill(home: House) -> None:
    for n, csat, nps in ((15, 5, 10), (5, 1, 0)):
        for _ in range(n):
            record(home.organisation, csat=csat, nps=nps, unit_id=home.north_1.pk)


def test_a_composite_is_the_weighted_mean_of_its_children(home: House) -> None:
    fill(home)
    top = add(home, "top")
    add(home, "a", metric="csat", weight=3, parent=top)
    branch = add(home, "b", weight=1, parent=top)
    add(home, "b1", metric="nps", parent=branch)
    found = indicators.indicator(top, home.selection())
    # csat 75 counts three times, NPS 50 as (50 + 100) / 2 = 75 once.
    assert found.row.estimate.value == pytest.approx(75)
    assert (found.row.status, found.row.n) == ("ok", 20)
    assert [one.indicator.code for one in found.children] == ["a", "b"]
    (csat,) = queries.estimate(home.selection(), "csat")
    assert found.children[0].row.estimate == csat.estimate
    assert found.children[1].children[0].row.estimate.value == 50


def test_an_indicator_keeps_to_its_own_selection(home: House) -> None:
    fill(home)
    for _ in range(12):
        record(home.organisation, csat=1, unit_id=home.south_1.pk)
    north = add(home, "north", metric="csat", query="unit=N&from=2020-01-01")
    assert north.query == "unit=N"
    assert indicators.indicator(north, home.selection()).row.n == 20
    inside = indicators.indicator(north, home.selection(unit=("N-001",)))
    assert inside.row.n == 20
    outside = indicators.indicator(north, home.selection(unit=("S",)))
    assert (outside.row.n, outside.row.status) == (0, "too_few")
    rows = indicators.indicator_rows(north, home.selection().split(interval="month"))
    assert [(row.period, row.n) for row in rows] == [("2026-10", 20)]


def test_a_target_is_reached_only_when_the_whole_interval_is(home: House) -> None:
    fill(home)
    csat, *_ = actions.give_defaults(home.organisation)
    for value, standing in ((40, "reached"), (74, "open"), (95, "missed")):
        actions.set_target(csat, by=home.alice, value=value, now=NOW)
        assert indicators.indicator(csat, home.selection()).standing == standing
    actions.set_target(csat, by=home.alice, value=10, unit=home.north_1, now=NOW)
    found = indicators.indicator(csat, home.selection(unit=("N-001",)))
    assert found.target is not None
    assert found.target.value == 10
    assert Target.objects.count() == 2


def test_a_new_organisation_has_its_headlines_once(home: House) -> None:
    actions.give_defaults(home.organisation)
    actions.give_defaults(home.organisation)
    assert [one.code for one in indicators.headline(home.scope())] == ["csat", "nps", "ces"]


def test_the_tree_cannot_be_bent(home: House) -> None:
    top, measure = add(home, "top"), add(home, "m", metric="csat")
    below = add(home, "below", parent=top)
    refused = {
        "indicator.circle": {"row": top, "parent": below},
        "indicator.parent_measures": {"row": top, "parent": measure},
        "indicator.has_children": {"row": top, "metric": "nps"},
        "indicator.weight": {"row": below, "weight": 0},
        "indicator.code_taken": {"row": below, "code": "m"},
        "metric_unknown": {"row": below, "metric": "joy"},
        "metric_needs_item": {"row": below, "metric": "index"},
        "indicator.query": {"row": below, "query": "unti=N"},
    }
    for code, values in refused.items():
        row = Indicator.objects.get(pk=values.pop("row").pk)
        with pytest.raises(Problem, match=code):
            actions.change_indicator(row, by=home.alice, now=NOW, **values)
    top.refresh_from_db()
    assert (top.parent, top.metric) == (None, "")


def test_only_who_may_edit_does(home: House) -> None:
    row = add(home, "m", metric="csat")
    with pytest.raises(Forbidden):
        actions.change_indicator(row, by=home.bob, now=NOW, weight=2)
    with pytest.raises(NotFound):
        actions.remove_indicator(row, by=stranger_house().charlie, now=NOW)
    target = actions.set_target(row, by=home.alice, value=0, due_on=date(2027, 1, 1), now=NOW)
    actions.remove_target(target, by=home.alice, now=NOW)
    actions.remove_indicator(row, by=home.alice, now=NOW)
    assert not Indicator.objects.exists()


def test_a_hidden_child_hides_the_whole(home: House) -> None:
    for _ in range(3):
        record(home.organisation, csat=5, is_anonymous=True)
    for _ in range(20):
        record(home.organisation, nps=9)
    top = add(home, "top")
    add(home, "a", metric="csat", parent=top)
    add(home, "b", metric="nps", parent=top)
    assert indicators.indicator(top, home.selection()).row.status == "suppressed"
