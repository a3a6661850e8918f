"""Surveys: from a template or a file to a published link, and what is said on the way."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from manyi.packs.templates import names, template
from manyi.surveys.models import Survey
from tests import factories
from tests.factories import House
from tests.voices import made, published
from tests.web.numbers import answer, publish
from tests.web.staff import logged_in, text

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture
def house() -> House:
    return factories.house()


@pytest.fixture
def alice(house: House) -> Client:
    return logged_in(house.alice)


def form_of(page: str) -> dict[str, Any]:
    """Return what a browser would send of the settings form."""
    body = page.partition("novalidate")[2].partition('class="save-bar"')[0]
    sent: dict[str, Any] = {"languages": []}
    for tag in re.findall(r"<input[^>]*>", body):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        kind = re.search(r'type="(\w+)', tag)
        if name is None or (kind and kind[1] in {"radio", "checkbox"} and " checked" not in tag):
            continue
        words = html.unescape(value[1]) if value else ""
        if name[1] == "languages":
            sent["languages"].append(words)
        else:
            sent[html.unescape(name[1])] = words
    for name, words in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', body):
        sent[html.unescape(name)] = html.unescape(words)
    for name, inner in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', body, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', inner)
        sent[name] = chosen[1] if chosen else ""
    return sent


def test_how_many_of_a_few_anonymous_finished_is_hidden_as_on_the_overview(
    alice: Client, house: House
) -> None:
    few, named, many = (publish(house, is_anonymous=a) for a in (True, False, True))
    for version, n in ((few, 2), (named, 3), (many, 12)):
        answer(version, *[{"overall": 4}] * n)
    page = text(alice.get("/surveys/"))
    assert ">3/3<" in page and ">12/12<" in page
    assert ">2/2<" not in page and page.count("为保护隐私，不显示") == 2  # seen, and read aloud
    answer(few, *[{"overall": 4}] * 10, tag="more")
    page = text(alice.get("/surveys/"))
    assert all(f">{n}/{n}<" in page for n in (3, 12)) and "为保护隐私，不显示" not in page


def test_no_survey_yet_leads_to_the_templates(alice: Client) -> None:
    page = text(alice.get("/surveys/"))
    assert "/surveys/new/" in page
    gallery = text(alice.get("/surveys/new/"))
    assert all(f"/surveys/new/{name}/" in gallery for name in names())


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("name", names())
def test_each_template_shows_its_questions(house: House, name: str, language: str) -> None:
    page = text(logged_in(house.alice, language).get(f"/surveys/new/{name}/"))
    tag = "zh-Hans" if language == "zh-hans" else "en"
    first = template(name)["pages"][0]["questions"][0]["title"][tag]
    assert first.split("{{")[0] in page


def test_a_template_becomes_a_draft_then_a_link(alice: Client) -> None:
    made_one = alice.post("/surveys/new/csat/")
    survey = Survey.objects.get()
    assert made_one["Location"] == f"/surveys/{survey.code}/"
    assert survey.state == "draft"
    assert "respond" not in text(alice.get(f"/surveys/{survey.code}/share/"))
    done = alice.post(f"/surveys/{survey.code}/publish/")
    assert done["Location"] == f"/surveys/{survey.code}/share/"
    page = text(alice.get(done["Location"]))
    assert f"/s/{survey.code}/qr.svg" in page
    assert f"/s/{survey.code}/" in page
    assert Client().get(f"/s/{survey.code}/").status_code == 200


def test_a_second_click_makes_no_second_draft(alice: Client) -> None:
    once = {"once": "same-mark"}
    assert (
        alice.post("/surveys/new/nps/", once)["Location"]
        == (alice.post("/surveys/new/nps/", once)["Location"])
    )
    assert Survey.objects.count() == 1


def test_saving_what_is_shown_changes_nothing(alice: Client, house: House) -> None:
    for name in names():
        survey = made(house.alice, name)
        before = dict(survey.definition)
        sent = form_of(text(alice.get(f"/surveys/{survey.code}/")))
        response = alice.post(f"/surveys/{survey.code}/", sent)
        assert response.status_code == 302, text(response)[:3000]
        survey.refresh_from_db()
        assert survey.definition == before


def test_texts_are_changed_in_both_languages(alice: Client, house: House) -> None:
    survey = made(house.alice)
    sent = form_of(text(alice.get(f"/surveys/{survey.code}/")))
    sent["text:/title:zh-Hans"] = "门店回访"
    sent["text:/pages/0/questions/0/labels/0:en"] = "Awful"
    sent["text:/closed_text:zh-Hans"] = "已经结束"
    sent["response_limit"] = "50"
    sent["redirect"] = "https://shop.example.com/"
    assert alice.post(f"/surveys/{survey.code}/", sent).status_code == 302
    survey.refresh_from_db()
    assert survey.title["zh-Hans"] == survey.definition["title"]["zh-Hans"] == "门店回访"
    assert survey.definition["pages"][0]["questions"][0]["labels"][0]["en"] == "Awful"
    assert survey.definition["thanks"]["redirect"] == "https://shop.example.com/"
    assert survey.response_limit == 50
    assert survey.closed_text == {"zh-Hans": "已经结束"}


def test_a_missing_text_is_named_where_it_is_missing(alice: Client, house: House) -> None:
    survey = made(house.alice)
    before = dict(survey.definition)
    sent = form_of(text(alice.get(f"/surveys/{survey.code}/")))
    sent["text:/pages/0/questions/0/title:en"] = ""
    response = alice.post(f"/surveys/{survey.code}/", sent)
    assert response.status_code == 422
    page = text(response)
    field = page[page.index('name="text:/pages/0/questions/0/title:en"') :][:600]
    assert "invalid-feedback" in field
    survey.refresh_from_db()
    assert survey.definition == before


def test_a_language_is_switched_off(alice: Client, house: House) -> None:
    survey = made(house.alice, "hotel")
    sent = form_of(text(alice.get(f"/surveys/{survey.code}/")))
    sent["languages"] = ["zh-Hans"]
    assert alice.post(f"/surveys/{survey.code}/", sent).status_code == 302
    survey.refresh_from_db()
    assert survey.definition["languages"] == ["zh-Hans"]
    assert '"en"' not in json.dumps(survey.definition)
    sent["languages"] = []
    assert alice.post(f"/surveys/{survey.code}/", sent).status_code == 422


def test_a_field_that_leads_nowhere_changes_nothing(alice: Client, house: House) -> None:
    survey = made(house.alice)
    before = dict(survey.definition)
    sent = form_of(text(alice.get(f"/surveys/{survey.code}/")))
    sent["text:/pages/9/questions/0/title:en"] = "x"
    sent["text:/pages/0/questions/0/code:en"] = "x"
    assert alice.post(f"/surveys/{survey.code}/", sent).status_code == 302
    survey.refresh_from_db()
    assert survey.definition == before


def test_a_changed_draft_says_so_until_it_is_published(alice: Client, house: House) -> None:
    survey = published(house.alice).survey
    page = f"/surveys/{survey.code}/"
    changed = "草稿有尚未发布的改动"
    assert changed not in text(alice.get(page))
    sent = form_of(text(alice.get(page)))
    alice.post(page, {**sent, "is_anonymous": "no"})
    assert changed in text(alice.get(page))
    alice.post(f"{page}publish/")
    survey.refresh_from_db()
    assert survey.current.number == 2
    assert not survey.current.is_anonymous
    assert changed not in text(alice.get(page))


def test_identified_without_a_notice_is_warned_of(alice: Client, house: House) -> None:
    survey = made(house.alice, is_anonymous=False)
    page = f"/surveys/{survey.code}/"
    assert "尚未填写个人信息告知" in text(alice.get(page))
    sent = form_of(text(alice.get(page)))
    sent["text:/consent_notice:zh-Hans"] = "仅供本店改进服务使用。"
    sent["text:/consent_notice:en"] = "Used by this store to improve its service."
    assert alice.post(page, sent).status_code == 302
    assert "尚未填写个人信息告知" not in text(alice.get(page))


def test_a_definition_goes_out_and_comes_in_again(alice: Client, house: House) -> None:
    survey = made(house.alice, "property")
    out = alice.get(f"/surveys/{survey.code}/definition.json")
    assert "attachment" in out["Content-Disposition"]
    file = SimpleUploadedFile("mine.json", out.content)
    assert alice.post("/surveys/new/file/", {"file": file}).status_code == 302
    assert Survey.objects.exclude(pk=survey.pk).get().definition == survey.definition


def test_what_is_wrong_in_a_file_is_said_with_its_place(alice: Client) -> None:
    broken = template("csat")
    del broken["pages"][0]["questions"][0]["title"]["en"]
    file = SimpleUploadedFile("broken.json", json.dumps(broken).encode())
    response = alice.post("/surveys/new/file/", {"file": file})
    assert response.status_code == 422
    assert "/pages/0/questions/0/title" in text(response)
    assert "broken.json" in text(response)
    for junk in (b"{", b"\xff\xfe", b"[" * 100_000, b"3", b""):
        file = SimpleUploadedFile("junk.json", junk)
        assert alice.post("/surveys/new/file/", {"file": file}).status_code == 422
    assert alice.post("/surveys/new/file/").status_code == 422
    assert not Survey.objects.exists()


def test_close_reopen_duplicate_delete(alice: Client, house: House) -> None:
    survey = published(house.alice).survey
    page = f"/surveys/{survey.code}/"
    alice.post(f"{page}close/")
    survey.refresh_from_db()
    assert survey.state == "closed"
    alice.post(f"{page}reopen/")
    survey.refresh_from_db()
    assert survey.state == "open"
    copied = alice.post(f"{page}duplicate/")
    copy = Survey.objects.exclude(pk=survey.pk).get()
    assert copied["Location"] == f"/surveys/{copy.code}/"
    assert alice.get(f"{page}close/").status_code == 405
    alice.post(f"/surveys/{copy.code}/delete/")
    assert list(Survey.objects.all()) == [survey]


def test_a_closed_survey_offers_to_reopen_not_its_link(alice: Client, house: House) -> None:
    survey = published(house.alice).survey
    alice.cookies["manyi_language"] = "en"
    assert "data-copy=" in alice.get("/surveys/").content.decode()
    alice.post(f"/surveys/{survey.code}/close/")
    listed = alice.get("/surveys/").content.decode()
    assert "data-copy=" not in listed and f"/surveys/{survey.code}/reopen/" in listed
    shared = alice.get(f"/surveys/{survey.code}/share/").content.decode()
    assert "The survey is closed" in shared and "Next: copy the link" not in shared
    ended = {"state": "open", "closes_at": timezone.now() - timedelta(days=1)}
    Survey.objects.filter(pk=survey.pk).update(**ended)
    listed = alice.get("/surveys/").content.decode()
    assert "data-copy=" not in listed and "Change the end" in listed
    assert survey.code in alice.get("/surveys/?state=closed").content.decode()
    assert survey.code not in alice.get("/surveys/?state=open").content.decode()
    assert "The survey is closed" in alice.get(f"/surveys/{survey.code}/share/").content.decode()


def test_a_version_that_never_was_is_not_found(alice: Client, house: House) -> None:
    survey = published(house.alice).survey
    for number in ("2", "9" * 5000, "-1", "１" * 9):
        page = f"/surveys/{survey.code}/definition.json?version={number}"
        assert alice.get(page).status_code == 404 or not number.isdecimal()


def test_a_survey_with_answers_stays(alice: Client, house: House) -> None:
    survey = published(house.alice).survey
    answer = {"answers": {"overall": 5}, "submission_id": "a" * 16}
    path = f"/api/v1/surveys/{survey.code}/responses"
    assert Client().post(path, answer, content_type="application/json").status_code == 201
    said = text(alice.post(f"/surveys/{survey.code}/delete/", follow=True))
    assert "note-alarm" in said
    assert Survey.objects.filter(pk=survey.pk).exists()
    row = text(alice.get("/surveys/"))
    assert '">1</td>' in row and "1/1" not in row  # how many finished is hidden of so few


def test_links_name_unit_touchpoint_and_source(alice: Client, house: House) -> None:
    survey = published(house.alice).survey
    asked = "?for_unit=N-001&for_touchpoint=repair&for_source=receipt"
    page = text(alice.get(f"/surveys/{survey.code}/share/{asked}"))
    assert f"/s/{survey.code}/?unit=N-001&amp;touchpoint=repair&amp;source=receipt" in page
    assert "qr.svg?unit=N-001&amp;touchpoint=repair" in page
    assert "data-unit=&quot;N-001&quot;" in page
    assert alice.get(f"/surveys/{survey.code}/share/?for_unit=X").status_code == 404


def test_the_sheet_has_a_card_for_each_place(alice: Client, house: House) -> None:
    survey = published(house.alice).survey
    page = text(alice.get(f"/surveys/{survey.code}/sheet/"))
    assert page.count('class="qr-card"') == 3
    assert "北京朝阳店" in page
    below = text(alice.get(f"/surveys/{survey.code}/sheet/?below=S"))
    assert below.count('class="qr-card"') == 1


def test_who_may_not_edit_reads(house: House) -> None:
    survey = published(house.alice).survey
    for member in (house.bob, house.viewer, house.external, house.agent):
        client = logged_in(member)
        assert client.get("/surveys/").status_code == 200
        settings = client.get(f"/surveys/{survey.code}/")
        assert settings["Location"] == f"/surveys/{survey.code}/preview/"
        for part in ("preview", "share", "versions", "sheet"):
            assert client.get(f"/surveys/{survey.code}/{part}/").status_code == 200
        assert client.get("/surveys/new/").status_code == 403
        assert client.post("/surveys/new/csat/").status_code == 403
        assert client.post(f"/surveys/{survey.code}/publish/").status_code == 403
    survey.refresh_from_db()
    assert survey.state == "open"


def test_a_stranger_finds_nothing(house: House) -> None:
    survey = published(house.alice).survey
    charlie = logged_in(factories.stranger_house().charlie)
    assert survey.code not in text(charlie.get("/surveys/"))
    for part in ("", "preview/", "share/", "versions/", "sheet/", "definition.json"):
        assert charlie.get(f"/surveys/{survey.code}/{part}").status_code == 404
    assert charlie.post(f"/surveys/{survey.code}/close/").status_code == 404


def test_forms_are_guarded(house: House) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(house.alice.user)
    assert client.post("/surveys/new/csat/").status_code == 403


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_list_downloads(alice: Client, house: House, form: str) -> None:
    published(house.alice)
    response = alice.get(f"/surveys/?format={form}")
    body = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert body[:3] == b"\xef\xbb\xbf" if form == "csv" else body[:2] == b"PK"
