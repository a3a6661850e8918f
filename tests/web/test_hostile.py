"""Whatever is typed into a form or an address: an answer, one clear sentence, nothing broken.

Every form of every page is read as a browser reads it and sent with one field spoilt; every
parameter that a page reads is asked for with the same. What a form takes must leave pages that
open. By default each field and every sixteenth parameter is spoilt in one way, under TEST_LONG all
of them in every way.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import QueryDict
from django.test import Client

from manyi.packs.templates import template
from manyi.surveys.models import Survey
from tests import factories
from tests.factories import House
from tests.web.forms import NASTY, Form, forms_of
from tests.web.test_every_url import STAFF, TABLE, path_of
from tests.web.test_imports import csv_of, sent
from tests.web.urls_table import World

pytestmark = pytest.mark.django_db
LONG = bool(os.environ.get("TEST_LONG"))
EACH = len(NASTY) if LONG else 1
# Logging out ends the walk, and guessing passwords is slow on purpose.
ELSEWHERE = ("/log-out/", "/language/", "/password/", "/two-step/")
UNSPOILT = {"csrfmiddlewaretoken", "once"}
FILTERS = ("unit", "from", "to", "by", "interval", "answer:overall", "attribute:x", "survey")


@pytest.fixture
def world(house: House) -> World:
    cache.clear()
    world = World(house, factories.stranger_house())
    assert world.record and world.survey
    return world


@pytest.fixture
def alice(world: World) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(world.house.alice.user)
    return client


@pytest.fixture
def asked_for(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names that are looked for in addresses and forms."""
    found: set[str] = set()

    def watch(name: str) -> None:
        plain = getattr(QueryDict, name)

        def looked(self: Any, key: Any, *rest: Any) -> Any:
            found.add(str(key))
            return plain(self, key, *rest)

        monkeypatch.setattr(QueryDict, name, looked)

    for name in ("get", "getlist", "__getitem__", "__contains__"):
        watch(name)
    return found


def spoilt(place: str) -> list[str]:
    """Return the values to try at a place: others at each, the same in every run."""
    first = zlib.crc32(place.encode())
    return [NASTY[(first + i) % len(NASTY)] for i in range(EACH)]


def is_in_turn(place: str) -> bool:
    return zlib.crc32(place.encode()) % 16 == 0


def encoded(text: str) -> str:
    return quote(text.encode("utf-8", "surrogateescape"))


def paths(world: World) -> Iterator[tuple[str, str]]:
    for key in STAFF:
        path = path_of(key, TABLE[key].alice(world))
        if not path.startswith(ELSEWHERE) and key != "organisation-switch":
            yield key, path


def text_of(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(body.decode("utf-8", "replace"))


def runs_script(page: str) -> bool:
    return "<script>alert(1)" in page or "<img src=x" in page or 'href="javascript:' in page


def test_no_parameter_breaks_a_page(world: World, alice: Client, asked_for: set[str]) -> None:
    for key, path in paths(world):
        if TABLE[key].post:
            continue
        asked_for.clear()
        text_of(alice.get(path))
        names = asked_for | (set(FILTERS) if "from" in asked_for else set())
        many = {name: ["", "-1", "0000-00-00", "x" * 10_000] for name in names - UNSPOILT}
        many |= {f"{name}{inner}": ["1"] for name in [*many] for inner in ("[]", "[a][b]")}
        with transaction.atomic():
            assert alice.get(path, many).status_code < 500, (path, names)
            transaction.set_rollback(True)
        for name in sorted(names - UNSPOILT):
            for value in spoilt(path + name) if LONG or is_in_turn(key + name) else ():
                with transaction.atomic():
                    answer = alice.get(f"{path}?{encoded(name)}={encoded(value)}")
                    page = text_of(answer)
                    transaction.set_rollback(True)
                assert answer.status_code < 500, (path, name, value[:40])
                assert not runs_script(page), (path, name, value[:40])


def every_form(world: World, alice: Client, asked_for: set[str]) -> list[tuple[Form, str]]:
    """Return every form of every page; of what only takes forms the fields it looks for."""
    found: dict[Any, tuple[Form, str]] = {}
    for key, path in paths(world):
        if not TABLE[key].post:
            answer = alice.get(path)
            if answer.status_code == 200 and not answer.streaming:
                for form in forms_of(text_of(answer), path):
                    if form.method == "post" and not form.action.startswith(ELSEWHERE):
                        found.setdefault(form.key, (form, path))
            continue
        asked_for.clear()
        with transaction.atomic():
            alice.post(path, dict(TABLE[key].data))
            transaction.set_rollback(True)
        fields = {name: [""] for name in sorted(asked_for)}
        form = Form(path, "post", fields)
        found.setdefault(form.key, (form, path))
    return list(found.values())


def body_of(form: Form, name: str, value: str) -> str:
    pairs = ((k, v) for k, held in form.fields.items() for v in ([value] if k == name else held))
    return "&".join(f"{encoded(k)}={encoded(v)}" for k, v in pairs if k != "once")


def try_all(alice: Client, form: Form, page: str) -> int:
    """Send a form with each field spoilt; what is taken leaves pages that open."""
    tried = 0
    action = urlsplit(form.action).path
    for name in [n for n in form.fields if n not in UNSPOILT]:
        for value in spoilt(action + name):
            tried += 1
            place = (action, name, value[:40])
            with transaction.atomic():
                kind = "application/x-www-form-urlencoded"
                answer = alice.post(form.action, body_of(form, name, value), content_type=kind)
                assert answer.status_code < 500, place
                if answer.status_code in {302, 303}:
                    for then in dict.fromkeys((answer["Location"], page)):
                        after = alice.get(then)
                        assert after.status_code < 500, (*place, then)
                        assert not runs_script(text_of(after)), (*place, then)
                transaction.set_rollback(True)
    for body in ({name: ["\u202e\x1b\ufeff", "\0"] for name in form.fields}, {}):
        with transaction.atomic():
            assert alice.post(form.action, body).status_code < 500, (form.action, [*body])
            transaction.set_rollback(True)
    return tried


@pytest.mark.db
def test_no_form_takes_what_breaks_a_page(world: World, alice: Client, asked_for: set[str]) -> None:
    tried = sum(try_all(alice, form, page) for form, page in every_form(world, alice, asked_for))
    assert tried > 150 * EACH


@pytest.mark.parametrize("what", ["feedback", "customers", "units"])
def test_no_mapping_of_a_file_breaks_its_page(what: str, alice: Client) -> None:
    rows = [
        ["编号", "日期", "门店", "评分", "评价内容", "渠道", "手机"],
        ["1", "2026-10-01", "新店", "满意", '"><img src=x onerror=alert(1)>', "微信", "1381111"],
        ["2", "9999-12-31", "N-001", "1e308", "<script>alert(1)</script>", "=1+1", "x"],
        ["3", "1899-01-01", "S-001", "5", "{{7*7}}", "javascript:alert(1)", "-"],
    ]
    job = sent(alice, csv_of(rows), what=what)
    path = f"/imports/{job.pk}/"
    page = text_of(alice.get(path))
    assert not runs_script(page)
    forms = [f for f in forms_of(page, path) if f.method == "post" and f.fields]
    assert len(forms) >= 2
    for form in forms:
        try_all(alice, form, path)
        if form.action.endswith("/mapping/"):
            try_all(alice, Form(f"{path}preview/", "post", form.fields), path)
            try_all(alice, Form(f"{path}column/3/", "post", form.fields), path)


def deep(levels: int) -> Any:
    made: Any = {"op": "equals", "question": "overall", "value": 1}
    for _ in range(levels):
        made = {"not": made}
    return made


def definitions() -> dict[str, Any]:
    """Return files that are nearly a questionnaire."""
    good = template("csat")

    def but(**values: Any) -> Any:
        return {**good, **values}

    first = good["pages"][0]["questions"][0]
    asked = {
        "surrogate": {**first, "title": {"en": "\ud800", "zh-Hans": "问"}},
        "nul": {**first, "title": {"en": "a\0b", "zh-Hans": "问"}},
        "huge number": {**first, "scale": [1, 10**400]},
        "not a number": {**first, "scale": [1, float("nan")]},
        "deep": {**first, "show_if": deep(900)},
        "code": {**first, "code": "<script>"},
        "list for text": {**first, "title": ["a"]},
        "number for text": {**first, "title": {"en": 1}},
        "many choices": {**first, "kind": "single", "choices": [{"code": "a"}] * 5_000},
    }
    found = {k: but(pages=[{"code": "p", "questions": [q]}]) for k, q in asked.items()}
    return found | {
        "a number": 1,
        "a word": "x",
        "nothing": None,
        "a list": [[]],
        "pages of pages": but(pages=[[[[]]]]),
        "no languages": but(languages=[]),
        "odd language": but(languages=["en", "../../x"]),
        "script": but(thanks={"redirect": "javascript:alert(1)"}),
        "other site": but(thanks={"redirect": "//evil.example"}),
        "wrapped": {"definition": {"definition": good}},
    }


@pytest.mark.parametrize("name", definitions())
def test_a_file_that_is_no_questionnaire_is_refused_in_words(name: str, alice: Client) -> None:
    text = json.dumps(definitions()[name])
    before = Survey.objects.count()
    answer = alice.post("/surveys/new/file/", {"file": SimpleUploadedFile("x.json", text.encode())})
    assert answer.status_code == 422, name
    assert "alarm" in text_of(answer)
    assert Survey.objects.count() == before


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"[" * 100_000, b"{" * 5, b"\0" * 99, b"NaN"])
def test_a_file_that_is_no_json_is_refused_in_words(data: bytes, alice: Client) -> None:
    answer = alice.post("/surveys/new/file/", {"file": SimpleUploadedFile("x.json", data)})
    assert answer.status_code == 422
