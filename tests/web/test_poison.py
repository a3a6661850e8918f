"""What no browser would send: other people's ids, odd addresses, forms without their token.

And what no reader expects: names of control characters and marks that turn the text around, a
customer of a megabyte. Nothing breaks, nothing of another organisation shows or changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch

from manyi.accounts.models import Agent, Member, Team, Touchpoint, Unit
from manyi.customers.models import Customer
from manyi.feedback.models import FeedbackRecord
from manyi.kit.selection import Selection
from manyi.metrics.models import Indicator
from manyi.reports.exporting import FORMS, Exporting
from manyi.surveys.models import Survey
from tests import factories
from tests.factories import House
from tests.web import urls_parts
from tests.web.test_every_url import ALICES, INSIDE, KEYS, STAFF, TABLE, path_of
from tests.web.test_hostile import ELSEWHERE, UNSPOILT, every_form, text_of
from tests.web.test_hostile import asked_for as asked_for
from tests.web.test_stored import called as called
from tests.web.test_stored import clients, odd
from tests.web.urls_table import World

pytestmark = [pytest.mark.django_db, pytest.mark.db]
MODELS = (Agent, Customer, FeedbackRecord, Indicator, Member, Survey, Team, Touchpoint, Unit)
HUGE = (0, -1, 2**31, 2**63, 10**40, "²", "x" * 300, "%00", "..", "a\0b", "\u202e")
# Bells, escapes, marks that turn the text around, a lone combining mark, an emoji of four parts.
ODD = "\u202e\u2066\x07\x1b[31m\u200f\u0301名\u200b👨‍👩‍👧‍👦\ufeff\u2028名"


@pytest.fixture
def world(house: House) -> World:
    cache.clear()
    world = World(house, factories.stranger_house())
    assert world.record and world.survey
    for row in TABLE.values():
        row.alice(world)  # what an address needs is made when it is first asked for
    return world


def logged_in(member: Member, **how: Any) -> Client:
    client = Client(headers={"accept-language": "en"}, **how)
    client.force_login(member.user)
    return client


def stays(world: World) -> dict[str, Any]:
    """Return everything of Alice's house that a stranger could try to change."""
    mine = {"organisation": world.house.organisation}
    return {m.__name__: sorted(m._default_manager.filter(**mine).values_list()) for m in MODELS}


def alices_names(world: World) -> list[str]:
    """Return what tells things of Alice's apart: ids and codes."""
    house = world.house
    ids = [house.north_1.pk, house.bob.pk, house.repair.pk, house.works.pk, house.agent_1.pk]
    ids += [world.record.pk, world.record.customer_id, urls_parts.indicator(world)[0]]
    return [*map(str, ids), world.survey.code, "S-001", "C-77"]


def test_ids_of_others_find_and_change_nothing(world: World, asked_for: set[str]) -> None:
    charlie = logged_in(world.strangers.charlie)
    names, before, tried = alices_names(world), stays(world), 0
    strangers = World(world.house, world.strangers)
    strangers.__dict__ |= {"survey": world.survey, "record": world.record, "made": world.made}
    for number, (form, _) in enumerate(every_form(strangers, charlie, asked_for)):
        for place, field in enumerate(n for n in form.fields if n not in UNSPOILT):
            name = names[(number + place) % len(names)]
            with transaction.atomic():
                answer = charlie.post(form.action, {**form.fields, field: [name, name]})
                page = text_of(answer)
                assert answer.status_code < 500, (form.action, field, name)
                assert [word for word in ALICES if word in page] == [], (form.action, field, name)
                assert stays(world) == before, (form.action, field, name)
                transaction.set_rollback(True)
            tried += 1
    assert tried > 80


def odd_paths(world: World) -> Iterator[tuple[str, str]]:
    for number, key in enumerate(STAFF):
        arguments = TABLE[key].alice(world)
        for place in range(len(arguments)):
            for turn in range(3):
                spoilt: list[Any] = list(arguments)
                spoilt[place] = HUGE[(number + place + 4 * turn) % len(HUGE)]
                try:
                    path = path_of(key, spoilt)
                except NoReverseMatch:
                    continue
                if not path.startswith(ELSEWHERE):
                    yield key, path


def test_no_odd_number_in_an_address_breaks_its_page(world: World) -> None:
    alice, tried = logged_in(world.house.alice), 0
    for key, path in odd_paths(world):
        with transaction.atomic():
            answer = alice.post(path) if TABLE[key].post else alice.get(path)
            assert answer.status_code < 500, path
            assert answer.status_code != 200 or TABLE[key].shared, path
            transaction.set_rollback(True)
        tried += 1
    assert tried > 90


def test_no_form_is_taken_without_its_token(world: World) -> None:
    alice, refused = logged_in(world.house.alice, enforce_csrf_checks=True), 0
    before = stays(world)
    for key in [k for k in KEYS if not TABLE[k].api]:
        path = path_of(key, TABLE[key].alice(world))
        answer = alice.post(path, {"name": "x", "q_overall": "1"})
        if key in INSIDE or key in {"language", "set-up", "account_login", "account_logout"}:
            # 405 and 404 where nothing is posted, 302 where a log-in has to be confirmed.
            assert answer.status_code in {302, 403, 404, 405}, key
            refused += answer.status_code == 403
        assert answer.status_code < 500, key
    assert refused > 90
    assert stays(world) == before


PAGES = [k for k in KEYS if k in TABLE and not TABLE[k].api and not TABLE[k].post]


@pytest.mark.parametrize("called", [ODD], indirect=True, ids=["odd"])
def test_no_odd_letter_breaks_a_page_or_a_file(called: World, tmp_path: Path) -> None:
    Customer.objects.filter(ref="C-77").update(
        attributes={"long": "长" * 300_000, "\u202etier": ODD, "deep": {"list": [[ODD]] * 99}}
    )
    files = 0
    for key in PAGES:
        client, path = clients(called, key), path_of(key, TABLE[key].alice(called))
        answer = client.get(path)
        page = text_of(answer)
        assert answer.status_code < 500, key
        if answer.get("Content-Type", "").startswith("text/html"):
            assert odd(page) == [], key
        for form in [one for one in ("csv", "xlsx") if f"format={one}" in page]:
            file = client.get(path, {"format": form})
            assert file.status_code == 200 and "attachment" in file["Content-Disposition"], key
            files += bool(text_of(file))
    assert files > 20
    export = Exporting(called.house.alice, Selection(scope=called.house.scope()), language="en")
    assert {export.write(tmp_path / f"export.{form}", form) for form in FORMS} == {26}
