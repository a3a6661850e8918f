from __future__ import annotations

from typing import Any

import pytest

from manyi.accounts.models import AuditEntry
from manyi.kit.problems import Forbidden, NotFound, Problem
from manyi.programmes import checks, queries, wire
from manyi.programmes.actions import upsert_population
from manyi.programmes.models import Margin, Population
from manyi.surveys import actions as surveys
from tests.factories import NOW, House, house, stranger_house
from tests.voices import made

pytestmark = [pytest.mark.django_db, pytest.mark.db]
AGES = [
    {"dimension": "attribute:age", "code": "18-39", "share": 55},
    {"dimension": "attribute:age", "code": "40+", "share": "45 %"},
]
REGIONS = [
    {"dimension": "unit", "code": "N", "count": 300},
    {"dimension": "unit", "code": "S", "count": 700},
]


@pytest.fixture
def home() -> House:
    return house()


def store(home: House, margins: Any = None, **values: Any) -> str:
    return upsert_population(by=home.alice, code="all", margins=margins, now=NOW, **values)


def codes_of(rows: list[dict[str, Any]]) -> set[str]:
    with pytest.raises(Problem) as refused:
        checks.read(rows)
    return {one.code for one in refused.value.errors}


def test_a_population_is_stored_once_and_told_as_it_was_given(home: House) -> None:
    assert store(home, [*AGES, *REGIONS], name="全体客户") == "created"
    assert store(home, [*REGIONS, *AGES]) == "unchanged"
    row = queries.population_by_code(home.scope(), "all")
    shown = wire.population(row)
    assert shown["name"] == {"zh-Hans": "全体客户"}
    assert shown["margins"][1] == {"dimension": "attribute:age", "code": "40+", "share": 45}
    assert shown["margins"][2] == {"dimension": "unit", "code": "N", "count": 300}
    ages, regions = queries.known(row)
    assert (ages.counted, regions.counted) == (False, True)
    assert regions.sizes == {"N": 300, "S": 700}
    assert AuditEntry.objects.filter(action="population.create").count() == 1


def test_margins_given_again_replace_those_before(home: House) -> None:
    store(home, [*AGES, *REGIONS])
    assert store(home, AGES) == "updated"
    assert store(home, is_active=False) == "updated"
    assert Margin.objects.count() == 2
    assert not Population.objects.get().is_active


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (AGES[:1], "population.one_category"),
        ([AGES[0], {**AGES[1], "share": 40}], "population.shares_sum"),
        ([AGES[0], {**AGES[1], "share": None, "count": 5}], "population.mixed"),
        ([AGES[0], {**AGES[1], "count": 5}], "population.share_or_count"),
        ([AGES[0], {**AGES[1], "share": "many"}], "population.number"),
        ([AGES[0], {**AGES[1], "share": 120}], "population.share_range"),
        ([{**AGES[0], "share": 100}, {**AGES[1], "share": 0}], "population.share_range"),
        ([REGIONS[0], {**REGIONS[1], "count": 0}], "population.count_low"),
        ([*AGES, AGES[0]], "population.twice"),
        ([{**AGES[0], "dimension": "mood"}, AGES[1]], "dimension_unknown"),
        ([{**AGES[0], "code": " "}, AGES[1]], "field_required"),
    ],
)
def test_what_cannot_be_is_refused(rows: list[dict[str, Any]], code: str) -> None:
    assert code in codes_of(rows)


def test_units_have_to_be_there_and_apart(home: House) -> None:
    unknown = [REGIONS[0], {**REGIONS[1], "code": "W"}]
    nested = [REGIONS[0], {**REGIONS[1], "code": "N-001"}]
    for rows, code in ((unknown, "population.code_unknown"), (nested, "population.nested")):
        with pytest.raises(Problem) as refused:
            store(home, rows)
        assert [one.code for one in refused.value.errors] == [code]
    assert not Population.objects.exists()


def test_only_who_designs_surveys_may(home: House) -> None:
    for member in (home.bob, home.viewer, home.external):
        with pytest.raises(Forbidden):
            upsert_population(by=member, code="all", margins=AGES, now=NOW)


def test_populations_stay_at_home(home: House) -> None:
    store(home, AGES)
    abroad = stranger_house()
    with pytest.raises(NotFound):
        queries.population_by_code(abroad.scope(), "all")
    theirs = made(abroad.charlie)
    with pytest.raises(Problem, match=r"survey\.invalid"):
        surveys.update_draft(
            by=abroad.charlie, survey=theirs, population=Population.objects.get(), now=NOW
        )
