"""A customer as the API, exports and webhooks send it."""

from __future__ import annotations

from typing import Any

from manyi.base import secrecy
from manyi.customers.models import Consent, Customer, CustomerUnit
from manyi.kit.selection import Scope


def customer(row: Customer, scope: Scope) -> dict[str, Any]:
    """Return the customer; without leave for personal data only a hash that joins records."""
    if not scope.sees_personal:
        return _masked(row, scope)
    identities: dict[str, list[str]] = {"phone": [], "email": [], "openid": [], "unionid": []}
    for one in row.identities.all():
        identities[one.kind].append(one.value)
    return {
        "id": str(row.pk),
        "ref": row.ref,
        "name": row.name or None,
        **{kind: values[0] if values else None for kind, values in identities.items()},
        "identities": [{"kind": k, "value": v} for k, values in identities.items() for v in values],
        "language": row.language or None,
        "attributes": row.attributes,
        "places": [place(p) for p in row.places.all() if _sees(scope, p)],
        "consents": [consent(c) for c in row.consents.all()],
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
    }


def _masked(row: Customer, scope: Scope) -> dict[str, Any]:
    nothing = dict.fromkeys(("name", "phone", "email", "openid", "unionid"))
    return {
        "id": str(row.pk),
        "ref": ref_hash(row),
        **nothing,
        "identities": [],
        "language": row.language or None,
        "attributes": {},
        "places": [{"unit": p.unit.code} for p in row.places.all() if _sees(scope, p)],
        "consents": [],
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
    }


def ref_hash(row: Customer) -> str:
    """Return a name for the customer that tells nothing, always the same."""
    return secrecy.blind(f"ref:{row.organisation_id}", row.ref or str(row.pk))[:16]


def place(row: CustomerUnit) -> dict[str, Any]:
    return {"unit": row.unit.code, "room": row.room, "relation": row.relation}


def consent(row: Consent) -> dict[str, Any]:
    return {
        "purpose": row.purpose,
        "version": row.version,
        "language": row.language,
        "channel": row.channel,
        "is_granted": row.is_granted,
        "at": row.at.isoformat(),
    }


def _sees(scope: Scope, row: CustomerUnit) -> bool:
    return scope.unit_ids is None or row.unit_id in scope.unit_ids
