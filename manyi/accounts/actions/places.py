"""Touchpoints, teams and agents: what is asked about, who mends it, who served."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction

from manyi.accounts import audit
from manyi.accounts.given import clean_code, clean_local, clean_position, clean_text, refuse
from manyi.accounts.models import Agent, Member, Team, Touchpoint, Unit
from manyi.accounts.permissions import require
from manyi.kit.localtext import LocalText
from manyi.kit.problems import Forbidden

Place = Touchpoint | Team | Agent
P = TypeVar("P", Touchpoint, Team, Agent)
_DEEDS: dict[type[models.Model], str] = {
    Touchpoint: "touchpoint.edit",
    Team: "unit.edit",
    Agent: "agent.edit",
}


def add_touchpoint(
    *, by: Member, code: str, name: LocalText | str = "", position: int = 0, now: datetime
) -> Touchpoint:
    words = clean_local(name, by.organisation.language)
    return _add(
        by, Touchpoint(code=clean_code(code), name=words, position=clean_position(position)), now
    )


def add_team(
    *, by: Member, code: str, name: LocalText | str = "", unit: Unit | None = None, now: datetime
) -> Team:
    words = clean_local(name, by.organisation.language)
    return _add(by, Team(code=clean_code(code), name=words, unit=unit), now)


def add_agent(
    *,
    by: Member,
    code: str,
    name: str = "",
    unit: Unit | None = None,
    member: Member | None = None,
    now: datetime,
) -> Agent:
    """Add a person whose service is rated; `member` where they also log in."""
    _same_organisation(by, member)
    row = Agent(code=clean_code(code), name=clean_text(name, 100), unit=unit, member=member)
    return _add(by, row, now)


def _add(by: Member, row: P, now: datetime) -> P:
    row.organisation_id = by.organisation_id
    _may_edit(by, row)
    with transaction.atomic():
        _store(row)
        _record(by, "add", row, {"code": row.code}, now)
    return row


def _store(row: Any) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        same = type(row).objects.filter(organisation_id=row.organisation_id, code=row.code)
        if not same.exclude(pk=row.pk).exists():
            refuse("member", "agent.member_taken")
        refuse("code", "code.taken", value=row.code)


_CLEANERS: dict[str, Callable[[Any, Member, Any], Any]] = {
    "code": lambda value, by, row: clean_code(value),
    "position": lambda value, by, row: clean_position(value),
    "name": lambda value, by, row: (
        clean_text(value, 100)
        if isinstance(row, Agent)
        else clean_local(value, by.organisation.language)
    ),
}


def change_place(*, by: Member, row: Place, now: datetime, **values: Any) -> bool:
    """Set code, name, unit, position, member or is_active; False when nothing differs."""
    _may_edit(by, row)
    _same_organisation(by, values.get("member"))
    cleaned = {
        key: _CLEANERS[key](value, by, row) if key in _CLEANERS else value
        for key, value in values.items()
    }
    changed = [key for key, value in cleaned.items() if getattr(row, key) != value]
    if not changed:
        return False
    for key in changed:
        setattr(row, key, cleaned[key])
    _may_edit(by, row)
    with transaction.atomic():
        _store(row)
        _record(by, "change", row, {"fields": sorted(changed)}, now)
    return True


def remove_place(*, by: Member, row: Place, now: datetime) -> None:
    """Remove a touchpoint, team or agent that nothing refers to."""
    _may_edit(by, row)
    kind, target, code = _kind(row), _target(row), row.code
    try:
        with transaction.atomic():
            row.delete()
            audit.record(
                by.organisation_id,
                actor=by,
                action=f"{kind}.remove",
                target=target,
                detail={"code": code},
                now=now,
            )
    except (models.ProtectedError, models.RestrictedError):
        refuse("code", "place.in_use", value=code)


def _may_edit(by: Member, row: Any) -> None:
    unit = getattr(row, "unit", None)
    _same_organisation(by, row)
    _same_organisation(by, unit)
    deed = _DEEDS[type(row)]
    if by.unit_id is not None and unit is None:
        raise Forbidden("forbidden", deed=deed)
    require(by, deed, unit)


def _same_organisation(by: Member, row: Any) -> None:
    if row is not None and row.organisation_id != by.organisation_id:
        raise Forbidden("forbidden")


def _kind(row: models.Model) -> str:
    return row._meta.model_name or ""


def _target(row: models.Model) -> str:
    return f"{_kind(row)}:{row.pk}"


def _record(by: Member, deed: str, row: Any, detail: dict[str, Any], now: datetime) -> None:
    audit.record(
        by.organisation_id,
        actor=by,
        action=f"{_kind(row)}.{deed}",
        target=_target(row),
        detail=detail,
        now=now,
    )
