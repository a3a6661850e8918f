"""A customer is one customer, whichever identity arrives first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from manyi.accounts.permissions import scope
from manyi.customers import actions, queries
from manyi.customers.models import Consent, Customer, CustomerToken, CustomerUnit, Identity
from manyi.kit.problems import Forbidden, Problem
from tests import factories
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.db]

FANG = {"ref": "C-9", "name": "王芳", "phone": "138 0000 0000", "email": "Fang@Example.com"}


def test_the_same_person_is_stored_once() -> None:
    owner = factories.organisation()
    first = actions.upsert(owner.pk, FANG, NOW)
    assert actions.upsert(owner.pk, {"phone": "+8613800000000"}, NOW) == first
    assert actions.upsert(owner.pk, {"email": "fang@example.com"}, NOW) == first
    assert actions.upsert(owner.pk, {"ref": "C-9"}, NOW) == first
    assert Customer.objects.count() == 1
    assert {i.value for i in Identity.objects.all()} == {"+8613800000000", "fang@example.com"}


def test_personal_fields_are_sealed_in_the_table() -> None:
    from django.db import connection

    owner = factories.organisation()
    actions.upsert(owner.pk, FANG, NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM customers_customer")
        name = cursor.fetchone()[0]
        cursor.execute("SELECT value, blind FROM customers_identity")
        rows = cursor.fetchall()
    assert "王芳" not in name
    assert not any("1380000" in value or "1380000" in blind for value, blind in rows)
    assert Customer.objects.get().name == "王芳"


def test_one_batch_recognises_its_own_customers() -> None:
    owner = factories.organisation()
    ids = actions.upsert_many(
        owner.pk,
        [{"phone": "13800000001"}, {"ref": "C-1", "phone": "13800000001"}, {"ref": "C-1"}, {}],
        NOW,
    )
    assert ids[0] == ids[1] == ids[2]
    assert ids[3] is None
    assert Customer.objects.get().ref == "C-1"


def test_a_phone_stays_with_the_customer_who_had_it() -> None:
    owner = factories.organisation()
    first, second = actions.store_many(
        owner.pk, [FANG, {"ref": "C-10", "phone": "13800000000", "name": "李雷"}], NOW
    )
    assert first.id != second.id
    assert [p.code for p in second.problems] == ["customer.identity_elsewhere"]
    assert Identity.objects.get(kind="phone").customer_id == first.id


def test_a_ref_wins_over_a_phone() -> None:
    owner = factories.organisation()
    one, two = actions.upsert_many(owner.pk, [FANG, {"ref": "C-10"}], NOW)
    assert actions.upsert(owner.pk, {"ref": "C-10", "phone": "13800000000"}, NOW) == two
    assert one != two


def test_new_facts_are_added_and_nothing_is_written_for_known_ones() -> None:
    owner = factories.organisation()
    later = NOW + timedelta(days=1)
    given = {**FANG, "attributes": {"tier": "gold", "visits": 0}}
    actions.upsert(owner.pk, given, NOW)
    [again] = actions.store_many(owner.pk, [given], later)
    assert again.done == "unchanged"
    assert Customer.objects.get().updated_at == NOW
    [more] = actions.store_many(
        owner.pk, [{"ref": "C-9", "attributes": {"tier": None, "vip": False}}], later
    )
    assert more.done == "updated"
    assert Customer.objects.get().attributes == {"visits": 0, "vip": False}
    assert Customer.objects.get().updated_at == later


def test_what_cannot_be_read_is_left_out_and_named() -> None:
    owner = factories.organisation()
    [one] = actions.store_many(
        owner.pk, [{"ref": "C-1", "phone": "12", "email": "nobody", "name": "x" * 300}], NOW
    )
    assert {p.code for p in one.problems} == {
        "customer.phone_invalid",
        "customer.email_invalid",
        "text.too_long",
    }
    assert Customer.objects.get(pk=one.id).name == ""


def test_a_customer_of_one_organisation_is_unknown_to_another() -> None:
    alice, charlie = factories.house(), factories.stranger_house()
    mine = actions.upsert(alice.organisation.pk, FANG, NOW)
    theirs = actions.upsert(charlie.organisation.pk, FANG, NOW)
    assert mine != theirs
    assert list(queries.search(charlie.scope(), "王芳").values_list("pk", flat=True)) == [theirs]


def test_consent_is_noted_when_it_changes() -> None:
    owner = factories.organisation()
    yes = {"ref": "C-1", "consent": {"purpose": "feedback", "version": "2026-11", "at": NOW}}
    no = {"ref": "C-1", "consent": {"purpose": "feedback", "version": "2026-11", "granted": False}}
    pk = actions.upsert(owner.pk, yes, NOW)
    actions.upsert(owner.pk, yes, NOW + timedelta(days=1))
    assert Consent.objects.count() == 1
    assert queries.agreed(Customer.objects.get(pk=pk)) == {"feedback": True}
    actions.upsert(owner.pk, no, NOW + timedelta(days=2))
    assert queries.agreed(Customer.objects.get(pk=pk)) == {"feedback": False}


def test_a_room_has_its_owner_and_its_tenant() -> None:
    house = factories.house()
    place = {"unit": "N-001", "room": "3-1201", "relation": "业主"}
    given = {"ref": "C-1", **place}
    pk = actions.upsert(house.organisation.pk, given, NOW)
    [same] = actions.store_many(house.organisation.pk, [given], NOW)
    assert same.done == "unchanged"
    actions.upsert(house.organisation.pk, {"ref": "C-1", **place, "relation": "租户"}, NOW)
    row = CustomerUnit.objects.get(customer_id=pk)
    assert (row.unit, row.room, row.relation) == (house.north_1, "3-1201", "租户")
    [unknown] = actions.store_many(house.organisation.pk, [{"ref": "C-1", "unit": "XX"}], NOW)
    assert [p.code for p in unknown.problems] == ["customer.unit_unknown"]


def test_a_new_name_is_found_and_the_old_one_is_not() -> None:
    house = factories.house()
    actions.upsert(house.organisation.pk, FANG, NOW)
    actions.upsert(house.organisation.pk, {"ref": "C-9", "name": "王小芳"}, NOW)
    assert queries.search(house.scope(), "小芳").count() == 1
    assert queries.search(house.scope(), "王芳").count() == 0
    assert CustomerToken.objects.count() == 4  # 王小, 小芳, 芳 and 0000


def test_numbers_of_a_spreadsheet_are_codes() -> None:
    house = factories.house()
    row = {"ref": 0, "phone": 13800000000.0, "unit": "N-001", "room": 101.0, "name": None}
    assert actions.upsert_row(by=house.bob, row=row, now=NOW) == "created"
    assert actions.upsert_row(by=house.bob, row=row, now=NOW) == "unchanged"
    assert Customer.objects.get().ref == "0"
    assert Identity.objects.get().value == "+8613800000000"
    assert CustomerUnit.objects.get().room == "101"


def test_putting_refuses_what_cannot_be_read() -> None:
    house = factories.house()
    with pytest.raises(Problem) as refused:
        actions.put(by=house.alice, given={"ref": "C-1", "phone": "12", "nmae": "x"}, now=NOW)
    assert {e.code for e in refused.value.errors} == {
        "customer.phone_invalid",
        "customer.field_unknown",
    }
    assert not Customer.objects.exists()


def test_a_unit_manager_touches_only_customers_of_the_unit() -> None:
    house = factories.house()
    put = actions.put
    pk, done = put(by=house.bob, given={**FANG, "unit": "N-001"}, now=NOW)
    assert done == "created"
    assert put(by=house.bob, given={"ref": "C-9", "name": "王方"}, now=NOW) == (pk, "updated")
    put(by=house.alice, given={"ref": "C-2", "phone": "13900000000", "unit": "S-001"}, now=NOW)
    for given in (
        {"ref": "C-3", "unit": "S-001"},
        {"ref": "C-4"},
        {"phone": "13900000000", "unit": "N-001"},
    ):
        with pytest.raises(Forbidden):
            put(by=house.bob, given=given, now=NOW)
    assert Customer.objects.count() == 2
    with pytest.raises(Forbidden):
        put(by=house.viewer, given={"ref": "C-9"}, now=NOW)


def test_an_erased_customer_leaves_nothing() -> None:
    house = factories.house()
    pk = actions.upsert(house.organisation.pk, {**FANG, "unit": "N-001"}, NOW)
    customer = Customer.objects.get(pk=pk)
    request = actions.request_erasure(by=house.alice, customer=customer, now=NOW)
    assert actions.request_erasure(by=house.alice, customer=customer, now=NOW) == request
    assert actions.forget(request=request, now=NOW)
    assert not actions.forget(request=request, now=NOW)
    for model in (Customer, Identity, CustomerToken, CustomerUnit):
        assert not model.objects.exists()
    with pytest.raises(Forbidden):
        actions.request_erasure(by=house.bob, customer=customer, now=NOW)
    stranger = factories.stranger_house().charlie
    with pytest.raises(Forbidden):
        actions.request_erasure(by=stranger, customer=customer, now=NOW)


def test_a_suppressed_phone_stays_suppressed_however_it_is_written() -> None:
    house = factories.house()
    tenant = house.organisation.pk
    for _ in range(2):
        actions.suppress(
            organisation_id=tenant, kind="phone", value="138-0000-0000", reason="stop", now=NOW
        )
    pairs = [("phone", "+86 13800000000"), ("phone", "13900000000")]
    assert queries.suppressed(tenant, pairs) == {pairs[0]}
    assert queries.suppressed(factories.organisation().pk, pairs) == set()
    assert actions.lift_suppression(by=house.alice, kind="phone", value="13800000000", now=NOW)
    assert queries.suppressed(tenant, pairs) == set()


def test_a_scope_bounds_what_is_found() -> None:
    house = factories.house()
    tenant = house.organisation.pk
    north = actions.upsert(tenant, {**FANG, "unit": "N-001"}, NOW)
    south = actions.upsert(tenant, {"ref": "C-2", "name": "王芳", "unit": "S-001"}, NOW)
    nowhere = actions.upsert(tenant, {"ref": "C-3", "name": "王芳"}, NOW)
    bob = scope(house.bob)

    def found(heard: list[int]) -> set[int]:
        return set(queries.search(bob, "王芳", heard).values_list("pk", flat=True))

    assert found([]) == {north}
    assert found([nowhere]) == {north, nowhere}
    assert queries.search(house.scope(), "王芳").count() == 3
    with pytest.raises(Problem):
        queries.customer_by_id(bob, south)
