from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from manyi.kit.period import Period
from manyi.kit.problems import Forbidden, NotFound, Problem
from manyi.kit.scale import Scale
from manyi.metrics import actions, indicators, queries
from manyi.metrics.models import Indicator, Target
from manyi.stats import composite
from manyi.stats.moments import empty, from_cells
from manyi.surveys import actions as surveys
from manyi.surveys.queries import questionnaire
from tests.factories import NOW, House, house, stranger_house
from tests.lake.records import record
from tests.voices import published

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


def test_an_indicator_is_compared_with_the_times_before(home: House) -> None:
    october = Period(date(2026, 10, 1), date(2026, 10, 31))
    for day, csat, nps in (
        (date(2026, 10, 5), (5,) * 30 + (1,) * 10, (10,) * 20 + (3,) * 20),
        (date(2026, 9, 5), (5,) * 10 + (1,) * 30, (10,) * 10 + (3,) * 30),
    ):
        for one, two in zip(csat, nps, strict=True):
            record(home.organisation, day, csat=one, nps=two)
    top = add(home, "top")
    add(home, "a", metric="csat", weight=3, parent=top)
    add(home, "b", metric="nps", parent=top)
    found = indicators.indicator_compared(top, home.selection().during(october))
    assert found.row.estimate.value == pytest.approx((3 * 75 + 50) / 4)
    assert found.delta is not None
    assert found.delta.value == pytest.approx((3 * 50 + 25) / 4)
    assert found.delta.low is not None
    assert 0 < found.delta.low < found.delta.value
    assert found.delta_year is None
    (csat,) = queries.compare(home.selection().during(october), "csat")
    assert found.children[0].delta == csat.delta
    assert found.children[0].row == csat.current
    plain = indicators.indicator(top, home.selection().during(october))
    assert (plain.row, plain.delta) == (found.row, None)


def test_the_same_people_make_a_change_of_the_whole_surer(home: House) -> None:
    now, before = (
        [from_cells([1.0, 5.0] * 40, list(range(40)) * 2, sums, n_customers=40)]
        for sums in ([1, 3] * 40, [1, 2] * 40)
    )
    leaves = [[composite.Leaf(1.0, one[0], "csat", Scale(1, 5))] for one in (now, before)]
    change = composite.change(*leaves)
    alone = composite.combine(leaves[0]).half_width + composite.combine(leaves[1]).half_width
    assert change.value == pytest.approx(75 - 200 / 3)
    assert change.half_width <= alone
    gone = composite.change(leaves[0], [replace(leaves[1][0], moments=empty())])
    assert (gone.value, gone.warnings[0].code) == (None, "composite_child_missing")


def test_a_survey_says_which_answers_are_satisfied(home: House) -> None:
    survey = published(home.alice, "csat").survey
    rated = next(x for x in questionnaire(survey.current).questions() if x.metric == "csat")
    definition = replaced(survey.current.definition, rated.code, top_box=[5])
    surveys.update_draft(by=home.alice, survey=survey, definition=definition, now=NOW)
    surveys.publish(by=home.alice, survey=survey, now=NOW)
    for score, n in ((5, 6), (4, 8), (1, 6)):
        for _ in range(n):
            record(
                home.organisation,
                survey_id=survey.pk,
                scores=((rated.item, "csat", 1, 5, score),),
            )
    mine = home.selection(survey=(survey.code,))
    (own,) = queries.estimate(mine, "csat", rated.item)
    assert own.estimate.value == pytest.approx(30)
    (all_,) = queries.estimate(home.selection(), "csat", rated.item)
    assert all_.estimate.value == pytest.approx(70)
    (again,) = queries.compare(
        mine.during(Period(date(2026, 10, 1), date(2026, 10, 31))), "csat", rated.item
    )
    assert again.current.estimate.value == own.estimate.value


def replaced(definition: dict[str, object], code: str, **values: object) -> dict[str, object]:
    """Return a definition with some settings of one question changed."""
    if isinstance(definition, list):
        return [replaced(one, code, **values) for one in definition]
    if not isinstance(definition, dict):
        return definition
    own = {key: replaced(one, code, **values) for key, one in definition.items()}
    return {**own, **values} if own.get("code") == code and "kind" in own else own
