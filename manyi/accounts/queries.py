"""Reads: who is where, and what the tree looks like."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, QuerySet

from manyi.accounts.models import (
    Agent,
    AuditEntry,
    Member,
    Organisation,
    SavedView,
    Team,
    Touchpoint,
    Unit,
    User,
)
from manyi.accounts.permissions import M, require
from manyi.kit.localtext import pick
from manyi.kit.problems import NotFound
from manyi.kit.say import say
from manyi.kit.selection import Scope


@dataclass(frozen=True)
class Branch:
    """A unit in its place: `level` counts from the topmost unit that is shown."""

    unit: Unit
    level: int
    has_children: bool


def members(scope: Scope) -> QuerySet[Member]:
    """Return the members, each with `has_two_step`."""
    second = Authenticator.objects.filter(user=OuterRef("user_id"), type=Authenticator.Type.TOTP)
    rows = Member.objects.visible_to(scope).annotate(has_two_step=Exists(second))
    found = rows.select_related("user", "unit", "organisation")
    return found.order_by("-is_active", "user__first_name", "user__username")


def member_by_id(scope: Scope, pk: int) -> Member:
    return _one(members(scope), pk=pk)


def units(scope: Scope) -> QuerySet[Unit]:
    return Unit.objects.visible_to(scope).order_by("path")


def unit_by_code(scope: Scope, code: str) -> Unit:
    """Return the unit; NotFound when it is outside `scope`, as when there is none."""
    unit = Unit.objects.visible_to(scope).filter(code=code.strip()).first()
    if unit is None:
        raise NotFound("unit.not_found", value=code[:80])
    return unit


def tree(scope: Scope) -> list[Branch]:
    """Return the units of `scope` from the top, siblings in the natural order of their codes."""
    rows = sorted(units(scope), key=lambda unit: _natural(unit.code))
    shown = {unit.pk for unit in rows}
    below: dict[int | None, list[Unit]] = defaultdict(list)
    for unit in rows:
        below[unit.parent_id if unit.parent_id in shown else None].append(unit)
    found: list[Branch] = []
    waiting = [(unit, 0) for unit in reversed(below[None])]
    while waiting:
        unit, level = waiting.pop()
        found.append(Branch(unit, level, bool(below[unit.pk])))
        waiting += [(child, level + 1) for child in reversed(below[unit.pk])]
    return found


def _natural(code: str) -> list[tuple[int, int, str]]:
    parts = re.findall(r"[0-9]+|[^0-9]+", code.lower())
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts]


def touchpoints(scope: Scope) -> QuerySet[Touchpoint]:
    return Touchpoint.objects.visible_to(scope).order_by("position", "code")


def touchpoint_by_code(scope: Scope, code: str) -> Touchpoint:
    return _one(touchpoints(scope), code=code)


def agents(scope: Scope) -> QuerySet[Agent]:
    return Agent.objects.visible_to(scope).select_related("unit", "member").order_by("code")


def teams(scope: Scope) -> QuerySet[Team]:
    return Team.objects.visible_to(scope).select_related("unit").order_by("code")


def memberships(user: User) -> QuerySet[Member]:
    """Return where `user` may work today, real organisations before demos."""
    rows = Member.objects.filter(user=user, is_active=True)
    return rows.select_related("organisation", "unit", "user", "agent").order_by(
        "organisation__is_demo", "created_at", "pk"
    )


def views(member: Member, page: str) -> QuerySet[SavedView]:
    return SavedView.objects.filter(member=member, page=page).order_by("name")


def level_name(organisation: Organisation, depth: int, language: str) -> str:
    """Return what the organisation calls its units at `depth` (0 is the top)."""
    names = organisation.level_names
    named = pick(names[depth], language) if 0 <= depth < len(names) else ""
    return named or say("unit.level", language, {"n": depth + 1})


def audit_entries(*, by: Member) -> QuerySet[AuditEntry]:
    """Return the deeds in `by`'s organisation, the latest first."""
    require(by, "audit.read")
    return AuditEntry.objects.filter(organisation_id=by.organisation_id).order_by("-number")


def _one(rows: QuerySet[M], **where: object) -> M:
    found = rows.filter(**where).first()
    if found is None:
        raise NotFound("not_found")
    return found
