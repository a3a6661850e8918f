"""What the lake knows to be few is found by its ids: the same records as by their moment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from manyi.accounts.permissions import scope
from manyi.feedback import analysing
from manyi.feedback.models import FeedbackRecord
from manyi.kit.selection import Selection
from manyi.lake import queries as lake
from manyi.lake import writing
from manyi.web.feedback import asked as asking
from manyi.web.feedback import inbox
from manyi.web.feedback.asked import Asked
from tests.factories import NOW, House, house
from tests.voices import receive, voice
from tests.web.numbers import answer, publish
from tests.web.staff import logged_in

pytestmark = [pytest.mark.django_db, pytest.mark.db]
FILTERS: list[dict[str, Any]] = [
    {"where": {"attribute:tier": ("gold",)}},
    {"where": {"attribute:floor": ("3", "2.5")}},
    {"where": {"attribute:member": ("true",)}},
    {"where": {"attribute:tier": ("nobody",)}},
    {"where": {"source": ("shop", "reviews")}},
    {"where": {"channel": ("app",), "unit": ("N",)}},
    {"where": {"language": ("en",)}},
    {"where": {"kind": ("complaint",)}},
    {"where": {"polarity": ("negative",)}},
    {"where": {"polarity": ("negative",), "attribute:tier": ("gold",)}},
    {"answers": {"why": ("price",)}},
]


@pytest.fixture
def home() -> House:
    home = house()
    some = [
        {"attributes": {"tier": "gold", "floor": 3}, "unit": "N-001"},
        {"attributes": {"tier": "tin", "floor": "3", "member": True}, "source": "shop"},
        {"attributes": {"floor": 2.5, "member": "true"}, "channel": "app", "unit": "N-001"},
        {"channel": "app", "unit": "S-001", "kind": "complaint", "language": "en"},
        {"verbatim": "味道很好", "kind": "complaint", "attributes": {"tier": "gold"}},
    ]
    receive(home.alice, *[voice(**some[i % 5]) for i in range(15)])
    writing.append_new(now=NOW + timedelta(days=1))
    receive(home.alice, *[voice(**one) for one in some])
    analysing.analyse_waiting(now=NOW)
    rows = list(FeedbackRecord.objects.order_by("pk"))
    # One under way, one left out: the lake tells of neither, and the inbox shows both.
    FeedbackRecord.objects.filter(pk=rows[-1].pk).update(completed_at=None)
    FeedbackRecord.objects.filter(pk=rows[-5].pk).update(lake_part=0)
    return home


@pytest.mark.parametrize("wanted", FILTERS, ids=lambda one: repr(one)[10:60])
def test_few_are_found_by_their_ids_and_are_the_same(
    home: House, wanted: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for by in (home.scope(), scope(home.bob)):
        asked = Asked(Selection(by, **wanted))
        named = asked._few()
        found = list(asked.records().values_list("pk", flat=True))
        with monkeypatch.context() as patched:
            patched.setattr(asking, "_FEW", -1)
            assert asked._few() is None
            assert list(asked.records().values_list("pk", flat=True)) == found
        assert named is not None and set(found) <= set(named)


def test_most_filters_of_the_test_find_somebody(home: House) -> None:
    empty = [one for one in FILTERS if not Asked(Selection(home.scope(), **one)).records()]
    assert empty == [FILTERS[3], FILTERS[-1]]


def test_what_has_an_index_and_what_are_many_are_not_named(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    gold = Selection(home.scope(), {"attribute:tier": ("gold",)})
    assert Asked(Selection(home.scope(), {"unit": ("N",)}))._few() is None
    assert len(lake.few_records(gold, 100) or ()) == 6
    assert lake.few_records(gold, 5) is None
    monkeypatch.setattr(asking, "_FEW", 1)
    assert Asked(gold)._few() is None


def test_a_tag_of_many_is_found_as_one_of_few(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from manyi.feedback import queries
    from manyi.feedback.models import Tag

    pks = FeedbackRecord.objects.order_by("pk").values_list("pk", flat=True)[:4]
    Tag.objects.bulk_create(Tag(record_id=pk, label="回访", by=home.alice, at=NOW) for pk in pks)
    asked = Asked(Selection(home.scope()), tags=("回访",))
    found = list(asked.records().values_list("pk", flat=True))
    assert len(found) == 4
    monkeypatch.setattr(queries, "_FEW", 3)
    assert list(asked.records().values_list("pk", flat=True)) == found


def test_where_the_lake_knows_of_more_there_are_more(home: House) -> None:
    survey = publish(home, is_anonymous=True)
    answer(survey, *[{"overall": 4}] * 2, unit="N-001", channel="app")
    answer(survey, *[{"overall": 4}] * 7, unit="N-002", channel="app")
    writing.append_new(now=NOW + timedelta(days=2))
    known = 0
    for by in (home.scope(), scope(home.bob)):
        for wanted in (*FILTERS, {"where": {"channel": ("app", "wechat")}}):
            asked = Asked(Selection(by, **wanted))
            n = asked.records().count()
            assert not asked.are_more_than(n)
            known += n > 0 and asked.are_more_than(0)
    assert known > 5
    assert not Asked(Selection(home.scope(), {"channel": ("app",)}), words="味道").are_more_than(0)


def test_a_page_of_many_is_the_same_without_counting_them(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = logged_in(home.alice)
    address = "/feedback/?from=2000-01-01&source=shop&source=reviews"
    monkeypatch.setattr(inbox, "A_PAGE", 2)
    monkeypatch.setattr(inbox, "MOST_COUNTED", 3)
    pages = {}
    for many in (False, True):
        monkeypatch.setattr(Asked, "are_more_than", lambda _asked, _n, many=many: many)
        first = client.get(address).context
        following = client.get(f"/feedback/{first['next']}").context
        pages[many] = [
            (one["total"], one["more_than"], [row["record"].pk for row in one["rows"]])
            for one in (first, following)
        ]
    assert pages[True] == pages[False]
    assert pages[True][0][:2] == (3, True)
    monkeypatch.undo()
    assert Asked(Selection(home.scope(), {"source": ("shop", "reviews")})).are_more_than(3)
