"""Reads: customers inside what a member may see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet

from manyi.base import cjk, secrecy
from manyi.customers.given import normal, read
from manyi.customers.models import (
    Consent,
    Customer,
    CustomerToken,
    ErasureRequest,
    Identity,
    Suppression,
)
from manyi.kit.problems import NotFound
from manyi.kit.selection import Scope

Heard = Any  # ids of customers whose records the scope sees: a list, or a subquery


def customers(scope: Scope, heard: Heard = ()) -> QuerySet[Customer]:
    """Return the customers of `scope`, the latest changed first, ready for `wire`."""
    rows = Customer.objects.visible_to(scope, heard)
    return rows.prefetch_related("identities", "places__unit", "consents").order_by(
        "-updated_at", "-pk"
    )


def customer_by_id(scope: Scope, pk: int, heard: Heard = ()) -> Customer:
    return _one(customers(scope, heard).filter(pk=pk))


def customer_by_ref(scope: Scope, ref: str, heard: Heard = ()) -> Customer:
    return _one(customers(scope, heard).filter(ref=ref))


def customer_by_identity(scope: Scope, kind: str, value: str) -> Customer:
    """Return who has this phone, e-mail address or openid."""
    clean = normal(kind, value)
    blinds = secrecy.blinds(kind, clean) if clean else []
    return _one(customers(scope).filter(identities__kind=kind, identities__blind__in=blinds))


def _one(rows: QuerySet[Customer]) -> Customer:
    found = rows.first()
    if found is None:
        raise NotFound("customer.not_found")
    return found


def search(scope: Scope, text: str, heard: Heard = ()) -> QuerySet[Customer]:
    """Return the customers found by ref, phone, its last four digits, e-mail or part of a name.

    Who may not see personal data finds nobody: each hit would tell a name or a phone.
    """
    rows = customers(scope, heard)
    wanted = text.strip()
    if not scope.sees_personal or not wanted:
        return rows.none()
    by_ref = rows.filter(ref=wanted)
    ids = set(by_ref.values_list("pk", flat=True)) | _by_identity(scope, wanted)
    if re.fullmatch(r"[0-9]{4}", wanted):
        ids |= _by_tokens(secrecy.blinds(f"last4:{scope.organisation_id}", wanted))
    elif not ids:
        ids |= _by_name(scope.organisation_id, wanted)
    return rows.filter(pk__in=ids)


def _by_identity(scope: Scope, text: str) -> set[int]:
    found: set[int] = set()
    for kind in Identity.Kind.values:
        value = normal(kind, text)
        if value is not None:
            hits = Identity.objects.filter(
                organisation_id=scope.organisation_id,
                kind=kind,
                blind__in=secrecy.blinds(kind, value),
            )
            found |= set(hits.values_list("customer_id", flat=True))
    return found


def _by_name(organisation_id: int, text: str) -> set[int]:
    kind = f"name:{organisation_id}"
    found: set[int] | None = None
    for token in {token for phrase in cjk.phrases(text) for token in phrase}:
        hits = _by_tokens(secrecy.blinds(kind, token))
        found = hits if found is None else found & hits
    return found or set()


def _by_tokens(hashes: Iterable[str]) -> set[int]:
    hits = CustomerToken.objects.filter(blind__in=list(hashes))
    return set(hits.values_list("customer_id", flat=True)[:5000])


def consents(customer: Customer) -> QuerySet[Consent]:
    """Return what the customer agreed to and took back, the latest first."""
    return Consent.objects.filter(customer=customer).order_by("-at", "-pk")


def agreed(customer: Customer) -> dict[str, bool]:
    """Return the last word on every purpose, yes or no, in the order of the purposes."""
    rows = Consent.objects.filter(customer=customer).order_by("at", "pk")
    return dict(sorted(dict(rows.values_list("purpose", "is_granted")).items()))


def suppressed(organisation_id: int, pairs: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return those of the (kind, value) pairs that must not be written to."""
    hashes: dict[tuple[str, str], tuple[str, str]] = {}
    for kind, value in pairs:
        clean = normal(kind, value)
        for blind in secrecy.blinds(kind, clean) if clean else []:
            hashes[kind, blind] = (kind, value)
    rows = Suppression.objects.filter(
        organisation_id=organisation_id, blind__in=[blind for _, blind in hashes]
    )
    return {hashes[row] for row in rows.values_list("kind", "blind") if row in hashes}


def open_erasures() -> QuerySet[ErasureRequest]:
    return ErasureRequest.objects.filter(done_at=None).order_by("requested_at", "pk")


def erasure_by_id(scope: Scope, pk: int) -> ErasureRequest:
    found = ErasureRequest.objects.filter(organisation_id=scope.organisation_id, pk=pk).first()
    if found is None:
        raise NotFound("not_found")
    return found


def matched(organisation_id: int, raw: Mapping[str, Any]) -> set[int]:
    """Return the ids of the customers whose ref or identities `raw` names."""
    given = read(organisation_id, raw)
    mine = Customer.objects.filter(organisation_id=organisation_id)
    found: set[int] = set()
    if given.ref is not None:
        found |= set(mine.filter(ref=given.ref).values_list("pk", flat=True))
    for known in given.identities:
        owners = Identity.objects.filter(
            organisation_id=organisation_id,
            kind=known.kind,
            blind__in=secrecy.blinds(known.kind, known.value),
        )
        found |= set(owners.values_list("customer_id", flat=True))
    return found
