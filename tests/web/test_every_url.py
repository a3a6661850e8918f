"""Every address: known to the table, opened by the right roles, and tight between houses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from manyi.accounts.actions import create_token
from manyi.accounts.models import Member
from manyi.accounts.permissions import may
from tests import factories
from tests.factories import House
from tests.web.urls_table import SAID, Row, World, every_row

pytestmark = pytest.mark.django_db
TABLE = every_row()
API = "api/v1/"
# What only Alice's house says, and what only its South says.
ALICES = ("Anju Group", "安居集团", "海淀店", "Haidian", "天河店", "李娜", "钱多多", SAID)
SOUTHERN = ("广州天河店", "Tianhe Store", "S-001", "南方人", "钱多多", SAID)


def addresses(resolver: Any = None, route: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """Yield the key and the route of every address of the project."""
    for pattern in (resolver or get_resolver()).url_patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inside = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from addresses(pattern, here, inside)
        else:
            yield (here if here.startswith(API) else space + (pattern.name or here)), here


KEYS = sorted({key for key, _ in addresses()})


@pytest.fixture(autouse=True)
def _nothing_sent_yet() -> None:
    cache.clear()


@pytest.fixture
def world(house: House) -> World:
    return World(house, factories.stranger_house())


def path_of(key: str, arguments: list[Any]) -> str:
    if not key.startswith(API):
        return reverse(key, args=arguments)
    parts, left = [], list(arguments)
    for part in key.split("/"):
        parts.append(str(left.pop(0)) if part.startswith("<") else part)
    return "/" + "/".join(parts)


def ask(client: Client, row: Row, path: str) -> Any:
    """Send the request and take back whatever it changed."""
    with transaction.atomic():
        answer: Any = client.post(path, dict(row.data)) if row.post else client.get(path)
        answer.text_sent = (
            b"".join(answer.streaming_content) if answer.streaming else answer.content
        ).decode("utf-8", "replace")
        transaction.set_rollback(True)
    return answer


@pytest.fixture
def as_member(client_of: Callable[[Any], Client]) -> Callable[[Row, Member], Client]:
    def client(row: Row, member: Member) -> Client:
        if not row.api:
            return client_of(member)
        secret = create_token(by=member, name="test", now=factories.NOW)[1]
        return Client(headers={"Authorization": f"Bearer {secret}"})

    return client


def test_every_address_stands_in_the_table() -> None:
    unknown = [key for key in KEYS if key not in TABLE]
    assert not unknown, f"add to tests/web/urls_table.py or tests/web/urls_PART.py: {unknown}"


@pytest.mark.parametrize("key", [k for k in KEYS if k in TABLE])
def test_a_passer_by_gets_in_only_where_the_public_may(key: str, world: World) -> None:
    row = TABLE[key]
    answer = ask(Client(), row, path_of(key, row.alice(world)))
    if row.public:
        assert answer.status_code in row.answers()
    elif row.api:
        assert answer.status_code in {401, 405}
    else:
        assert answer.status_code == 302
        assert answer["Location"].startswith("/log-in/")


INSIDE = [k for k in KEYS if k in TABLE and not TABLE[k].public]
STAFF = [k for k in INSIDE if not TABLE[k].api]


@pytest.mark.parametrize("key", STAFF)
def test_each_role_opens_what_it_may(key: str, world: World, as_member: Any) -> None:
    row, house = TABLE[key], world.house
    path = path_of(key, row.alice(world))
    for member in (
        house.alice, house.analyst, house.bob, house.agent, house.viewer, house.external
    ):  # fmt: skip
        if row.deed is None and key == "organisation-switch":
            continue
        answer = ask(as_member(row, member), row, path)
        allowed = row.deed is None or may(member, row.deed)
        expected = row.answers() if allowed else (403,)
        # Whoever works in one place may not find a thing of another.
        tolerated = (404,) if member.unit_id and row.alice(world) else ()
        assert answer.status_code in (*expected, *tolerated), (member.role, path)


@pytest.mark.parametrize("key", INSIDE)
def test_a_stranger_finds_nothing_of_alices(key: str, world: World, as_member: Any) -> None:
    row = TABLE[key]
    assert world.record
    arguments = row.alice(world)
    answer = ask(as_member(row, world.strangers.charlie), row, path_of(key, arguments))
    if arguments and not row.shared:
        assert answer.status_code in {403, 404, 405}
    theirs = [m.user.email for m in (world.house.alice, world.house.bob, world.house.viewer)]
    assert [word for word in (*ALICES, *theirs) if word in answer.text_sent] == []


@pytest.mark.parametrize("key", STAFF)
def test_a_manager_finds_nothing_of_other_units(key: str, world: World, as_member: Any) -> None:
    row = TABLE[key]
    assert world.record
    bob = as_member(row, world.house.bob)
    answer = ask(bob, row, path_of(key, row.alice(world)))
    assert [word for word in SOUTHERN if word in answer.text_sent] == []
    if row.south is not None:
        assert ask(bob, row, path_of(key, row.south(world))).status_code in {403, 404}
