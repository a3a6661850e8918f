"""Script and formulas in every name and word kept: shown as words on every page and in files."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from typing import Any

import openpyxl
import pytest
from django.core.cache import cache
from django.test import Client

from manyi.accounts.actions import save_view
from manyi.accounts.models import Agent, Organisation, Team, Touchpoint, Unit, User
from manyi.customers.models import Customer
from manyi.feedback.models import FeedbackRecord
from manyi.feedback.tagging import add_tag
from manyi.metrics.actions import give_defaults
from manyi.metrics.models import Indicator
from manyi.packs.templates import template
from manyi.reports.exporting import Exporting
from manyi.surveys import actions as surveys
from tests import factories, voices
from tests.factories import NOW, House
from tests.web.test_every_url import KEYS, TABLE, path_of
from tests.web.urls_table import World

pytestmark = pytest.mark.django_db
SCRIPT = "\"'><xss onload=a></script></style></textarea><xss>{{31415*27183}}{%now%}"
FORMULA = '=HYPERLINK("http://evil.example","x")'
FIRST = tuple("=+-@\t\r\n＝＋－＠")


def renamed(definition: Any, word: str) -> Any:
    """Return a questionnaire in which every text is the word."""
    if isinstance(definition, dict):
        if definition and set(definition) <= {"zh-Hans", "en"}:
            return dict.fromkeys(definition, word)
        return {k: renamed(v, word) for k, v in definition.items()}
    return [renamed(v, word) for v in definition] if isinstance(definition, list) else definition


@pytest.fixture
def called(request: pytest.FixtureRequest, house: House) -> World:
    """Alice's house, in which everything that people name bears the word."""
    cache.clear()
    word = str(getattr(request, "param", SCRIPT))
    both, mine = {"zh-Hans": word, "en": word}, {"organisation": house.organisation}
    Organisation.objects.filter(pk=house.organisation.pk).update(name=both, level_names=[both] * 3)
    for model in (Unit, Touchpoint, Team):
        model._default_manager.filter(**mine).update(name=both)
    Agent.objects.filter(**mine).update(name=word)
    User.objects.all().update(first_name=word)
    world = World(house, factories.stranger_house())
    said = voices.voice(
        unit="S-001", touchpoint="repair", agent="A-1", verbatim=f"{word} 排队太久", channel="app",
        customer={"ref": "C-77", "name": word, "attributes": {"nick": word}},
        attributes={"order": word}, turns=[{"role": "customer", "text": word}],
    )  # fmt: skip
    voices.receive(house.alice, said)
    for place in ("S-001", "N-001"):
        many = (voices.rated(n % 5 + 1, unit=place, verbatim=word) for n in range(12))
        voices.receive(house.alice, *many)
    record = FeedbackRecord.objects.get(source_ref=said["source_ref"])
    world.__dict__["record"] = record
    add_tag(by=house.alice, record=record, label=word[:40], now=NOW)
    made = surveys.create(by=house.alice, definition=renamed(template("csat"), word), now=NOW)
    surveys.publish(by=house.alice, survey=made, now=NOW)
    world.__dict__["survey"] = made
    give_defaults(house.organisation)
    Indicator.objects.filter(**mine).update(name=both)
    save_view(by=house.alice, page="feedback", name=word[:40], query="unit=S")
    # Control characters are left out where words come in.
    assert Customer.objects.get(ref="C-77").name == re.sub(r"[\x00-\x1f\x7f-\x9f]", "", word)[:100]
    return world


class Odd(HTMLParser):
    """What a browser would run or ask for that a name brought in."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "xss" or any(name.startswith("on") for name, _ in attrs):
            self.found.append(f"<{tag} {attrs}>"[:200])
        links = [v for k, v in attrs if k in {"href", "src", "action", "formaction"} and v]
        self.found += [v[:80] for v in links if v.strip().lower().startswith("javascript:")]


def odd(page: str) -> list[str]:
    reader = Odd()
    reader.feed(page)
    reader.close()
    return reader.found + (["a template was run"] if "853953945" in page else [])


def clients(world: World, key: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    if not TABLE[key].public:
        client.force_login(world.house.alice.user)
    return client


PAGES = [k for k in KEYS if k in TABLE and not TABLE[k].api and not TABLE[k].post]


def test_no_name_is_run_by_a_page(called: World) -> None:
    shown = 0
    for key in PAGES:
        answer = clients(called, key).get(path_of(key, TABLE[key].alice(called)))
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        kind = answer.get("Content-Type", "")
        if kind.startswith(("text/html", "image/svg")):
            page = body.decode()
            assert odd(page) == [], key
            shown += "xss onload=a&gt;" in page or "xss onload=a\\u003E" in page
        elif "Content-Disposition" not in answer:
            assert answer.get("X-Content-Type-Options") == "nosniff", key
    assert shown > 40


def cells_of(answer: Any) -> list[Any]:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if "csv" in answer["Content-Type"]:
        text = body.decode("utf-8-sig")
        return [c for row in csv.reader(io.StringIO(text)) for c in row]
    book = openpyxl.load_workbook(io.BytesIO(body))
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row]
    assert not [c for c in cells if c.data_type == "f" or c.hyperlink]
    return []


@pytest.mark.parametrize("called", [FORMULA], indirect=True)
def test_no_name_is_a_formula_in_a_file(called: World) -> None:
    tables, held = 0, 0
    for key in PAGES:
        path = path_of(key, TABLE[key].alice(called))
        for form in ("csv", "xlsx"):
            answer = clients(called, key).get(path, {"format": form})
            if "attachment" not in answer.get("Content-Disposition", ""):
                continue
            if answer["Content-Type"].startswith(("application/json", "image/")):
                continue
            tables += 1
            cells = cells_of(answer)
            assert not [c for c in cells if c.startswith(FIRST) and len(c) > 1], (key, form)
            held += any("evil.example" in c for c in cells)
    assert tables > 20
    assert held > 8


@pytest.mark.parametrize("called", [FORMULA], indirect=True)
@pytest.mark.parametrize("form", ["xlsx", "csv", "sav", "sss"])
def test_no_word_of_a_customer_is_a_formula_in_an_export(
    called: World, form: str, tmp_path: Any
) -> None:
    from manyi.kit.selection import Selection

    alice = called.house.alice
    export = Exporting(alice, Selection(scope=called.house.scope()), language="en")
    path = tmp_path / f"export.{form}"
    assert export.write(path, form) == 25
    if form == "csv":
        rows = csv.reader(io.StringIO(path.read_text("utf-8-sig")))
        assert not [c for row in rows for c in row if c.startswith(FIRST) and len(c) > 1]
    elif form == "xlsx":
        book = openpyxl.load_workbook(path)
        assert not [c for s in book for row in s.iter_rows() for c in row if c.data_type == "f"]
