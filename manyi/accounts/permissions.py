"""What each role may do, in one table; and the one place that makes a Scope."""

from __future__ import annotations

from typing import TypeVar, cast

from django.db.models import Model, QuerySet

from manyi.accounts.models import Member, Unit
from manyi.base.planning import beside_index
from manyi.kit.problems import Forbidden
from manyi.kit.selection import Scope

Role = Member.Role
M = TypeVar("M", bound=Model)

_A_FEW_OF = 8
_EVERYONE = frozenset(Role.values)
_STAFF = _EVERYONE - {Role.EXTERNAL_ANALYST}
_ANALYSE = frozenset(
    {Role.OWNER, Role.ANALYST, Role.UNIT_MANAGER, Role.VIEWER, Role.EXTERNAL_ANALYST}
)
_DESIGN = frozenset({Role.OWNER, Role.ANALYST})
_MANAGE = frozenset({Role.OWNER, Role.ANALYST, Role.UNIT_MANAGER})
_OWN = frozenset({Role.OWNER})

PERMISSIONS: dict[str, frozenset[str]] = {
    "metric.read": _EVERYONE,
    "feedback.read": _EVERYONE,
    "feedback.export": _ANALYSE,
    "feedback.receive": _MANAGE,
    "feedback.tag": _STAFF - {Role.VIEWER},
    "feedback.correct": _STAFF - {Role.VIEWER},
    "scorecard.read": _MANAGE | {Role.AGENT},
    "survey.read": _EVERYONE,
    "survey.edit": _DESIGN,
    "survey.publish": _DESIGN,
    "import.run": _MANAGE,
    "indicator.edit": _DESIGN,
    "customer.read": _STAFF - {Role.VIEWER},
    "customer.edit": _MANAGE,
    "customer.erase": _OWN,
    "unit.read": _EVERYONE,
    "unit.edit": _OWN,
    "touchpoint.edit": _DESIGN,
    "agent.edit": _MANAGE,
    "member.read": _OWN,
    "member.edit": _OWN,
    "organisation.edit": _OWN,
    "token.edit": _EVERYONE,
    "audit.read": _OWN,
    "backup.create": _OWN,
}
# Deeds on the whole organisation: a role below a unit does not reach them.
WHOLE = frozenset(
    {
        "survey.edit",
        "survey.publish",
        "indicator.edit",
        "touchpoint.edit",
        "organisation.edit",
        "audit.read",
        "backup.create",
        "customer.erase",
    }
)


def scope(member: Member) -> Scope:
    """Return what `member` sees: the organisation, or the units below theirs."""
    outside = member.role == Role.EXTERNAL_ANALYST
    agent = getattr(member, "agent", None)
    return Scope(
        organisation_id=member.organisation_id,
        unit_ids=_unit_ids(member),
        sees_text=not outside,
        sees_personal=not outside and member.role != Role.VIEWER,
        agent_id=agent.pk if agent else None,
    )


def _unit_ids(member: Member) -> frozenset[int] | None:
    if member.unit_id is None:
        return None
    below = Unit.objects.filter(
        organisation_id=member.organisation_id,
        path__startswith=member.unit.path,  # type: ignore[union-attr]
    )
    return frozenset(below.values_list("pk", flat=True))


def may(by: Member, deed: str, unit: Unit | None = None) -> bool:
    """Whether `by` may do `deed`, on `unit` where one is concerned."""
    if not by.is_active or by.role not in PERMISSIONS[deed]:
        return False
    if by.unit_id is None:
        return True
    if deed in WHOLE:
        return False
    return unit is None or unit.path.startswith(by.unit.path)  # type: ignore[union-attr]


def require(by: Member, deed: str, unit: Unit | None = None) -> None:
    """Raise Forbidden unless `by` may do `deed` (on `unit`)."""
    if not may(by, deed, unit):
        raise Forbidden("forbidden", deed=deed)


def within(rows: QuerySet[M], scope: Scope, field: str = "unit") -> QuerySet[M]:
    """Keep the rows of `scope`'s organisation whose unit it sees."""
    mine = rows.filter(organisation_id=scope.organisation_id)
    return mine if scope.unit_ids is None else mine.filter(**{f"{field}_id__in": scope.unit_ids})


def beside(rows: QuerySet[M], scope: Scope) -> QuerySet[M]:
    """Keep the same rows as `within`, of which other conditions leave few: the database is to
    find them by those."""
    mine = rows.alias(_whose=beside_index("organisation_id"), _where=beside_index("unit_id"))
    if scope.unit_ids is not None:
        mine = mine.filter(_where__in=scope.unit_ids)
    return cast("QuerySet[M]", mine.filter(_whose=scope.organisation_id))


def sees_few(scope: Scope) -> bool:
    """Whether a scope sees so few of the units that what they have is quickly listed."""
    if scope.unit_ids is None:
        return False
    all_ = Unit.objects.filter(organisation_id=scope.organisation_id).count()
    return len(scope.unit_ids) * _A_FEW_OF <= all_
