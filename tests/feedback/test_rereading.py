"""Another taxonomy: old numbers stand until every text is read again; then all change at once."""

from __future__ import annotations

import pytest

from manyi.feedback import analysing, rereading, taxonomy
from manyi.feedback.models import Finding, TaxonomyVersion
from manyi.kit.problems import Forbidden, Problem
from manyi.kit.selection import Selection
from manyi.lake import remembering
from tests.factories import NOW, House, house
from tests.mentioning import mentions
from tests.voices import receive, voice

pytestmark = [pytest.mark.django_db, pytest.mark.db]
OWN = [{"code": "store.robot", "name": {"zh-Hans": "机器人", "en": "Robot"}, "words": ["机器人"]}]


@pytest.fixture
def home() -> House:
    home = house()
    receive(home.alice, *(voice(verbatim="送餐机器人太慢了，态度很好") for _ in range(3)))
    analysing.analyse_waiting(now=NOW)
    return home


def seen(home: House) -> dict[str, int]:
    return {one.aspect: one.moments.count for one in mentions(Selection(home.scope()))}


def test_the_numbers_change_at_the_end(home: House) -> None:
    remembering.append(home.organisation.pk, NOW)
    before = seen(home)
    assert "store.robot" not in before
    row = rereading.choose(by=home.alice, pack_code="restaurant", own=OWN, now=NOW)
    assert (row.number, row.total) == (1, 3)
    assert seen(home) == before
    receive(home.alice, voice(verbatim="机器人很可爱"))  # read by both generations meanwhile
    analysing.analyse_waiting(now=NOW)
    assert "store.robot" not in seen(home)
    assert rereading.work_on_next(now=NOW) == 5  # four texts and the switch
    assert rereading.work_on_next(now=NOW) == 0
    assert seen(home)["store.robot"] == 4
    remembering.append(home.organisation.pk, NOW)
    assert seen(home)["store.robot"] == 4
    assert rereading.drop_old(now=NOW) == 4
    assert rereading.drop_old(now=NOW) == 0
    assert set(Finding.objects.values_list("generation", flat=True)) == {1}
    assert taxonomy.names(home.organisation.pk, "en")["store.robot"] == "Robot"


def test_one_rereading_at_a_time_and_by_an_owner(home: House) -> None:
    with pytest.raises(Forbidden):
        rereading.choose(by=home.analyst, pack_code="hotel", own=(), now=NOW)
    rereading.choose(by=home.alice, pack_code="hotel", own=(), now=NOW)
    with pytest.raises(Problem) as refused:
        rereading.choose(by=home.alice, pack_code="bank", own=(), now=NOW)
    assert refused.value.code == "taxonomy.under_way"
    assert TaxonomyVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("own", "code"),
    [
        ([{"code": "Bad Code", "name": {"en": "x"}, "words": ["x"]}], "taxonomy.code_invalid"),
        ([*OWN, *OWN], "taxonomy.code_twice"),
        ([{"code": "a.b", "name": {}, "words": ["x"]}], "taxonomy.name_missing"),
        ([{"code": "a.b", "name": {"en": "x"}, "words": ["x" * 61]}], "taxonomy.words_long"),
    ],
)
def test_what_is_wrong_is_named(own: list[dict[str, object]], code: str) -> None:
    with pytest.raises(Problem) as refused:
        rereading.check(own)
    assert [e.code for e in refused.value.errors] == [code]
