"""Who sees which customers: those who belong to their units, and those heard there."""

from __future__ import annotations

import pytest

from manyi.accounts import permissions
from manyi.accounts.permissions import scope
from manyi.customers import actions, queries
from manyi.feedback.queries import customers_heard, of_customer, visible_to
from tests.factories import NOW, House, house
from tests.voices import receive, voice

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def known(home: House, ref: str, unit: str | None, heard_at: str | None) -> int:
    place = {"unit": unit} if unit else {}
    pk = actions.put(by=home.alice, given={"ref": ref, "name": ref, **place}, now=NOW)[0]
    if heard_at:
        receive(home.alice, voice(unit=heard_at, customer={"ref": ref}))
    return pk


@pytest.mark.parametrize("of_few", [0, 1_000])
def test_many_units_and_few_see_the_same_customers(
    of_few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions, "_A_FEW_OF", of_few)
    home = house()
    bobs = scope(home.bob)
    assert permissions.sees_few(bobs) is (of_few == 0)
    placed = known(home, "placed", home.north_1.code, None)
    heard = known(home, "heard", None, home.north_1.code)
    both = known(home, "both", home.north_1.code, home.north_1.code)
    elsewhere = known(home, "elsewhere", home.south_1.code, home.south_1.code)
    nowhere = known(home, "nowhere", None, None)

    def seen(by: permissions.Scope) -> set[int]:
        return set(queries.customers(by, customers_heard(by)).values_list("pk", flat=True))

    assert seen(bobs) == {placed, heard, both}
    assert seen(home.scope()) == {placed, heard, both, elsewhere, nowhere}
    assert set(queries.customers(bobs).values_list("pk", flat=True)) == {placed, both}


def test_records_found_beside_a_scope_are_those_within_it() -> None:
    home = house()
    pk = known(home, "C-1", None, home.north_1.code)
    receive(home.alice, voice(unit=home.south_1.code, customer={"ref": "C-1"}))
    receive(home.alice, voice(customer={"ref": "C-1"}))
    for by, n in ((scope(home.bob), 1), (home.scope(), 3)):
        assert of_customer(by, pk).count() == n
        assert set(visible_to(by, permissions.beside)) == set(visible_to(by))
