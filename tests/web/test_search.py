"""The search over everything: what each member finds, and how it reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from manyi.feedback.analysing import analyse_waiting
from manyi.feedback.models import FeedbackRecord
from manyi.feedback.submit import reference
from manyi.themes import vectors
from tests.factories import NOW, House
from tests.voices import published, receive, voice
from tests.web.staff import logged_in, text

pytestmark = pytest.mark.django_db


def found(member: object, words: str, language: str = "zh-hans") -> str:
    return text(logged_in(member, language).get("/search/", {"q": words}))


def test_one_box_finds_pages_surveys_units_customers_and_voices(house: House) -> None:
    survey = published(house.alice).survey
    who = {"ref": "C-9", "name": "王小芳", "phone": "13800004321", "unit": "N-001"}
    receive(house.alice, voice(verbatim="电梯又坏了", customer=who, unit="N-001"))
    record = FeedbackRecord.objects.get()
    assert f'href="/surveys/{survey.code}/"' in found(house.alice, "满意度调查")
    store = house.north_1
    assert f'href="/standings/{store.code}/"' in found(house.alice, store.name_in("zh-Hans"))
    assert f'href="/feedback/{record.pk}/"' in found(house.alice, "电梯")
    assert f'href="/customers/{record.customer_id}/"' in found(house.alice, "4321")
    assert 'href="/settings/audit/"' in found(house.alice, "审计")
    # A page is found in the other language, too.
    assert 'href="/settings/audit/"' in found(house.alice, "audit")
    assert "没有找到" in found(house.alice, "没有这样的词")


def test_nobody_finds_what_they_may_not_see(house: House) -> None:
    who = {"ref": "C-7", "name": "钱多多", "phone": "13911112222", "unit": "S-001"}
    receive(house.alice, voice(verbatim="天河的电梯又坏了", customer=who, unit="S-001"))
    record = FeedbackRecord.objects.get()
    for member, words in (
        (house.bob, "电梯"),  # another unit's manager
        (house.bob, "钱多多"),
        (house.bob, "天河"),
        (house.external, "钱多多"),
        (house.viewer, "钱多多"),
        (house.viewer, "审计"),
    ):
        page = found(member, words)
        assert "hits-1" not in page, (member, words)
        assert str(record.pk) not in page


def test_a_reference_number_leads_to_its_record(house: House) -> None:
    receive(house.alice, voice())
    record = FeedbackRecord.objects.get()
    answer = logged_in(house.alice).get("/search/", {"q": reference(record.pk)})
    assert answer.status_code == 302
    assert answer["Location"] == f"/feedback/{record.pk}/"
    assert logged_in(house.viewer).get("/search/", {"q": "x" * 500}).status_code == 200


def test_few_of_many_are_shown_and_the_rest_is_one_step_away(house: House) -> None:
    receive(house.alice, *(voice(verbatim=f"停车难 {n}") for n in range(7)))
    page = found(house.alice, "停车", "en")
    assert page.count('class="clamp" href="/feedback/') == 5
    assert "/feedback/?q=%E5%81%9C%E8%BD%A6&amp;from=2000-01-01" in page


def test_every_page_has_the_box(house: House) -> None:
    page = text(logged_in(house.alice, "en").get("/units/"))
    assert 'role="search" aria-label="Search everything"' in page


def meant(member: object, words: str, language: str = "zh-hans") -> str:
    given = {"q": words, "how": "meaning"}
    return text(logged_in(member, language).get("/search/", given))


def test_voices_are_found_by_their_meaning(house: House, settings: Any, tmp_path: Path) -> None:
    settings.DATA = tmp_path
    said = "前台让我们等了一个多小时才办好入住"
    receive(house.alice, voice(verbatim=said, unit="S-001"), voice(verbatim="味道好极了"))
    analyse_waiting(now=NOW)
    vectors.append_new(NOW)
    href = f'href="/feedback/{FeedbackRecord.objects.get(verbatim=said).pk}/"'
    assert href not in found(house.alice, "排队等候太久")
    page = meant(house.alice, "排队等候太久")
    assert href in page and "意思相近的反馈" in page and "味道好极了" not in page
    assert href in meant(house.alice, "waiting in a queue", "en")
    assert "没有意思相近的反馈" in meant(house.alice, "？！")
    assert href not in meant(house.bob, "排队等候太久"), "bob manages the north"
    for page in (found(house.external, "等候"), meant(house.external, "等候")):
        assert "按意思" not in page and href not in page
