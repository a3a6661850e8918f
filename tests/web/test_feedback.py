"""The inbox of every voice: searched, filtered, kept, walked, downloaded."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from manyi.accounts.models import SavedView
from manyi.feedback import search
from manyi.feedback.analysing import analyse_waiting
from manyi.feedback.queries import record
from manyi.feedback.search import index_waiting
from manyi.feedback.submit import reference
from manyi.feedback.tagging import add_tag
from tests import factories
from tests.factories import NOW, House
from tests.voices import answer, published, rated, receive, voice
from tests.web.staff import logged_in, text

pytestmark = [pytest.mark.django_db, pytest.mark.db]
EVER = "from=2020-01-01"


@pytest.fixture
def house() -> House:
    return factories.house()


@pytest.fixture
def alice(house: House) -> Client:
    return logged_in(house.alice)


def rows(page: str) -> int:
    return page.count('class="voice"')


def test_nobody_has_spoken_yet(alice: Client) -> None:
    assert "/surveys/" in text(alice.get("/feedback/"))


def test_newest_first_with_score_words_and_place(alice: Client, house: House) -> None:
    receive(
        house.alice,
        rated(2, verbatim="旧的", occurred_at="2026-10-01T09:00:00+08:00", unit="N-001"),
        rated(
            9, "nps", verbatim="新的", occurred_at="2026-10-20T09:00:00+08:00", touchpoint="repair"
        ),
    )
    page = text(alice.get(f"/feedback/?{EVER}"))
    assert rows(page) == 2
    assert page.index("新的") < page.index("旧的")
    assert "不满意" in page
    assert "北京朝阳店" in page
    assert "维修" in page
    assert "ramp-5" in page


def test_search_marks_what_it_found_and_escapes_the_rest(alice: Client, house: House) -> None:
    receive(
        house.alice, voice(verbatim="<script>alert(1)</script> 电梯又坏了"), voice(verbatim="很好")
    )
    page = text(alice.get(f"/feedback/?{EVER}&q=电梯"))
    assert rows(page) == 1
    assert "<mark>电梯</mark>" in page
    assert "<script>alert" not in page
    assert "&lt;<mark>script</mark>&gt;" in text(alice.get(f"/feedback/?{EVER}&q=script"))


def test_a_reference_number_leads_to_its_record(alice: Client, house: House) -> None:
    [one] = receive(house.alice, voice())
    quoted = reference(int(one.record_id or 0))
    assert alice.get(f"/feedback/?q={quoted}")["Location"] == f"/feedback/{one.record_id}/"
    charlie = logged_in(factories.stranger_house().charlie)
    assert charlie.get(f"/feedback/?q={quoted}").status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 4),
        ("score=low", 1),
        ("score=middle", 1),
        ("score=high", 2),
        ("index_lte=20", 1),
        ("metric=nps", 1),
        ("kind=complaint", 1),
        ("channel=chat", 1),
        ("source=helpdesk", 1),
        ("unit=N", 1),
        ("unit=N-002", 0),
        ("text=1", 3),
        ("attribute:tier=gold", 1),
        ("language=en", 1),
        ("tag=电梯", 0),
        ("from=2026-10-30&to=2026-10-30", 4),
        ("to=2026-10-01", 0),
    ],
)
def test_filters(alice: Client, house: House, query: str, found: int) -> None:
    receive(
        house.alice,
        rated(1, kind="complaint", unit="N-001"),
        rated(3, channel="chat", language="en"),
        rated(5, source="helpdesk", attributes={"tier": "gold"}),
        rated(10, "nps", verbatim=None),
    )
    response = alice.get(f"/feedback/?{query}" if "from" in query else f"/feedback/?{EVER}&{query}")
    page = text(response)
    assert response.status_code == 200
    assert rows(page) == found
    if query and not query.startswith(("unit", "from", "to")):
        assert 'class="chip"' in page


def test_bad_filters_are_named(alice: Client) -> None:
    assert alice.get("/feedback/?from=soon").status_code == 400
    assert alice.get("/feedback/?index_lte=x").status_code == 400
    assert alice.get("/feedback/?unit=nowhere").status_code == 404


def test_an_attribute_is_added_as_a_filter(alice: Client) -> None:
    led = alice.get("/feedback/?attribute=tier&value=gold&score=low&unit=N")
    assert led["Location"] == "?score=low&unit=N&attribute%3Atier=gold"


def test_one_walk_finds_the_page_and_counts(
    alice: Client, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "RARE", 5)
    receive(house.alice, *(voice(verbatim=f"排队第{i}条") for i in range(60)))
    index_waiting()
    with CaptureQueriesContext(connection) as asked:
        page = text(alice.get(f"/feedback/?{EVER}&q=排队"))
    assert rows(page) == 50 and "60 条" in page
    # How many hold the words, roughly; then the walk.
    assert sum(search.TABLE in q["sql"] for q in asked.captured_queries) == 2


def test_walking_reaches_every_record_once(alice: Client, house: House) -> None:
    same = "2026-10-20T09:00:00+08:00"
    receive(house.alice, *(voice(verbatim=f"第{i}条", occurred_at=same) for i in range(120)))
    seen: list[str] = []
    path = f"/feedback/?{EVER}"
    for _ in range(4):
        page = text(alice.get(path))
        seen += re.findall(r"第(\d+)条", page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        if following is None:
            break
        path = "/feedback/" + following[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 120
    back = re.search(r'rel="prev" href="([^"]+)"', page)
    assert back is not None
    before = text(alice.get("/feedback/" + back[1].replace("&amp;", "&")))
    assert re.findall(r"第(\d+)条", before) == seen[50:100]


def test_views_are_kept_for_their_member_alone(alice: Client, house: House) -> None:
    saved = alice.post("/feedback/views/", {"name": "差评", "query": "?score=low&cursor=5&unit=N"})
    assert saved["Location"] == "/feedback/?score=low&unit=N"
    receive(house.alice, voice())
    assert "差评" in text(alice.get("/feedback/"))
    view = SavedView.objects.get()
    bob = logged_in(house.bob)
    assert bob.post(f"/feedback/views/{view.pk}/drop/").status_code == 404
    assert alice.post(f"/feedback/views/{view.pk}/drop/").status_code == 302
    assert not SavedView.objects.exists()
    alice.post("/feedback/views/", {"name": "", "query": "score=low"})
    assert not SavedView.objects.exists()


def test_new_voices_are_announced(alice: Client, house: House) -> None:
    receive(house.alice, voice())
    page = text(alice.get(f"/feedback/?{EVER}&score=low"))
    watch = re.search(r'hx-get="([^"]+)"', page)
    assert watch is not None
    path = watch[1].replace("&amp;", "&")
    assert "<a" not in text(alice.get(path))
    receive(house.alice, rated(1), rated(5))
    said = text(alice.get(path))
    assert "1 条新反馈" in said
    assert "score=low" in said
    assert "since" not in said


def test_bob_sees_his_region_and_a_stranger_nothing(house: House) -> None:
    north, south = receive(
        house.alice, voice(unit="N-001", verbatim="北边"), voice(unit="S-001", verbatim="南边")
    )
    page = text(logged_in(house.bob).get(f"/feedback/?{EVER}"))
    assert "北边" in page
    assert "南边" not in page
    assert logged_in(house.bob).get(f"/feedback/{south.record_id}/").status_code == 404
    charlie = logged_in(factories.stranger_house().charlie)
    assert rows(text(charlie.get(f"/feedback/?{EVER}"))) == 0
    assert charlie.get(f"/feedback/{north.record_id}/").status_code == 404
    assert charlie.post(f"/feedback/{north.record_id}/tag/", {"label": "x"}).status_code == 404


def test_an_external_analyst_reads_masked_words_alone(house: House) -> None:
    said = voice(
        verbatim="我叫王小明，电话13812345678，维修太慢",
        source_ref="ORDER-77",
        attributes={"remark": "13900001111"},
        turns=[{"role": "customer", "text": "我是赵秘密"}],
        customer={"ref": "C-9", "name": "王芳"},
    )
    [one] = receive(house.alice, said)
    add_tag(by=house.alice, record=record(house.scope(), one.record_id), label="老王", now=NOW)
    eve = logged_in(house.external)
    path, everywhere = f"/feedback/{one.record_id}/", f"/feedback/?{EVER}"
    assert "维修太慢" not in text(eve.get(path))  # not read yet: nothing is shown
    analyse_waiting(now=NOW)
    assert "维修太慢" in text(eve.get(path))
    table = b"".join(eve.get(f"{everywhere}&format=csv").streaming_content).decode()
    seen = [text(eve.get(path)), text(eve.get(everywhere)), table]
    for secret in ("王小明", "1381234", "ORDER-77", "1390000", "赵秘密", "王芳", "C-9", "老王"):
        assert [page for page in seen if secret in page] == []


def test_an_external_analyst_finds_by_masked_words_alone(house: House) -> None:
    receive(house.alice, voice(verbatim="我叫王小明，电话13812345678，维修太慢"))
    analyse_waiting(now=NOW)
    eve = logged_in(house.external)
    index_waiting()
    for words, shown in (("维修", True), ("王小明", False), ("13812345678", False)):
        assert ("太慢" in text(eve.get(f"/feedback/?{EVER}&q={words}"))) == shown


def test_a_viewer_reads_without_names(house: House) -> None:
    who = {"ref": "CARD 900-7781", "name": "王芳", "phone": "13800000000"}
    [one] = receive(house.alice, voice(customer=who))
    path = f"/feedback/{one.record_id}/"
    assert "王芳" in text(logged_in(house.alice).get(path))
    for seen_at in (path, f"/feedback/?{EVER}"):
        seen = text(logged_in(house.viewer).get(seen_at))
        assert "王芳" not in seen
        assert "CARD 900-7781" not in seen
    body = logged_in(house.viewer).get(f"/feedback/?{EVER}&format=csv")
    assert "王芳" not in b"".join(body.streaming_content).decode()  # type: ignore[attr-defined]


def test_a_unit_filter_does_not_name_the_unit_of_a_few(alice: Client, house: House) -> None:
    survey = published(house.alice).survey
    answer(survey.code, 4, unit="N-001")
    assert rows(text(alice.get("/feedback/?unit=N-001"))) == 0
    answer(survey.code, 1, unit="N-001")
    assert rows(text(alice.get("/feedback/?unit=N-001"))) == 5


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_filtered_list_downloads(alice: Client, house: House, form: str) -> None:
    receive(house.alice, rated(1, verbatim="=1+1"), rated(5, verbatim="很好"))
    response = alice.get(f"/feedback/?{EVER}&score=low&format={form}")
    body = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    if form == "xlsx":
        assert body[:2] == b"PK"
        return
    assert body[:3] == b"\xef\xbb\xbf"
    assert "'=1+1" in body.decode()
    assert "很好" not in body.decode()
    assert logged_in(house.agent).get("/feedback/?format=csv").status_code == 403


def test_the_default_period_ends_today(alice: Client, house: House) -> None:
    old = (timezone.now() - timedelta(days=120)).isoformat()
    receive(house.alice, voice(occurred_at=old), now=timezone.now())
    page = text(alice.get("/feedback/"))
    assert rows(page) == 0
    assert "from=2000-01-01" in page


def test_single_answers_are_offered_for_what_an_export_knows(house: House) -> None:
    receive(house.alice, voice())
    alice = logged_in(house.alice)
    page = alice.get("/feedback/?unit=N&from=2026-10-01&to=2026-10-31")
    offered = [item["href"] for item in page.context["downloads"] if "format=sav" in item["href"]]
    assert len(offered) == 1
    assert "unit=N" in offered[0] and "from=2026-10-01" in offered[0]
    assert alice.get(offered[0])["Content-Type"] == "application/x-spss-sav"
    for narrowed in ("q=排队", "score=low"):
        page = alice.get(f"/feedback/?{narrowed}&from=2026-10-01")
        assert not [i for i in page.context["downloads"] if "format=sav" in i["href"]], narrowed
