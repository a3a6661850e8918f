"""Who may answer when, in which language, from which link; and what no form of ours sends."""

from __future__ import annotations

import gzip
import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manyi.base.writer import writer
from manyi.feedback.models import Answer, FeedbackRecord
from manyi.kit.problems import Busy
from manyi.respond import ticket
from manyi.surveys import actions, limits, queries
from tests.factories import House
from tests.respond.surveying import EVERY_KIND, NOW, SHORT, Browser, publish, text

pytestmark = pytest.mark.django_db


def test_an_unknown_code_and_a_draft_look_alike(house: House) -> None:
    draft = actions.create(by=house.alice, definition=SHORT, now=NOW)
    for code in ("nosuchcode", draft.code):
        browser = Browser(code).open()
        assert browser.response.status_code == 404
        assert "There is no survey here" in browser.html


def test_a_closed_survey_takes_nothing(house: House) -> None:
    survey = publish(house, SHORT, closed_text=text("下次再见", "See you next time"))
    browser = Browser(survey.code).open()
    actions.close(by=house.alice, survey=survey, now=NOW)
    browser.press(q_nps=9)
    assert browser.response.status_code == 409
    assert "See you next time" in browser.html
    assert not FeedbackRecord.objects.exists()
    assert browser.open().response.status_code == 200


def test_before_and_after_its_time(house: House) -> None:
    survey = publish(house, SHORT, opens_at=timezone.now() + timedelta(days=1))
    assert "This survey opens on" in Browser(survey.code).open().html
    past = timezone.now() - timedelta(hours=1)
    actions.update_draft(by=house.alice, survey=survey, now=NOW, opens_at=None, closes_at=past)
    assert "This survey is closed" in Browser(survey.code).open().html


def test_a_full_survey_lets_those_finish_who_began(house: House) -> None:
    survey = publish(house, SHORT, response_limit=1)
    begun = Browser(survey.code).open().press(q_nps=8)
    late = Browser(survey.code).open()
    Browser(survey.code).open().press(q_nps=9).press()
    assert "has all the answers it needs" in late.press(q_nps=3).html
    assert "has all the answers it needs" in Browser(survey.code).open().html
    assert "We read every word." in begun.press(q_comment="in time").html
    assert FeedbackRecord.objects.count() == 2


def test_the_language_is_asked_for_accepted_or_the_first(house: House) -> None:
    code = publish(house, SHORT).code
    assert '<html lang="en">' in Browser(code).open().html
    assert '<html lang="zh-Hans">' in Browser(code).open("?lang=zh-CN").html
    assert '<html lang="zh-Hans">' in Browser(code, headers={"Accept-Language": "fr"}).open().html
    wanted = {"Accept-Language": "fr, zh-CN;q=0.8, en;q=0.5"}
    assert "维修服务回访" in Browser(code, headers=wanted).open().html


def test_switching_the_language_keeps_what_was_typed_and_stores_nothing(house: House) -> None:
    browser = Browser(publish(house, SHORT).code).open()
    browser.press("lang:zh-Hans", q_nps=4)
    assert "维修服务回访" in browser.html and ("q.nps", "4") in browser.form.fields
    assert not FeedbackRecord.objects.exists()
    browser.press()
    assert FeedbackRecord.objects.get().language == "zh-Hans"


def test_a_link_chooses_beforehand_and_carries_its_place(house: House) -> None:
    survey = publish(house, SHORT)
    browser = Browser(survey.code).open(
        "?nps=3&order=A-88&unit=N-001&touchpoint=repair&agent=A-1&source=mail"
    )
    assert ("q.nps", "3") in browser.form.fields
    browser.press()
    record = FeedbackRecord.objects.get()
    assert (record.unit, record.touchpoint, record.agent) == (
        house.north_1,
        house.repair,
        house.agent_1,
    )
    assert record.attributes == {"order": "A-88", "source": "mail"}


def test_a_unit_that_does_not_exist_is_noted_not_stored(house: House) -> None:
    Browser(publish(house, SHORT).code).open("?unit=NOWHERE").press(q_nps=10)
    record = FeedbackRecord.objects.get()
    assert record.unit is None and record.meta["unit_unknown"] == "NOWHERE"


def test_who_began_with_a_version_ends_with_it(house: House) -> None:
    survey = publish(house, SHORT)
    browser = Browser(survey.code).open()
    changed = json.loads(json.dumps(SHORT))
    changed["pages"][0]["questions"][0]["title"] = text("换了", "Changed")
    actions.update_draft(by=house.alice, survey=survey, now=NOW, definition=changed)
    actions.publish(by=house.alice, survey=survey, now=NOW)
    assert "Changed" in Browser(survey.code).open().html
    browser.press(q_nps=9).press()
    assert FeedbackRecord.objects.values_list("version__number", flat=True).get() == 1


# ── forms that are not ours, too old, too many ────────────────────────────────────────────


def test_a_forged_token_is_refused_and_the_answers_are_kept_on_the_page(house: House) -> None:
    browser = Browser(publish(house, SHORT).code).open()
    data = browser.data(q_nps=7)
    token = data["token"][0]
    for forged in ("", "x", token[:-2] + "AA", token + "A", "A" * 300_000):
        browser.send({**data, "token": [forged]})
        assert browser.response.status_code == 400
        assert ("q.nps", "7") in browser.form.fields
    assert not FeedbackRecord.objects.exists()
    assert "Anything else?" in browser.press().html


def test_a_token_of_another_survey_is_refused(house: House) -> None:
    one, other = publish(house, SHORT), publish(house, SHORT)
    token = Browser(other.code).open().data()["token"]
    browser = Browser(one.code).open()
    browser.send({**browser.data(q_nps=7), "token": token})
    assert browser.response.status_code == 400


def test_a_form_of_last_week_says_so_and_is_taken_the_second_time(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(publish(house, SHORT).code).open()
    monkeypatch.setattr(ticket, "VALID_SECONDS", -1)
    browser.press(q_nps=7)
    assert browser.response.status_code == 400
    assert "more than seven days" in browser.html and ("q.nps", "7") in browser.form.fields
    monkeypatch.undo()
    browser.press()
    assert FeedbackRecord.objects.count() == 1


def test_too_many_at_once_wait_and_lose_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SURVEY", limits.Rate(1, 0.1))
    browser = Browser(publish(house, SHORT).code).open().press(q_nps=7)
    browser.press(q_comment="patience")
    assert browser.response.status_code == 429
    assert 1 <= int(browser.response["Retry-After"]) <= 10
    assert ("q.comment", "patience") in browser.form.fields


def test_a_busy_server_says_so_and_keeps_the_answers(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: Any, **__: Any) -> None:
        raise Busy(retry_after=2)

    browser = Browser(publish(house, SHORT).code).open()
    monkeypatch.setattr(writer, "submit", busy)
    browser.press(q_nps=7)
    assert browser.response.status_code == 503 and browser.response["Retry-After"] == "2"
    assert ("q.nps", "7") in browser.form.fields


def test_an_address_has_a_bucket_unless_it_stands_for_a_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "ADDRESS", limits.Rate(1, 0.1))
    assert [limits.wait_for("s", "203.0.113.9") is None for _ in range(2)] == [True, False]
    assert limits.wait_for("s", "203.0.113.10") is None
    assert [limits.wait_for("s", "127.0.0.1") is None for _ in range(3)] == [True] * 3


def test_buckets_fill_up_again() -> None:
    buckets, rate = limits.Buckets(), limits.Rate(2, 1)
    key = ("address", "s", "1.2.3.4")
    assert [buckets.wait({key: rate}, at) for at in (0, 0, 0, 1, 1)] == [None, None, 1, None, 1]


def test_only_forms_are_read(house: House) -> None:
    code = publish(house, SHORT).code
    assert Client().post(f"/s/{code}/", data={"q.nps": "1"}).status_code == 415
    big = Client().post(
        f"/s/{code}/",
        data="a=" + "x" * 2_100_000,
        content_type="application/x-www-form-urlencoded",
    )
    assert big.status_code == 413
    assert Client().put(f"/s/{code}/").status_code == 405


_words = st.text(max_size=30)
_names = st.sampled_from(
    ["q.nps", "q.nps.na", "q.comment", "q.reason", "q.x", "page", "go", "lang", "drafts"]
)


@given(st.dictionaries(_names | _words, st.lists(_words | st.sampled_from(["9", "na", "back"]))))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_nothing_sent_breaks_the_page(house: House, garbage: dict[str, list[str]]) -> None:
    limits.buckets.clear()
    survey = publish(house, SHORT)
    browser = Browser(survey.code).open()
    clean = {
        key.encode(errors="ignore").decode(): [v.encode(errors="ignore").decode() for v in values]
        for key, values in garbage.items()
    }
    browser.send({**browser.data(), **clean})
    assert browser.response.status_code in (200, 400, 422)


# ── safety, size, speed ───────────────────────────────────────────────────────────────────


def test_people_s_words_are_never_markup(house: House) -> None:
    evil = "<img src=x onerror=alert(1)>{{nps}}\"'"
    definition = {
        "languages": ["en"],
        "title": {"en": evil},
        "intro": {"en": evil.replace("{{nps}}", "")},
        "pages": [
            {
                "code": "a",
                "title": {"en": "<script>alert(2)</script>"},
                "questions": [
                    {
                        "code": "x",
                        "kind": "single",
                        "title": {"en": "<b>bold</b>"},
                        "choices": [
                            {"code": "a", "label": {"en": "<i>a</i>"}, "other": True},
                            {"code": "b", "label": {"en": "b"}},
                        ],
                    },
                    {"code": "t", "kind": "short_text", "title": {"en": "t"}, "max_length": 5},
                ],
            },
            {
                "code": "b",
                "questions": [{"code": "y", "kind": "statement", "title": {"en": "Hi {{x}}"}}],
            },
        ],
    }
    definition["title"] = {"en": evil.replace("{{nps}}", "")}
    browser = Browser(publish(house, definition).code).open("?x=<script>")
    browser.press(q_t='"><svg onload=alert(3)>', q_x="a", q_x__text="<u>w</u>")
    assert browser.response.status_code == 422
    assert "&quot;&gt;&lt;svg onload" in browser.html
    seen = browser.html
    browser.press(q_t="ok", q_x="a", q_x__text="<u>w</u>")
    for markup in ("<img src=x", "<b>bold", "<i>a", "<svg onload", "<u>w", "alert(2)</script>"):
        assert markup not in seen + browser.html
    assert "Hi &lt;u&gt;w&lt;/u&gt;" in browser.html


def test_the_policy_is_strict_and_framing_is_for_embeds_alone(house: House) -> None:
    code = publish(house, SHORT).code
    response = Browser(code).open().response
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy and response["X-Frame-Options"] == "DENY"
    framed = Browser(code).open("?embed=1")
    assert "frame-ancestors *" in framed.response["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed.response
    framed.press(q_nps=9)
    assert "frame-ancestors *" in framed.response["Content-Security-Policy"]


def test_the_thanks_page_may_lead_on(house: House) -> None:
    definition = {**SHORT, "thanks": {"redirect": "https://example.com/thanks?x=1"}}
    browser = Browser(publish(house, definition).code).open()
    assert "form-action 'self' https://example.com;" in browser.response["Content-Security-Policy"]
    browser.press(q_nps=9).press()
    assert browser.response.status_code == 303
    assert browser.response["Location"] == "https://example.com/thanks?x=1"


def test_identified_surveys_say_so(house: House) -> None:
    named = publish(house, SHORT, is_anonymous=False)
    assert "will be linked with your identity" in Browser(named.code).open().html
    assert "we do not record who you are" in Browser(publish(house, SHORT).code).open().html


def test_all_that_travels_is_at_most_twenty_kilobytes(house: House) -> None:
    house.organisation.logo = b"\x89PNG" + bytes(range(256)) * 23
    house.organisation.save()
    code = publish(house, EVERY_KIND).code
    client = Client(headers={"Accept-Encoding": "gzip"})
    page = client.get(f"/s/{code}/")
    logo = client.get(f"/s/{code}/logo")
    assert page["Content-Encoding"] == "gzip" and logo["Content-Type"] == "image/png"
    total = len(page.content) + len(logo.content)
    assert b"overall" in gzip.decompress(page.content)
    assert total <= 20_000, total


def test_a_page_takes_little_of_the_server(house: House, capsys: Any) -> None:
    code = publish(house, EVERY_KIND).code
    client = Client()
    client.get(f"/s/{code}/")
    started = time.perf_counter()
    for _ in range(10):
        client.get(f"/s/{code}/")
    with capsys.disabled():
        print(f"\nfirst page: {(time.perf_counter() - started) * 100:.1f} ms")  # noqa: T201
    assert queries.public(code, NOW).state == "open"


def test_codes_and_scripts_to_share(house: House) -> None:
    code = publish(house, SHORT).code
    client = Client()
    svg = client.get(f"/s/{code}/qr.svg")
    assert svg["Content-Type"] == "image/svg+xml" and b"<svg" in svg.content
    assert client.get(f"/s/{code}/qr.png?unit=N-001").content.startswith(b"\x89PNG")
    script = client.get(f"/s/{code}/embed.js")
    assert script["Content-Type"].startswith("text/javascript")
    assert b"createElement" in script.content
    assert client.get(f"/s/{code}/logo").status_code == 404
    assert client.get("/s/nothing/qr.svg").status_code == 404
    assert not Answer.objects.exists()


def test_a_link_too_long_for_a_picture_leads_nowhere(house: House) -> None:
    code = publish(house, SHORT).code
    for form in ("svg", "png"):
        assert Client().get(f"/s/{code}/qr.{form}?unit={'9' * 5000}").status_code == 404
