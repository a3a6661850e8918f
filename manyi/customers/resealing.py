"""Customers under a new key: names and addresses sealed again, hashes made again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Cast

from manyi.base import secrecy
from manyi.customers.given import name_tokens, phone_token
from manyi.customers.models import Customer, CustomerToken, Identity, Suppression

Rows: TypeAlias = Any  # rows of any model, with their columns


def sealed_before(rows: Rows, field: str) -> Rows:
    """Return the rows whose `field` an earlier key of this installation sealed."""
    return sealed_by(rows, field, secrecy.marks()[1:])


def sealed_by(rows: Rows, field: str, marks: Iterable[str]) -> Rows:
    """Return the rows whose `field` was sealed by a key of these marks."""
    return _with_text(rows, field).filter(_begins(marks))


def sealed_by_nobody(rows: Rows, field: str) -> Rows:
    """Return the rows that no key of this installation opens."""
    found = _with_text(rows, field).filter(sealed_text__startswith="2")
    return found.exclude(_begins(secrecy.marks()))


def _with_text(rows: Rows, field: str) -> Rows:
    return rows.annotate(sealed_text=Cast(field, models.TextField()))


def _begins(marks: Iterable[str]) -> Q:
    wanted = Q(pk__in=[])
    for mark in marks:
        wanted |= Q(sealed_text__startswith=mark)
    return wanted


def reseal_customers(at_most: int) -> int:
    """Seal some customers with the newest key; return how many, 0 when none is left."""
    ids = {*sealed_before(Customer.objects.all(), "name").values_list("pk", flat=True)[:at_most]}
    known = sealed_before(Identity.objects.all(), "value")
    ids |= {*known.values_list("customer_id", flat=True)[:at_most]}
    for customer in Customer.objects.filter(pk__in=ids).prefetch_related("identities"):
        with transaction.atomic():
            _reseal(customer)
    return len(ids)


def _reseal(customer: Customer) -> None:
    organisation = customer.organisation_id
    hashes = set(name_tokens(organisation, customer.name))
    for one in customer.identities.all():
        if not one.value:  # its key is lost: the hash stays, a later key may open both
            continue
        _move_stop(one)
        one.blind = secrecy.blind(one.kind, one.value)
        one.save(update_fields=["value", "blind"])
        if one.kind == Identity.Kind.PHONE:
            hashes.add(phone_token(organisation, one.value))
    customer.save(update_fields=["name"])
    CustomerToken.objects.filter(customer=customer).delete()
    CustomerToken.objects.bulk_create(CustomerToken(customer=customer, blind=h) for h in hashes)


def _move_stop(one: Identity) -> None:
    """A stopped address is kept as a hash alone: only its owner's own row tells it again."""
    hashes = secrecy.blinds(one.kind, one.value)
    mine = Suppression.objects.filter(organisation_id=one.organisation_id, kind=one.kind)
    if not mine.filter(blind=hashes[0]).exists():
        mine.filter(blind__in=hashes[1:]).update(blind=hashes[0], mark=secrecy.marks()[0])


def stops_before() -> int:
    """Return how many stopped addresses only an earlier key finds."""
    return Suppression.objects.filter(mark__in=secrecy.marks()[1:]).count()


def stops_lost() -> int:
    """Return how many stopped addresses no key of this installation finds."""
    return Suppression.objects.exclude(mark__in=["", *secrecy.marks()]).count()
