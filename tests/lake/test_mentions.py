"""What texts mention is counted the same hot, copied, changed and rebuilt, as the inbox does."""

from __future__ import annotations

import pytest

from manyi.feedback import analysing, queries
from manyi.feedback.models import Reading
from manyi.kit.selection import Selection, parse
from manyi.lake import checking, remembering, writing
from manyi.lake.models import LakeFile, Superseded
from manyi.lake.queries import counts
from tests.factories import NOW, House, house, stranger_house
from tests.mentioning import mentions
from tests.voices import receive, voice

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture
def home() -> House:
    home = house()
    receive(
        home.alice,
        voice(source_ref="1", unit="N-001", verbatim="服务员态度很好，排队太久"),
        voice(source_ref="2", unit="N-001", verbatim="服务员态度很差，态度真的很差，太贵了"),
        voice(source_ref="3", unit="S-001", verbatim="服务员态度很好"),
        voice(source_ref="4", unit="S-001", verbatim=None),
    )
    analysing.analyse_waiting(now=NOW)
    return home


def said(home: House, query: str = "", facet: str = "aspect") -> dict[str, list[int]]:
    from django.http import QueryDict

    asked = parse(home.scope(), dict(QueryDict(query).lists()))
    return {
        one.aspect: [int(one.moments.n[one.moments.values == v].sum()) for v in (-1.0, 0.0, 1.0)]
        for one in mentions(asked, facet)
    }


ATTITUDE = [1, 0, 2]


def test_hot_and_cold_agree(home: House) -> None:
    hot = said(home)
    assert hot["service.attitude"] == ATTITUDE
    assert remembering.append(home.organisation.pk, NOW) == 3
    assert remembering.append(home.organisation.pk, NOW) == 0
    assert LakeFile.objects.filter(table="mentions").count() == 1
    assert said(home) == hot
    assert sum(map(sum, said(home, facet="voice").values())) == 3


def test_a_change_counts_once(home: House) -> None:
    remembering.append(home.organisation.pk, NOW)
    receive(home.alice, voice(source_ref="2", unit="N-001", verbatim="服务员态度很好"))
    assert said(home)["service.attitude"] == [0, 0, 2]  # not yet read again
    analysing.analyse_waiting(now=NOW)
    assert said(home)["service.attitude"] == [0, 0, 3]
    remembering.append(home.organisation.pk, NOW)
    assert Superseded.objects.exists()
    assert said(home)["service.attitude"] == [0, 0, 3]
    writing.rebuild(NOW)
    assert said(home)["service.attitude"] == [0, 0, 3]


@pytest.mark.parametrize(
    ("query", "n"),
    [
        ("aspect=service.attitude", 3),
        ("aspect=service", 3),
        ("aspect=service.attitude&polarity=negative", 1),
        ("aspect=service.attitude&polarity=positive&unit=S", 1),
        ("aspect=service.attitude&polarity=bad", 0),
        ("polarity=negative", None),
        ("intent=complaint", None),
        ("emotion=angry&emotion=sad", None),
        ("aspect=nothing", 0),
    ],
)
@pytest.mark.parametrize("cold", [False, True])
def test_lake_and_inbox_agree(home: House, query: str, n: int | None, cold: bool) -> None:
    from django.http import QueryDict

    if cold:
        writing.append(home.organisation.pk, NOW)
        remembering.append(home.organisation.pk, NOW)
    asked = parse(home.scope(), dict(QueryDict(query).lists()))
    in_lake = sum(one.records for one in counts(asked))
    assert in_lake == queries.records(asked).count()
    assert n is None or in_lake == n


def test_the_recount_notices_a_lost_mention(home: House) -> None:
    remembering.append(home.organisation.pk, NOW)
    assert checking.recount() == []
    Reading.objects.filter(record__source_ref="1").delete()
    assert [one.table for one in checking.recount()] == ["mentions"]


def test_units_are_told_apart_and_strangers_see_nothing(home: House) -> None:
    by_unit = mentions(Selection(home.scope(), by=("unit",)))
    found = {(one.group["unit"], one.aspect): one.moments.count for one in by_unit}
    assert found["N-001", "service.attitude"] == 2
    assert found["S-001", "service.attitude"] == 1
    assert mentions(Selection(stranger_house().scope())) == []
