"""Units, people and their things as the API and exports send them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from manyi.accounts.models import (
    Agent,
    ApiToken,
    AuditEntry,
    Member,
    Organisation,
    Team,
    Touchpoint,
    Unit,
)
from manyi.kit.selection import Scope


def organisation(row: Organisation) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "language": row.language,
        "time_zone": row.time_zone,
        "level_names": row.level_names,
        "colour": row.colour,
        "has_logo": row.logo is not None,
        "precision_n": row.precision_n,
        "privacy_n": row.privacy_n,
        "is_demo": row.is_demo,
    }


def unit(row: Unit) -> dict[str, Any]:
    """Return a unit; `parent` needs select_related where many are sent."""
    return {
        "code": row.code,
        "name": row.name,
        "parent": row.parent.code if row.parent else None,
        "depth": row.depth,
        "size": row.size,
        "time_zone": row.time_zone or None,
        "attributes": row.attributes,
        "closed_at": _time(row.closed_at),
    }


def touchpoint(row: Touchpoint) -> dict[str, Any]:
    return {"code": row.code, "name": row.name, "position": row.position}


def team(row: Team) -> dict[str, Any]:
    return {"code": row.code, "name": row.name, "unit": row.unit.code if row.unit else None}


def agent(row: Agent, scope: Scope) -> dict[str, Any]:
    """Return an agent, nameless for those who may not see personal data."""
    return {
        "code": row.code,
        "name": (row.name or None) if scope.sees_personal else None,
        "unit": row.unit.code if row.unit else None,
        "is_active": row.is_active,
    }


def member(row: Member) -> dict[str, Any]:
    """Return a member as `queries.members` finds them."""
    return {
        "id": str(row.pk),
        "username": row.user.username,
        "name": row.user.first_name,
        "email": row.user.email or None,
        "phone": row.user.phone,
        "role": row.role,
        "unit": row.unit.code if row.unit else None,
        "is_active": row.is_active,
        "has_two_step": getattr(row, "has_two_step", False),
        "created_at": _time(row.created_at),
    }


def token(row: ApiToken) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "name": row.name,
        "hint": row.hint,
        "is_read_only": row.is_read_only,
        "created_at": _time(row.created_at),
        "expires_at": _time(row.expires_at),
        "last_used_on": row.last_used_on.isoformat() if row.last_used_on else None,
    }


def audit_entry(row: AuditEntry) -> dict[str, Any]:
    return {
        "number": row.number,
        "at": _time(row.at),
        "actor": row.actor,
        "action": row.action,
        "target": row.target,
        "detail": row.detail,
        "hash": row.hash,
    }


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
