"""Vectors follow what people say: new, changed, erased and lost texts; and the search by them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from manyi.accounts.permissions import scope
from manyi.customers.actions import request_erasure
from manyi.customers.models import Customer, ErasureRequest
from manyi.feedback.analysing import analyse_waiting
from manyi.feedback.models import FeedbackRecord
from manyi.kit.selection import Selection
from manyi.text import meaning
from manyi.themes import shelf, vectors
from manyi.themes.models import VectorFile, VectorMark
from manyi.themes.similar import in_order, similar
from manyi.upkeep.erasure import erase_due
from tests.factories import NOW, House, stranger_house
from tests.voices import receive, voice

pytestmark = [pytest.mark.django_db, pytest.mark.db]

WAITING = "前台让我们等了一个多小时才办好入住"
REFUND = "申请退款三次都不给退钱"
BATTERY = "手机电池不耐用，一天要充三次电"
ENGLISH = "They refused to refund my money"
SAID = (WAITING, REFUND, BATTERY, ENGLISH)


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Any) -> None:
    settings.DATA = tmp_path


def said(home: House, *texts: str, **values: Any) -> None:
    for n, text in enumerate(texts):
        receive(home.alice, voice(verbatim=text, source_ref=f"S-{n}", **values))
    analyse_waiting(now=NOW)
    vectors.append_new(NOW)


def rows(home: House) -> shelf.Rows:
    return shelf.together(shelf.parts(home.organisation.pk, meaning.version()))


def found(member: Any, words: str, **where: Any) -> list[str]:
    wanted = Selection(scope(member)).narrowed(**where)
    return [r.verbatim for r in in_order(wanted, similar(wanted, words))]


def test_each_text_has_one_vector_and_the_second_turn_does_nothing(house: House) -> None:
    said(house, *SAID)
    assert sorted(rows(house).records) == sorted(
        FeedbackRecord.objects.values_list("pk", flat=True)
    )
    assert vectors.append_new(NOW) == vectors.tidy(NOW) == 0
    assert vectors.recheck(NOW) == 0


def test_the_likest_voice_comes_first_whatever_its_words(house: House) -> None:
    said(house, *SAID)
    assert found(house.alice, "排队等候太久")[0] == WAITING
    assert set(found(house.alice, "refund")[:2]) == {REFUND, ENGLISH}
    assert set(found(house.alice, "退钱")[:2]) == {REFUND, ENGLISH}
    assert found(house.alice, "battery life")[0] == BATTERY
    assert found(house.alice, "！！？") == []


def test_a_new_name_finds_itself(house: House) -> None:
    said(house, *SAID, "鲲玥柜台没有人", "The Xyloph counter was closed")
    assert found(house.alice, "鲲玥")[0] == "鲲玥柜台没有人"
    assert found(house.alice, "xyloph")[0] == "The Xyloph counter was closed"


def test_only_what_the_member_sees_is_found(house: House) -> None:
    said(house, WAITING, unit="S-001")
    charlie = stranger_house()
    assert found(house.alice, "等候") == [WAITING]
    assert found(house.bob, "等候") == [], "bob manages the north"
    assert found(charlie.charlie, "等候") == []
    assert found(house.alice, "等候", unit="N-001") == []
    assert found(house.alice, "等候", unit="S-001") == [WAITING]


def test_a_changed_text_is_found_by_what_it_says_now(house: House) -> None:
    said(house, WAITING)
    receive(house.alice, voice(verbatim=BATTERY, source_ref="S-0"))
    assert found(house.alice, "等候") == found(house.alice, "电池") == [], "not read again yet"
    analyse_waiting(now=NOW)
    vectors.append_new(NOW)
    assert found(house.alice, "电池") == [BATTERY]
    assert found(house.alice, "前台等候入住") == []
    assert len(rows(house)) == 2
    assert vectors.mend(house.organisation.pk, NOW) == 1
    assert len(rows(house)) == 1 and found(house.alice, "电池") == [BATTERY]


def test_a_text_read_by_another_taxonomy_keeps_its_vector(house: House) -> None:
    said(house, WAITING)
    VectorMark.objects.update(reading=0)
    assert vectors.append_new(NOW) == 0
    assert len(rows(house)) == 1


def test_lost_files_are_made_again(house: House) -> None:
    said(house, *SAID)
    for path in shelf.folder().rglob("*.vectors"):
        path.unlink()
    shelf._mapped.cache_clear()
    assert found(house.alice, "排队等候太久") == []
    assert vectors.append_new(NOW) == len(SAID)
    assert found(house.alice, "排队等候太久")[0] == WAITING


def test_many_files_become_one_and_strays_go(house: House) -> None:
    for text in [f"{WAITING}第{n}次" for n in range(vectors.MANY)]:
        receive(house.alice, voice(verbatim=text))
        analyse_waiting(now=NOW)
        vectors.append_new(NOW)
    before = rows(house)
    (shelf.folder() / str(house.organisation.pk) / "stray.vectors").write_bytes(b"")
    assert vectors.tidy(datetime.now(UTC) + timedelta(hours=1)) == vectors.MANY + 1
    assert VectorFile.objects.count() == 1 == len(list(shelf.folder().rglob("*.*")))
    assert sorted(rows(house).records) == sorted(before.records)


def test_who_is_erased_leaves_no_vector(house: House) -> None:
    said(house, WAITING, customer={"ref": "C-1"})
    said(house, BATTERY, REFUND, customer={"ref": "C-2"}, source="other")
    customer = Customer.objects.get(ref="C-1")
    request_erasure(by=house.alice, customer=customer, now=NOW)
    assert vectors.forget_erased(NOW) == 0, "the words are still there"
    erase_due(NOW)
    assert found(house.alice, "等候入住") == []
    assert len(rows(house)) == 3
    assert vectors.forget_erased(NOW) == 0 and len(rows(house)) == 2
    assert vectors.forget_erased(NOW) == 1
    assert vectors.FLOOR in ErasureRequest.objects.get().ticks


def test_two_workers_list_a_text_once(house: House) -> None:
    receive(house.alice, voice(verbatim=WAITING))
    analyse_waiting(now=NOW)
    vectors.append_new(NOW)
    (listed,) = VectorFile.objects.all()
    assert not vectors._claim(0, 99, [VectorFile(organisation=house.organisation, path="x")])
    assert list(VectorFile.objects.all()) == [listed]
