"""Who sees what: the tree bounds a member, and a tenant bounds everybody."""

from __future__ import annotations

import pytest

from manyi.accounts.permissions import may, scope
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def test_a_scope_holds_the_units_below_the_member() -> None:
    house = factories.house()
    seen = scope(house.bob)
    assert seen.unit_ids == {house.north.pk, house.north_1.pk, house.north_2.pk}
    assert scope(house.alice).unit_ids is None


def test_an_external_analyst_sees_neither_text_nor_people() -> None:
    house = factories.house()
    seen = scope(house.external)
    assert (seen.sees_text, seen.sees_personal) == (False, False)
    assert scope(house.bob).sees_personal


def test_a_role_holds_only_below_its_unit() -> None:
    house = factories.house()
    assert may(house.bob, "agent.edit", house.north_2)
    assert not may(house.bob, "agent.edit", house.south_1)
    assert not may(house.bob, "member.edit", house.north_2)
