"""What was measured is remembered, and measured anew once anything that it depends on changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from manyi.accounts.models import Organisation, Unit
from manyi.accounts.permissions import scope
from manyi.kit.selection import Selection
from manyi.lake import queries as lake
from manyi.lake.writing import append_new
from manyi.metrics import indicators, queries
from tests.factories import NOW, House, house
from tests.voices import rated, receive

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the lake was asked for."""
    found: list[Any] = []
    moments = lake.moments
    monkeypatch.setattr(
        "manyi.lake.queries.moments", lambda *a, **k: found.append(a) or moments(*a, **k)
    )
    return found


def numbers(selection: Selection) -> list[tuple[str, float | None, int | None]]:
    rows = queries.estimate(selection, "csat", None)
    return [(row.status, row.estimate.value, row.n) for row in rows]


def voiced(home: House, n: int = 12, **more: Any) -> None:
    receive(home.alice, *[rated(4, unit=home.north_1.code, **more) for _ in range(n)])


def test_the_same_question_is_answered_once_until_somebody_answers(asked: list[Any]) -> None:
    home = house()
    voiced(home)
    append_new(now=NOW + timedelta(days=1))
    mine = Selection(home.scope())
    first = numbers(mine)
    many = len(asked)
    assert many > 0
    assert numbers(mine) == first
    assert len(asked) == many
    voiced(home, 3)
    assert numbers(mine) == [("ok", 100.0, 15)]


def test_other_thresholds_and_another_tree_are_looked_at_anew() -> None:
    home = house()
    voiced(home)
    mine = Selection(home.scope(), {"unit": (home.north.code,)})
    assert numbers(mine) == [("ok", 100.0, 12)]
    Organisation.objects.filter(pk=home.organisation.pk).update(precision_n=13)
    assert numbers(mine)[0][0] == "too_few"
    Organisation.objects.filter(pk=home.organisation.pk).update(precision_n=5)
    Unit.objects.filter(pk=home.north_1.pk).update(path=f"{home.south.path}{home.north_1.pk}/")
    assert numbers(mine)[0][1] is None


def test_a_member_of_fewer_units_is_not_told_what_another_one_was() -> None:
    home = house()
    voiced(home)
    receive(home.alice, *[rated(1, unit=home.south_1.code) for _ in range(12)])
    assert numbers(Selection(home.scope())) == [("ok", 50.0, 24)]
    assert numbers(Selection(scope(home.bob))) == [("ok", 100.0, 12)]


def test_conditions_that_admit_nothing_are_not_taken_for_none() -> None:
    home = house()
    voiced(home, channel="web")
    everybody = Selection(home.scope())
    assert numbers(everybody) == [("ok", 100.0, 12)]
    # An indicator of the web, looked at in another channel.
    nobody = indicators.narrowed(
        everybody.narrowed(channel="app"), everybody.narrowed(channel="web")
    )
    assert nobody.where == {"channel": ()}
    assert numbers(nobody) == [("too_few", None, 0)]
    assert nobody.key != everybody.key
