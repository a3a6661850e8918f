"""What pages show unless asked otherwise is there before they are asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from manyi.lake import halves
from manyi.lake.writing import append_new
from manyi.reports import usual
from tests.factories import NOW, house
from tests.voices import rated, receive

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


def test_the_usual_pages_ask_the_lake_nothing_that_was_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = house()
    for unit in (home.north_1, home.south_1):
        receive(home.alice, *[rated(4, unit=unit.code) for _ in range(12)])
    append_new(now=NOW + DAY)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + DAY)
    assert usual.reckon(NOW + DAY) == 1
    asked: list[Any] = []
    ask = halves.ask
    monkeypatch.setattr(
        "manyi.lake.halves.ask", lambda shape, *rest: asked.append(shape) or ask(shape, *rest)
    )
    client = Client()
    client.force_login(home.alice.user)
    for address in ("/", "/standings/"):
        assert home.north_1.name_in("zh-Hans").encode() in client.get(address).content
        assert asked == []


def test_nobody_is_reckoned_for_who_has_nothing_in_the_lake() -> None:
    house()
    assert usual.reckon(NOW) == 0
