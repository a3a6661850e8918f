"""Rows of an import: each stores what it says once, and says what it did.

A column that is absent leaves its value alone; an empty cell of `parent` or `unit` means the
top, and of a text means none. `by` must be allowed what the row does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from django.db import transaction

from manyi.accounts.actions.people import add_member, change_member, change_person
from manyi.accounts.actions.places import add_agent, add_touchpoint, change_place
from manyi.accounts.actions.units import add_unit, change_unit, close_unit, move_unit, reopen_unit
from manyi.accounts.given import (
    clean_code,
    clean_email,
    clean_local,
    clean_phone,
    clean_position,
    refuse,
)
from manyi.accounts.models import Agent, Member, Touchpoint, Unit
from manyi.kit.localtext import LocalText

Done = Literal["created", "updated", "unchanged"]
Row = Mapping[str, Any]


def upsert_unit(*, by: Member, row: Row, now: datetime) -> Done:
    """Store a row with code, name, parent, size, time_zone, attributes, is_closed."""
    code = clean_code(row.get("code"))
    parent = _unit(by, row.get("parent"), "parent")
    values = _named(by, row, "size", "time_zone", "attributes")
    with transaction.atomic():
        unit = Unit.objects.filter(organisation_id=by.organisation_id, code=code).first()
        if unit is None:
            unit = add_unit(by=by, code=code, parent=parent, now=now, **values)
            _close(by, unit, row, now)
            return "created"
        values = _merged(unit, values)
        changed = [
            change_unit(by=by, unit=unit, now=now, **values) if values else False,
            move_unit(by=by, unit=unit, parent=parent, now=now) if "parent" in row else False,
            _close(by, unit, row, now),
        ]
    return "updated" if any(changed) else "unchanged"


def _close(by: Member, unit: Unit, row: Row, now: datetime) -> bool:
    if row.get("is_closed") is None or bool(row["is_closed"]) == (unit.closed_at is not None):
        return False
    change = close_unit if row["is_closed"] else reopen_unit
    return change(by=by, unit=unit, now=now) > 0


def upsert_touchpoint(*, by: Member, row: Row, now: datetime) -> Done:
    """Store a row with code, name, position."""
    code = clean_code(row.get("code"))
    values = _named(by, row)
    if row.get("position") not in (None, ""):
        values["position"] = clean_position(row["position"])
    with transaction.atomic():
        found = Touchpoint.objects.filter(organisation_id=by.organisation_id, code=code).first()
        if found is None:
            add_touchpoint(by=by, code=code, now=now, **values)
            return "created"
        return _done(change_place(by=by, row=found, now=now, **_merged(found, values)))


def upsert_agent(*, by: Member, row: Row, now: datetime) -> Done:
    """Store a row with code, name, unit, is_active."""
    code = clean_code(row.get("code"))
    values = {key: row[key] for key in ("name",) if row.get(key) is not None}
    if "unit" in row:
        values["unit"] = _unit(by, row["unit"], "unit")
    with transaction.atomic():
        found = Agent.objects.filter(organisation_id=by.organisation_id, code=code).first()
        if found is None:
            add_agent(by=by, code=code, now=now, **values)
            return "created"
        if row.get("is_active") is not None:
            values["is_active"] = bool(row["is_active"])
        return _done(change_place(by=by, row=found, now=now, **values))


def upsert_member(*, by: Member, row: Row, now: datetime) -> Done:
    """Store a row with username, email, phone (one names the person), name, role, unit, password.

    The password of somebody who is a member already is left alone.
    """
    with transaction.atomic():
        found = _member(by, row)
        if found is None:
            add_member(
                by=by,
                role=str(row.get("role") or Member.Role.AGENT),
                unit=_unit(by, row.get("unit"), "unit"),
                password=str(row.get("password") or "") or None,
                now=now,
                **_person(row),
            )
            return "created"
        place: dict[str, Any] = {"role": str(row.get("role") or "") or None}
        if "unit" in row:
            place["unit"] = _unit(by, row["unit"], "unit")
        changed = [
            change_member(by=by, member=found, now=now, **place),
            change_person(by=by, member=found, now=now, **_person(row)),
        ]
    return _done(any(changed))


def _person(row: Row) -> dict[str, str]:
    keys = ("username", "email", "phone", "name", "language")
    return {key: str(row[key]).strip() for key in keys if row.get(key)}


def _member(by: Member, row: Row) -> Member | None:
    mine = Member.objects.filter(organisation_id=by.organisation_id).select_related("user", "unit")
    for where, value in (
        ("user__username__iexact", str(row.get("username") or "").strip()),
        ("user__email__iexact", clean_email(str(row.get("email") or ""))),
        ("user__phone", clean_phone(str(row.get("phone") or ""))),
    ):
        found = mine.filter(**{where: value}).first() if value else None
        if found is not None:
            return found
    return None


def _unit(by: Member, code: Any, pointer: str) -> Unit | None:
    wanted = str(code if code is not None else "").strip()
    if not wanted:
        return None
    found = Unit.objects.filter(organisation_id=by.organisation_id, code=wanted).first()
    if found is None:
        refuse(pointer, "unit.not_found", value=wanted[:80])
    return found


def _named(by: Member, row: Row, *keys: str) -> dict[str, Any]:
    """Return the name in every language that the row gives (`name`, `name:en`), and `keys`."""
    name = row.get("name")
    words: LocalText = clean_local(name, by.organisation.language) if name else {}
    extra = {k[5:]: str(v) for k, v in row.items() if k.startswith("name:") and v}
    values = {key: row[key] for key in keys if row.get(key) is not None}
    if words or extra:
        values["name"] = {**words, **extra}
    return values


def _merged(found: Unit | Touchpoint, values: dict[str, Any]) -> dict[str, Any]:
    """Add to what is there: a name in one language keeps those in the others."""
    merged = dict(values)
    for key in ("name", "attributes"):
        if key in values:
            merged[key] = {**getattr(found, key, {}), **values[key]}
    return merged


def _done(changed: object) -> Done:
    return "updated" if changed else "unchanged"
