"""Customers are found by what staff type, and shown to those who may see them."""

from __future__ import annotations

import pytest

from manyi.accounts.permissions import scope
from manyi.customers import actions, queries, wire
from manyi.customers.models import Customer
from tests import factories
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.mark.parametrize(
    "typed",
    [
        "C-9",
        "13800000000",
        "+86 138 0000 0000",
        "0000",
        "FANG@example.com",
        "欧阳",
        "阳芳",
        "Smith",
    ],
)
def test_a_customer_is_found_by(typed: str) -> None:
    house = factories.house()
    given = {"ref": "C-9", "name": "欧阳芳 Smith", "phone": "13800000000"}
    pk = actions.upsert(house.organisation.pk, {**given, "email": "fang@example.com"}, NOW)
    actions.upsert(house.organisation.pk, {"ref": "C-10", "name": "李雷"}, NOW)
    assert list(queries.search(house.scope(), typed).values_list("pk", flat=True)) == [pk]


@pytest.mark.parametrize("typed", ["", "  ", "赵", "1234", "芳欧", "%", "nobody@example.com"])
def test_nobody_is_found_by(typed: str) -> None:
    house = factories.house()
    actions.upsert(house.organisation.pk, {"ref": "C-9", "name": "欧阳芳"}, NOW)
    assert not queries.search(house.scope(), typed).exists()


def test_the_wire_tells_nobody_to_those_who_may_not_see_people() -> None:
    house = factories.house()
    given = {
        "ref": "C-9",
        "name": "王芳",
        "phone": "13800000000",
        "unit": "N-001",
        "room": "西楼12",
    }
    pk = actions.upsert(house.organisation.pk, {**given, "attributes": {"id": "旧号11"}}, NOW)
    row = Customer.objects.get(pk=pk)
    shown = wire.customer(row, house.scope())
    assert (shown["name"], shown["phone"], shown["ref"]) == ("王芳", "+8613800000000", "C-9")
    assert shown["places"] == [{"unit": "N-001", "room": "西楼12", "relation": ""}]
    masked = str(wire.customer(row, scope(house.external)))
    assert not any(word in masked for word in ("王芳", "138000", "C-9", "西楼", "旧号"))
    assert not queries.search(scope(house.external), "王芳").exists()
