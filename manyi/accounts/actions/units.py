"""The tree of units: grown, moved, closed; no circle, no orphan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr

from manyi.accounts import audit
from manyi.accounts.given import (
    clean_attributes,
    clean_code,
    clean_local,
    clean_size,
    clean_zone,
    refuse,
)
from manyi.accounts.models import Member, Organisation, Unit
from manyi.accounts.permissions import require
from manyi.kit.localtext import LocalText
from manyi.kit.problems import Forbidden

MAX_DEPTH = 12


def add_unit(
    *,
    by: Member,
    code: str,
    name: LocalText | str = "",
    parent: Unit | None = None,
    size: object = None,
    time_zone: str = "",
    attributes: Mapping[str, Any] | None = None,
    now: datetime,
) -> Unit:
    """Add a unit below `parent`, or at the top."""
    _may_edit(by, parent)
    unit = Unit(
        organisation_id=by.organisation_id,
        code=clean_code(code),
        name=clean_local(name, by.organisation.language),
        size=clean_size(size),
        time_zone=clean_zone(time_zone) if time_zone else "",
        attributes=clean_attributes(attributes),
    )
    with transaction.atomic():
        _take_code(unit)
        _hang(unit, parent)
        audit.record(
            by.organisation_id,
            actor=by,
            action="unit.add",
            target=f"unit:{unit.pk}",
            detail={"code": unit.code, "parent": parent.code if parent else None},
            now=now,
        )
    return unit


def _may_edit(by: Member, unit: Unit | None) -> None:
    if unit is not None and unit.organisation_id != by.organisation_id:
        raise Forbidden("forbidden", deed="unit.edit")
    if unit is None and by.unit_id is not None:
        raise Forbidden("forbidden", deed="unit.edit")
    require(by, "unit.edit", unit)


def _take_code(unit: Unit) -> None:
    try:
        with transaction.atomic():
            unit.save()
    except IntegrityError:
        refuse("code", "code.taken", value=unit.code)


def _hang(unit: Unit, parent: Unit | None) -> None:
    depth = parent.depth + 1 if parent else 0
    if depth >= MAX_DEPTH:
        refuse("parent", "unit.too_deep", limit=MAX_DEPTH)
    unit.parent, unit.depth = parent, depth
    unit.path = f"{parent.path if parent else ''}{unit.pk}/"
    unit.save(update_fields=["parent", "depth", "path"])


_CLEANERS: dict[str, Callable[[Any, Member], Any]] = {
    "code": lambda value, by: clean_code(value),
    "name": lambda value, by: clean_local(value, by.organisation.language),
    "size": lambda value, by: clean_size(value),
    "time_zone": lambda value, by: clean_zone(value) if value else "",
    "attributes": lambda value, by: clean_attributes(value),
}


def change_unit(*, by: Member, unit: Unit, now: datetime, **values: Any) -> bool:
    """Set code, name, size, time_zone or attributes; False when nothing differs."""
    _may_edit(by, unit)
    cleaned = {key: _CLEANERS[key](value, by) for key, value in values.items()}
    changed = [key for key, value in cleaned.items() if getattr(unit, key) != value]
    if not changed:
        return False
    for key in changed:
        setattr(unit, key, cleaned[key])
    with transaction.atomic():
        _take_code(unit)
        _record(by, "unit.change", unit, {"fields": sorted(changed)}, now)
    return True


def move_unit(*, by: Member, unit: Unit, parent: Unit | None, now: datetime) -> bool:
    """Hang `unit` with everything below it under `parent`; False when it hangs there already."""
    _may_edit(by, unit)
    _may_edit(by, parent)
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=by.organisation_id)
        unit.refresh_from_db()
        if parent is not None:
            parent.refresh_from_db()
        if unit.parent_id == (parent.pk if parent else None):
            return False
        if parent is not None and parent.path.startswith(unit.path):
            refuse("parent", "unit.circle", value=parent.code)
        _repath(unit, parent)
        _record(by, "unit.move", unit, {"parent": parent.code if parent else None}, now)
    return True


def _repath(unit: Unit, parent: Unit | None) -> None:
    below = Unit.objects.filter(
        organisation_id=unit.organisation_id, path__startswith=unit.path
    ).exclude(pk=unit.pk)
    old_path, old_depth = unit.path, unit.depth
    deepest = below.aggregate(models.Max("depth"))["depth__max"] or old_depth
    new_depth = parent.depth + 1 if parent else 0
    if deepest + new_depth - old_depth >= MAX_DEPTH:
        refuse("parent", "unit.too_deep", limit=MAX_DEPTH)
    _hang(unit, parent)
    below = Unit.objects.filter(
        organisation_id=unit.organisation_id, path__startswith=old_path
    ).exclude(pk=unit.pk)
    below.update(
        path=Concat(Value(unit.path), Substr("path", len(old_path) + 1)),
        depth=F("depth") + (new_depth - old_depth),
    )


def close_unit(*, by: Member, unit: Unit, now: datetime) -> int:
    """Close the unit and what is open below it; return how many were closed."""
    return _set_closed(by, unit, now, "unit.close", now)


def reopen_unit(*, by: Member, unit: Unit, now: datetime) -> int:
    """Open the unit and everything below it again; return how many were opened."""
    return _set_closed(by, unit, None, "unit.reopen", now)


def _set_closed(by: Member, unit: Unit, at: datetime | None, action: str, now: datetime) -> int:
    _may_edit(by, unit)
    below = Unit.objects.filter(organisation_id=by.organisation_id, path__startswith=unit.path)
    with transaction.atomic():
        count = below.filter(closed_at__isnull=at is not None).update(closed_at=at)
        if count:
            _record(by, action, unit, {"units": count}, now)
    unit.refresh_from_db(fields=["closed_at"])
    return count


def remove_unit(*, by: Member, unit: Unit, now: datetime) -> None:
    """Remove a unit that nothing refers to; one that was used can only be closed."""
    _may_edit(by, unit)
    target, code = f"unit:{unit.pk}", unit.code
    try:
        with transaction.atomic():
            unit.delete()
            audit.record(
                by.organisation_id,
                actor=by,
                action="unit.remove",
                target=target,
                detail={"code": code},
                now=now,
            )
    except (models.ProtectedError, models.RestrictedError):
        refuse("unit", "unit.in_use", value=code)


def _record(by: Member, action: str, unit: Unit, detail: dict[str, Any], now: datetime) -> None:
    audit.record(
        by.organisation_id,
        actor=by,
        action=action,
        target=f"unit:{unit.pk}",
        detail=detail,
        now=now,
    )
