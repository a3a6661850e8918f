"""Answering a survey page by page or at once: one submission is one record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from manyi.feedback import submit
from manyi.feedback.models import Answer, FeedbackRecord
from manyi.surveys.models import SurveyVersion
from tests.factories import NOW, House, house
from tests.voices import published

pytestmark = [pytest.mark.django_db, pytest.mark.db]
CONTEXT = submit.Context(language="zh-Hans", unit="N-001", source="poster")


@pytest.fixture
def home() -> House:
    return house()


@pytest.fixture
def version(home: House) -> SurveyVersion:
    return published(home.alice)


def send(
    version: SurveyVersion, page: str, raw: dict[str, object], **more: object
) -> submit.Submitted:
    return submit.submit_page(
        version,
        "sub-00000001",
        page,
        raw,
        context=CONTEXT,
        now=NOW + timedelta(**more),  # type: ignore[arg-type]
    )


def test_pages_are_kept_as_they_are_sent(version: SurveyVersion) -> None:
    first = send(version, "overall", {"overall": 1})
    assert (first.next_page, first.is_complete, first.is_new) == ("why", False, True)
    record = FeedbackRecord.objects.get()
    assert (record.completed_at, record.unit.code) == (None, "N-001")  # type: ignore[union-attr]
    assert record.attributes == {"source": "poster"}
    send(version, "why", {"reasons": ["slow", "other"]})
    assert (
        send(version, "why", {"reasons": {"codes": ["other"], "other": "电梯"}}).next_page
        == "words"
    )
    done = send(version, "words", {"comment": "请修好"}, seconds=40)
    assert done.is_complete
    record.refresh_from_db()
    assert record.completed_at is not None
    assert record.verbatim == "电梯\n请修好"
    assert record.meta["seconds"] == 40
    assert list(record.scores.values_list("item", "metric", "value")) == [("overall", "csat", 1.0)]


def test_a_retry_stores_one(version: SurveyVersion) -> None:
    for _ in range(3):
        send(version, "overall", {"overall": 5})
    last = [send(version, "words", {}) for _ in range(2)]
    assert last[0].is_complete
    assert last[1].is_complete
    assert last[0].reference == last[1].reference
    assert FeedbackRecord.objects.count() == 1
    assert Answer.objects.count() == 1


def test_going_back_drops_answers_off_the_path(version: SurveyVersion) -> None:
    send(version, "overall", {"overall": 1})
    send(version, "why", {"reasons": ["slow"]})
    assert send(version, "overall", {"overall": 5}).next_page == "words"
    assert send(version, "words", {}).is_complete
    assert list(Answer.objects.values_list("question", flat=True)) == ["overall"]


def test_a_finished_response_changes_no_more(version: SurveyVersion) -> None:
    send(version, "overall", {"overall": 5})
    send(version, "words", {})
    assert send(version, "overall", {"overall": 1}).is_complete
    assert Answer.objects.get().number == 5


def test_problems_store_nothing(version: SurveyVersion) -> None:
    found = send(version, "overall", {})
    assert [(p.pointer, p.code) for p in found.problems] == [("overall", "required")]
    assert not FeedbackRecord.objects.exists()


def test_a_required_question_cannot_be_jumped_over(version: SurveyVersion) -> None:
    assert send(version, "words", {"comment": "跳过了"}).next_page == "overall"
    assert FeedbackRecord.objects.get().completed_at is None


def test_a_whole_response_at_once(version: SurveyVersion) -> None:
    def all_at_once(values: dict[str, object]) -> submit.Submitted:
        return submit.submit_all(version, "sub-00000002", values, context=CONTEXT, now=NOW)

    assert all_at_once({}).problems[0].code == "required"
    first, again = all_at_once({"overall": 5}), all_at_once({"overall": 5})
    assert (first.is_new, again.is_new) == (True, False)
    assert first.record_id == again.record_id


def test_an_answer_begun_on_an_old_version_ends_on_it(home: House, version: SurveyVersion) -> None:
    from manyi.surveys import actions

    send(version, "overall", {"overall": 5})
    changed = dict(version.definition)
    changed["pages"] = [p for p in changed["pages"] if p["code"] != "words"]
    actions.update_draft(by=home.alice, survey=version.survey, definition=changed, now=NOW)
    newer = actions.publish(by=home.alice, survey=version.survey, now=NOW)
    assert newer.number == 2
    assert send(newer, "words", {"comment": "好"}).is_complete
    assert FeedbackRecord.objects.get().version_id == version.pk


def test_a_reference_is_read_back() -> None:
    assert submit.record_id_of(submit.reference(123456789012345)) == 123456789012345
    assert submit.record_id_of("not one") is None


def test_an_open_response_is_read_back(version: SurveyVersion) -> None:
    assert submit.open_response(version, "sub-00000001") is None
    send(version, "overall", {"overall": 3})
    found = submit.open_response(version, "sub-00000001")
    assert found is not None
    assert (found.answers, found.is_complete) == ({"overall": 3}, False)


def test_the_notice_that_was_shown_is_on_record(home: House) -> None:
    from manyi.packs.templates import template
    from manyi.surveys import actions

    notice = {"zh-Hans": "我们仅将您的回答用于改进服务。", "en": "We use your answers to improve."}
    made = actions.create(
        by=home.alice, definition={**template("csat"), "consent_notice": notice}, now=NOW
    )
    told = actions.publish(by=home.alice, survey=made, now=NOW)
    send(told, "overall", {"overall": 5})
    consent = FeedbackRecord.objects.get().consent
    assert consent["version"] == str(told.pk)
    assert (consent["purpose"], consent["language"], consent["channel"]) == (
        "feedback",
        "zh-Hans",
        "web",
    )
