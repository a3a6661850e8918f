"""Answering a survey with nothing but HTML."""

from __future__ import annotations

import pytest

from manyi.feedback.models import Answer, FeedbackRecord, Score
from tests.factories import House
from tests.respond.surveying import EVERY_KIND, SHORT, Browser, publish

pytestmark = pytest.mark.django_db


def answers() -> dict[str, object]:
    rows = Answer.objects.values_list("question", "code", "number", "text")
    return {q: code or (text if number is None else number) for q, code, number, text in rows}


def test_getting_the_page_stores_nothing_and_sets_no_cookie(house: House) -> None:
    browser = Browser(publish(house, SHORT).code).open("?nps=9&source=mail")
    assert browser.response.status_code == 200
    assert browser.response["Cache-Control"] == "no-store"
    assert not browser.response.cookies
    assert not FeedbackRecord.objects.exists()


def test_a_happy_customer_answers_two_pages(house: House) -> None:
    browser = Browser(publish(house, SHORT).code).open()
    assert "3 questions left" in browser.html or "2 questions left" in browser.html
    browser.press(q_nps=0)
    browser.press(q_reason=["late", "other"], q_reason__text="不接电话")
    assert "You gave 0. Anything else?" in browser.html
    browser.press(q_comment="等了四十分钟")
    assert "We read every word." in browser.html
    record = FeedbackRecord.objects.get()
    assert record.completed_at is not None
    assert record.verbatim == "不接电话\n等了四十分钟"
    assert Score.objects.get().value == 0
    assert not browser.client.cookies


def test_each_page_is_kept_as_it_is_sent(house: House) -> None:
    browser = Browser(publish(house, SHORT).code).open().press(q_nps=9)
    record = FeedbackRecord.objects.get()
    assert record.completed_at is None
    assert answers() == {"nps": 9}
    assert "Anything else?" in browser.html  # nobody who is happy is asked what went wrong


def test_a_missing_answer_is_said_at_the_question_and_above(house: House) -> None:
    browser = Browser(publish(house, SHORT).code).open().press()
    assert browser.response.status_code == 422
    assert 'href="#q-nps"' in browser.html and 'id="e-nps"' in browser.html
    assert 'aria-describedby="e-nps"' in browser.html
    assert not FeedbackRecord.objects.exists()


def test_back_shows_what_was_sent_and_keeps_what_was_typed(house: House) -> None:
    browser = Browser(publish(house, SHORT).code).open().press(q_nps=9)
    browser.press("back", q_comment="half a sent")
    assert ("q.nps", "9") in browser.form.fields
    browser.press()
    assert ("q.comment", "half a sent") in browser.form.fields
    assert FeedbackRecord.objects.count() == 1


def test_a_changed_answer_changes_the_way(house: House) -> None:
    browser = Browser(publish(house, SHORT).code).open().press(q_nps=2)
    browser.press(q_reason=["late"])
    browser.press("back").press("back").press(q_nps=10)
    browser.press(q_comment="fine")
    assert answers() == {"nps": 10, "comment": "fine"}
    assert FeedbackRecord.objects.get().completed_at is not None


def test_double_clicks_and_retries_store_one(house: House) -> None:
    browser = Browser(publish(house, SHORT).code).open()
    first = browser.data(q_nps=9)
    browser.send(first).send(first)
    assert "Anything else?" in browser.html
    last = browser.data(q_comment="once")
    browser.send(last)
    thanked = browser.html
    browser.send(last)
    assert "We read every word." in browser.html
    assert browser.html.split("<b>")[1][:15] == thanked.split("<b>")[1][:15]
    assert FeedbackRecord.objects.count() == 1 and Answer.objects.count() == 2


def test_every_kind_of_question_is_answered(house: House) -> None:
    browser = Browser(publish(house, EVERY_KIND).code).open()
    browser.press(
        q_overall=5, q_numbers="na", q_stars=3, q_worded=2, q_nps=10, q_effort=7, q_ten=10
    )
    assert browser.response.status_code == 200
    browser.press(
        q_channel="other",
        q_channel__text="微信",
        q_used=["repair", "parcel"],
        q_aspects__clean=1,
        q_aspects__lift="na",
        q_where__pay="app",
    )
    browser.press(
        q_years="１２", q_since="2026-10-01", q_building="3 号楼", q_comment="好", q_agree="1"
    )
    assert "Your reference number" in browser.html
    rows = set(Answer.objects.values_list("question", "row", "code", "number", "text"))
    assert ("numbers", "", "na", None, "") in rows
    assert ("channel", "", "other", None, "微信") in rows
    assert ("aspects", "clean", "", 1.0, "") in rows
    assert ("aspects", "lift", "na", None, "") in rows
    assert ("where", "pay", "app", None, "") in rows
    assert ("years", "", "", 12.0, "") in rows
    assert ("agree", "", "yes", None, "") in rows
    consent = FeedbackRecord.objects.get().consent
    assert consent is not None and consent["given"] == {"agree": True}


def test_what_was_typed_is_shown_again_after_a_problem(house: House) -> None:
    browser = Browser(publish(house, EVERY_KIND).code).open()
    browser.press(q_overall=5).press(q_aspects__clean=2, q_used=["repair", "none"])
    assert browser.response.status_code == 422
    assert {("q.aspects.clean", "2"), ("q.used", "repair")} <= set(browser.form.fields)
    browser.press(q_used=["repair"]).press(q_years="a few", q_comment="</textarea><b>x")
    assert ("q.years", "a few") in browser.form.fields
    assert "<b>x" not in browser.html


def test_consent_is_asked_for_before_it_ends(house: House) -> None:
    browser = Browser(publish(house, EVERY_KIND).code).open().press(q_overall=5).press()
    browser.press()
    assert "Please tick this box to go on." in browser.html
    assert FeedbackRecord.objects.get().completed_at is None
