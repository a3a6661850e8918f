"""Writes: a customer is stored once, whichever of their identities arrives first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from manyi.accounts import audit
from manyi.accounts.models import Member
from manyi.accounts.permissions import require, scope
from manyi.base import secrecy
from manyi.customers.batch import Batch, Done, Stored
from manyi.customers.given import KEYS, KINDS, normal, read
from manyi.customers.models import (
    Consent,
    Customer,
    CustomerToken,
    CustomerUnit,
    ErasureRequest,
    Identity,
    Suppression,
)
from manyi.kit.problems import FieldProblem, Forbidden, Problem

CHUNK = 1000


def upsert_many(
    organisation_id: int, givens: Sequence[Mapping[str, Any]], now: datetime
) -> list[int | None]:
    """Store customers and return their ids in order; None for one without ref or identity.

    Each is found by ref, then phone, email, openid, unionid. A field that cannot be read is
    left out; `store_many` says which.
    """
    return [one.id for one in store_many(organisation_id, givens, now)]


def store_many(
    organisation_id: int, givens: Sequence[Mapping[str, Any]], now: datetime
) -> list[Stored]:
    """Store customers and return what became of each, with the problems of its fields."""
    stored: list[Stored] = []
    for start in range(0, len(givens), CHUNK):
        read_ones = [read(organisation_id, raw) for raw in givens[start : start + CHUNK]]
        stored += Batch(organisation_id, read_ones, now).store()
    return stored


def upsert(organisation_id: int, given: Mapping[str, Any], now: datetime) -> int | None:
    """Store one customer as `upsert_many` does."""
    return upsert_many(organisation_id, [given], now)[0]


LONGEST_PURPOSE = 40


def put(*, by: Member, given: Mapping[str, Any], now: datetime) -> tuple[int, Done]:
    """Store what `by` typed or sent; a field that cannot be read refuses the whole.

    An identity or unit that belongs elsewhere refuses it too. A member below a unit may only
    touch customers of units they see.
    """
    require(by, "customer.edit")
    unknown = [FieldProblem(key, "customer.field_unknown") for key in given if key not in KEYS]
    parsed = read(by.organisation_id, given)
    if unknown or parsed.problems or not parsed.has_key:
        missing = [] if parsed.has_key else [FieldProblem("ref", "customer.no_key")]
        errors = (*unknown, *parsed.problems, *missing)
        raise Problem("customer.invalid", errors=errors)
    batch = Batch(by.organisation_id, [parsed], now)
    with transaction.atomic():
        [stored] = batch.store()
        if stored.problems or stored.id is None:
            raise Problem("customer.invalid", errors=tuple(stored.problems))
        _require_scope(by, batch, stored.id, stored.done)
        if stored.done != "unchanged":
            _record(by, "customer.put", stored.id, {"done": stored.done}, now)
    return stored.id, stored.done


def _require_scope(by: Member, batch: Batch, customer_id: int, done: Done) -> None:
    """Refuse a member below a unit who adds a place outside it, or touches another's customer.

    Runs after the match, which alone tells whose customer it is; the refusal undoes it all.
    """
    if by.unit_id is None:
        return
    seen = scope(by).unit_ids or frozenset()
    touched = {*batch.new_places, *batch.changed_places}
    if any(unit not in seen for _, unit, _ in touched):
        raise Forbidden("forbidden", deed="customer.edit")
    if done == "created" and not touched:
        raise Forbidden("customer.needs_unit")
    places = CustomerUnit.objects.filter(customer_id=customer_id, unit_id__in=seen)
    before = {*places.values_list("customer_id", "unit_id", "room")} - batch.new_places.keys()
    if done != "created" and not before:
        raise Forbidden("customer.elsewhere")


def upsert_row(*, by: Member, row: Mapping[str, Any], now: datetime) -> Done:
    """Store a row of an import: ref, name, phone, email, unit, room, relation, attributes."""
    given = {key: value for key, value in row.items() if value not in (None, "")}
    return put(by=by, given=given, now=now)[1]


def remove_identity(*, by: Member, identity: Identity, now: datetime) -> None:
    """Take a wrong phone or address away from a customer."""
    _may_edit(by, identity.customer)
    with transaction.atomic():
        _record(by, "customer.identity", identity.customer_id, {"kind": identity.kind}, now)
        identity.delete()


def remove_place(*, by: Member, place: CustomerUnit, now: datetime) -> None:
    """End a customer's belonging to a unit: a tenant moved out."""
    _may_edit(by, place.customer)
    require(by, "customer.edit", place.unit)
    with transaction.atomic():
        _record(by, "customer.place", place.customer_id, {"unit": place.unit.code}, now)
        place.delete()


def _may_edit(by: Member, customer: Customer) -> None:
    require(by, "customer.edit")
    if not Customer.objects.visible_to(scope(by)).filter(pk=customer.pk).exists():
        raise Forbidden("forbidden", deed="customer.edit")


def record_consent(
    *,
    customer: Customer,
    purpose: str,
    is_granted: bool,
    version: str = "",
    language: str = "",
    channel: str = "",
    now: datetime,
) -> Consent:
    """Note what a customer agreed to or took back; the same moment again changes nothing."""
    consent, _ = Consent.objects.get_or_create(
        customer=customer,
        purpose=purpose[:40],
        version=version[:40],
        is_granted=is_granted,
        at=now,
        defaults={"language": language[:10], "channel": channel[:20]},
    )
    return consent


def note_consent(
    *, by: Member, customer: Customer, purpose: str, is_granted: bool, now: datetime
) -> Consent:
    """Note what a customer told a colleague: yes or no to a purpose, from now on."""
    _may_edit(by, customer)
    clean = " ".join(purpose.split())
    if not clean or len(clean) > LONGEST_PURPOSE or not clean.isprintable():
        named = FieldProblem("purpose", "customer.purpose", {"limit": LONGEST_PURPOSE})
        raise Problem("customer.purpose", errors=(named,), limit=LONGEST_PURPOSE)
    with transaction.atomic():
        detail = {"value": is_granted}
        _record(by, "consent.record", customer.pk, detail, now)
        return record_consent(
            customer=customer, purpose=clean, is_granted=is_granted, channel="staff", now=now
        )


def stop_contact(*, by: Member, identity: Identity, now: datetime) -> None:
    """Never write to a customer's phone or address again, on their own wish."""
    _may_edit(by, identity.customer)
    with transaction.atomic():
        suppress(
            organisation_id=by.organisation_id,
            kind=identity.kind,
            value=identity.value,
            reason="asked",
            now=now,
        )
        _record(by, "suppression.add", identity.customer_id, {"kind": identity.kind}, now)


def suppress(
    *, organisation_id: int, kind: str, value: str, reason: str, now: datetime
) -> Suppression:
    """Never write to this phone or address again, whoever asks; twice is once."""
    clean = normal(kind, value) if kind in KINDS else None
    if clean is None:
        raise Problem("customer.identity_invalid", kind=kind)
    row, _ = Suppression.objects.get_or_create(
        organisation_id=organisation_id,
        kind=kind,
        blind=secrecy.blind(kind, clean),
        defaults={"mark": secrecy.marks()[0], "reason": reason[:40], "at": now},
    )
    return row


def lift_suppression(*, by: Member, kind: str, value: str, now: datetime) -> bool:
    """Allow writing again, on the customer's own wish; False where nothing stood against it."""
    require(by, "customer.erase")
    clean = normal(kind, value) if kind in KINDS else None
    if clean is None:
        raise Problem("customer.identity_invalid", kind=kind)
    rows = Suppression.objects.filter(
        organisation_id=by.organisation_id, kind=kind, blind__in=secrecy.blinds(kind, clean)
    )
    with transaction.atomic():
        removed, _ = rows.delete()
        if removed:
            audit.record(
                by.organisation_id, actor=by, action="suppression.lift", detail={}, now=now
            )
    return bool(removed)


def request_erasure(*, by: Member, customer: Customer, now: datetime) -> ErasureRequest:
    """Ask every floor to forget the customer; asking again returns the open request."""
    require(by, "customer.erase")
    if customer.organisation_id != by.organisation_id:
        raise Forbidden("forbidden", deed="customer.erase")
    with transaction.atomic():
        request, is_new = ErasureRequest.objects.get_or_create(
            organisation_id=by.organisation_id,
            customer_id_value=customer.pk,
            done_at=None,
            defaults={"requested_at": now},
        )
        if is_new:
            _record(by, "customer.erase", customer.pk, {"request": request.pk}, now)
    return request


def tick(request: ErasureRequest, floor: str, *, now: datetime) -> None:
    """Note that a floor has forgotten its part; other floors tick at the same time."""
    with transaction.atomic():
        row = ErasureRequest.objects.select_for_update().get(pk=request.pk)
        row.ticks = {**row.ticks, floor: now.isoformat()}
        row.save(update_fields=["ticks"])
    request.ticks = row.ticks


def forget(*, request: ErasureRequest, now: datetime) -> bool:
    """Delete the customer with identities, places, consents and tokens, and tick this floor.

    Higher floors go first: they find their rows by the customer's id. False when ticked already.
    """
    if "customers" in request.ticks:
        return False
    with transaction.atomic():
        CustomerToken.objects.filter(customer_id=request.customer_id_value).delete()
        Customer.objects.filter(
            pk=request.customer_id_value, organisation_id=request.organisation_id
        ).delete()
        tick(request, "customers", now=now)
    return True


def _record(
    by: Member, action: str, customer_id: int, detail: dict[str, Any], now: datetime
) -> None:
    audit.record(
        by.organisation_id,
        actor=by,
        action=action,
        target=f"customer:{customer_id}",
        detail=detail,
        now=now,
    )
