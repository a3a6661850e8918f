"""The chain holds, and whoever touches it is found out."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from manyi.accounts import audit, queries
from manyi.accounts.models import AuditEntry
from manyi.kit.problems import Forbidden
from tests import factories
from tests.factories import NOW


def write(count: int, organisation: int | None = None) -> None:
    for number in range(count):
        audit.record(
            organisation,
            actor="system",
            action="test.deed",
            target=f"thing:{number}",
            detail={"单位": ["é", 1, None, True, 0.1], "deep": {"b": 1, "a": 2}},
            now=NOW + timedelta(microseconds=number),
        )


@pytest.mark.django_db
@pytest.mark.db
def test_an_untouched_chain_holds() -> None:
    assert audit.verify() == audit.Verdict(ok=True, checked=0)
    write(5)
    assert audit.verify() == audit.Verdict(ok=True, checked=5)


@pytest.mark.django_db
@pytest.mark.db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("action", "other"),
        ("actor", "member:1"),
        ("target", "x"),
        ("detail", {"x": 1}),
        ("at", NOW - timedelta(days=1)),
        ("hash", "0" * 64),
        ("previous_hash", "0" * 64),
        ("organisation_id", 99),
    ],
)
def test_a_changed_entry_is_found(field: str, value: object) -> None:
    write(4)
    AuditEntry.objects.filter(number=3).update(**{field: value})
    assert audit.verify() == audit.Verdict(ok=False, checked=2, first_bad_number=3)
    AuditEntry.objects.all().delete()


@pytest.mark.django_db
@pytest.mark.db
def test_a_removed_entry_is_found() -> None:
    write(4)
    AuditEntry.objects.filter(number=2).delete()
    assert audit.verify() == audit.Verdict(ok=False, checked=1, first_bad_number=2)


@pytest.mark.django_db
@pytest.mark.db
def test_a_deed_that_is_undone_leaves_no_entry() -> None:
    write(1)
    with pytest.raises(RuntimeError), transaction.atomic():
        write(1)
        raise RuntimeError
    write(1)
    assert audit.verify() == audit.Verdict(ok=True, checked=2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.db
def test_many_at_once_do_not_fork_the_chain() -> None:
    def work() -> None:
        try:
            for _ in range(5):
                with transaction.atomic():
                    write(2)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert audit.verify() == audit.Verdict(ok=True, checked=40)


@pytest.mark.django_db
@pytest.mark.db
def test_owners_read_the_deeds_of_their_own_organisation() -> None:
    house, stranger = factories.house(), factories.stranger_house()
    write(2, house.organisation.pk)
    write(1, stranger.organisation.pk)
    assert queries.audit_entries(by=house.alice).count() == 2
    assert queries.audit_entries(by=stranger.charlie).count() == 1
    for member in (house.bob, house.analyst, house.external):
        with pytest.raises(Forbidden):
            queries.audit_entries(by=member)
