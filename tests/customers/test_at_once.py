"""Two doors at the same moment make one customer."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from manyi.accounts import actions as accounts
from manyi.accounts.models import Member
from manyi.customers import actions
from manyi.customers.models import Customer, Identity
from manyi.kit.problems import Problem
from tests import factories
from tests.factories import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db]


def at_once(*works: object) -> None:
    def run(work: object) -> None:
        try:
            work()  # type: ignore[operator]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_many_doors_make_one_customer() -> None:
    owner = factories.organisation()
    found: list[list[int | None]] = []

    def receive() -> None:
        for start in range(0, 60, 10):
            numbers = range(start, start + 20)
            found.append(
                actions.upsert_many(
                    owner.pk, [{"phone": f"138000000{n:02d}", "name": "王芳"} for n in numbers], NOW
                )
            )

    at_once(*[receive] * 4)
    assert len(found) == 24
    assert Customer.objects.count() == Identity.objects.count() == 70
    assert {pk for ids in found for pk in ids} == set(Customer.objects.values_list("pk", flat=True))


def test_two_owners_cannot_leave_nobody() -> None:
    house = factories.house()
    other = factories.member(house.organisation, "owner")

    refused: list[str] = []

    def demote(by: int, member: int) -> None:
        people = Member.objects.in_bulk([by, member])
        try:
            accounts.change_member(by=people[by], member=people[member], role="viewer", now=NOW)
        except Problem as problem:
            refused.append(problem.code)

    one, two = house.alice.pk, other.pk
    at_once(lambda: demote(one, two), lambda: demote(two, one))
    assert refused in (["member.last_owner"], ["forbidden"])
    assert house.organisation.members.filter(role="owner", is_active=True).count() == 1


def test_two_set_ups_at_once_make_one_owner() -> None:
    told: list[str] = []

    def found(name: str) -> None:
        given = {"organisation": name, "username": name, "password": "An-0wner-Passw0rd"}
        try:
            accounts.set_up(code=accounts.setup_code(), now=NOW, **given)
            told.append("owner")
        except Problem as problem:
            told.append(problem.code)

    at_once(*[lambda n=n: found(f"house-{n}") for n in range(4)])
    assert sorted(told) == ["owner", "setup.closed", "setup.closed", "setup.closed"]
    assert Member.objects.filter(role="owner").count() == 1
