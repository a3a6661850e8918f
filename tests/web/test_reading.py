"""Opening a page or asking the API stores nothing, whatever the address."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from manyi.accounts.actions import create_token
from tests import factories
from tests.factories import NOW, House
from tests.web.test_every_url import INSIDE, KEYS, TABLE, path_of
from tests.web.urls_table import Row, World

pytestmark = pytest.mark.django_db
_WRITES = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER)\b.*", re.I | re.S)
# A file that leaves the house is noted in the audit log; who asks, stays logged in.
NOTED = {"imports-export"}
LOGS_OUT = {"account_logout"}


@pytest.fixture
def world(house: House) -> World:
    cache.clear()
    return World(house, factories.stranger_house())


@contextmanager
def written() -> Iterator[list[str]]:
    """Collect the statements that write, sessions' own left out."""
    found: list[str] = []

    def note(execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
        if _WRITES.fullmatch(str(sql)) and "django_session" not in str(sql):
            found.append(str(sql)[:120])
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield found


def clients(world: World, row: Row) -> list[Client]:
    if row.public:
        return [Client()]
    if row.api:
        secret = create_token(by=world.house.alice, name="test", now=NOW)[1]
        return [Client(headers={"Authorization": f"Bearer {secret}"})]
    client = Client()
    client.force_login(world.house.alice.user)
    return [client]


@pytest.mark.parametrize("key", [k for k in KEYS if k in TABLE and k not in LOGS_OUT])
def test_get_and_head_store_nothing(key: str, world: World) -> None:
    row = TABLE[key]
    path = path_of(key, row.alice(world))
    for client in clients(world, row):
        client.get("/healthz")  # a token's last use is noted once an hour at most
        if row.api:
            client.get("/api/v1/touchpoints")
        for ask in (client.get, client.head):
            with written() as found:
                answer = ask(path)
                if answer.streaming:
                    b"".join(answer.streaming_content)
            if key in NOTED:
                found = [sql for sql in found if "accounts_auditentry" not in sql]
            assert found == [], (key, ask.__name__)
            assert answer.status_code < 500


def test_the_walk_sees_what_is_written(world: World) -> None:
    client = Client()
    client.force_login(world.house.alice.user)
    with written() as found:
        client.post("/settings/touchpoints/new/", {"code": "c", "name__en": "C"})
    assert any("accounts_touchpoint" in sql for sql in found)
    assert len(INSIDE) > 100
