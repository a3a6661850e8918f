"""One record's page: what was said, by whom as far as may be told, its history and its tags."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from manyi.accounts.models import AuditEntry
from manyi.feedback import tagging
from manyi.feedback.models import FeedbackRecord, Tag
from manyi.feedback.submit import reference
from manyi.kit.problems import Problem
from tests import factories
from tests.factories import House
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


def test_one_record_says_everything_in_words(alice: Client, house: House) -> None:
    survey = published(house.alice).survey
    answer(
        survey.code,
        overall=2,
        reasons={"codes": ["slow", "other"], "other": "停车难"},
        comment="再不来了",
    )
    one = FeedbackRecord.objects.get()
    chinese = text(alice.get(f"/feedback/{one.pk}/"))
    for words in (
        "您对我们的服务满意吗",
        "不满意",
        "等待时间太长",
        "停车难",
        "再不来了",
        reference(one.pk),
    ):
        assert words in chinese
    english = text(logged_in(house.alice, "en").get(f"/feedback/{one.pk}/"))
    assert "It took too long" in english
    assert "Dissatisfied" in english


def test_anonymous_shows_only_the_day(alice: Client, house: House) -> None:
    survey = published(house.alice).survey
    answer(survey.code, unit="N-001")
    one = FeedbackRecord.objects.get()
    clock = timezone.localtime(one.occurred_at).strftime("%H:%M")
    for path in ("/feedback/", f"/feedback/{one.pk}/"):
        page = text(alice.get(path)).partition("<main")[2]
        assert clock not in page
        assert "北京朝阳店" not in page.partition("<dialog")[0]


def test_conversation_history_and_attributes(alice: Client, house: House) -> None:
    turns = [
        {"role": "customer", "at": "2026-10-30T09:30:00+08:00", "text": "暖气不热"},
        {"role": "agent", "at": "2026-10-30T09:31:00+08:00", "text": "马上派人"},
    ]
    first = voice(kind="conversation", turns=turns, attributes={"order": "88"}, verbatim="第一版")
    [one] = receive(house.alice, first)
    receive(house.alice, {**first, "verbatim": "第二版"})
    page = text(alice.get(f"/feedback/{one.record_id}/"))
    for words in ("暖气不热", "马上派人", "88", "第一版", "第二版"):
        assert words in page


def test_neighbours_stay_inside_the_filter(alice: Client, house: House) -> None:
    low_1, high, low_2 = (
        receive(house.alice, rated(v, occurred_at=f"2026-10-0{d}T09:00:00+08:00"))[0].record_id
        for v, d in ((1, 1), (5, 2), (1, 3))
    )
    page = text(alice.get(f"/feedback/{low_2}/?{EVER}&score=low"))
    assert f'rel="next" href="/feedback/{low_1}/' in page
    assert f"/feedback/{high}/" not in page
    assert f'rel="next" href="/feedback/{high}/' in text(alice.get(f"/feedback/{low_2}/?{EVER}"))


def test_tags_are_put_on_and_taken_off(alice: Client, house: House) -> None:
    [one] = receive(house.alice, voice())
    path = f"/feedback/{one.record_id}/"
    for _ in range(2):
        alice.post(f"{path}tag/", {"label": " #电梯  "})
    assert [t.label for t in Tag.objects.all()] == ["电梯"]
    assert "#电梯" in text(alice.get(f"/feedback/?{EVER}&tag=电梯"))
    alice.post(f"{path}untag/", {"label": "电梯"})
    assert not Tag.objects.exists()
    deeds = AuditEntry.objects.filter(action__in=["feedback.tag", "feedback.untag"])
    assert deeds.count() == 2
    assert "电梯" not in str(list(deeds.values()))
    viewer = logged_in(house.viewer)
    assert viewer.post(f"{path}tag/", {"label": "x"}).status_code == 403


def test_tags_have_their_limits(house: House) -> None:
    [one] = receive(house.alice, voice())
    record = FeedbackRecord.objects.get(pk=one.record_id)
    for label in ("", " # ", "长" * 41):
        with pytest.raises(Problem):
            tagging.add_tag(by=house.alice, record=record, label=label, now=factories.NOW)
    for i in range(tagging.MOST):
        tagging.add_tag(by=house.alice, record=record, label=f"t{i}", now=factories.NOW)
    with pytest.raises(Problem):
        tagging.add_tag(by=house.alice, record=record, label="more", now=factories.NOW)
    assert Tag.objects.count() == tagging.MOST


def test_partial_answers_are_marked(alice: Client, house: House) -> None:
    survey = published(house.alice).survey
    answer(survey.code)
    FeedbackRecord.objects.update(completed_at=None, is_partial=True)
    assert "badge-warn" in text(alice.get("/feedback/"))


def test_a_voice_of_a_file_with_days_alone_bears_no_time_of_day(
    alice: Client, house: House
) -> None:
    receive(house.alice, voice(verbatim="没有写几点", occurred_at="2026-10-20T00:00:00+08:00"))
    page = text(alice.get(f"/feedback/?{EVER}"))
    assert "2026年10月20日" in page and "00:00" not in page
    one = text(alice.get(f"/feedback/{FeedbackRecord.objects.get().pk}/"))
    assert "2026年10月20日" in one and "00:00" not in one
