"""What is done to populations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from django.db import transaction

from manyi.accounts import audit
from manyi.accounts.given import clean_code, clean_local
from manyi.accounts.models import Member, Touchpoint, Unit
from manyi.accounts.permissions import require
from manyi.kit.localtext import LocalText
from manyi.kit.problems import FieldProblem, Problem
from manyi.programmes import checks
from manyi.programmes.checks import Category
from manyi.programmes.models import Margin, Population

Result = Literal["created", "updated", "unchanged"]


def upsert_population(
    *,
    by: Member,
    code: str,
    now: datetime,
    name: LocalText | str | None = None,
    is_active: bool | None = None,
    margins: Sequence[Mapping[str, Any]] | None = None,
) -> Result:
    """Add a population, or change what is given of the one with this code.

    `margins` (rows of dimension, code, share or count) replace all that were known before.
    """
    require(by, "survey.edit")
    code = clean_code(code)
    categories = None if margins is None else _checked(by, checks.read(margins))
    with transaction.atomic():
        row, is_new = _found(by, code)
        changes = _changed(row, _given(by, name, is_active=is_active))
        if _replaced(row, categories):
            changes.append("margins")
        if changes or is_new:
            row.save()
            _record(by, row, "create" if is_new else "update", now, changes)
    return "created" if is_new else "updated" if changes else "unchanged"


def _found(by: Member, code: str) -> tuple[Population, bool]:
    mine = Population.objects.select_for_update()
    return mine.get_or_create(organisation_id=by.organisation_id, code=code)


def _given(by: Member, name: LocalText | str | None, *, is_active: bool | None) -> dict[str, Any]:
    words = None if name is None else clean_local(name, by.organisation.language)
    given = {"name": words, "is_active": is_active}
    return {field: value for field, value in given.items() if value is not None}


def _changed(row: Population, given: Mapping[str, Any]) -> list[str]:
    """Set what is given and return the fields that then differ."""
    changed = [field for field, value in given.items() if getattr(row, field) != value]
    for field in changed:
        setattr(row, field, given[field])
    return changed


def _replaced(row: Population, categories: list[Category] | None) -> bool:
    """Store the categories in place of those there were; say whether any differs."""
    if categories is None:
        return False
    fields = ("dimension", "code", "share", "count")
    before = set(row.margins.values_list(*fields))
    if before == {(one.dimension, one.code, one.share, one.count) for one in categories}:
        return False
    row.margins.all().delete()
    Margin.objects.bulk_create(
        Margin(population=row, **{field: getattr(one, field) for field in fields})
        for one in categories
    )
    return True


def _checked(by: Member, found: list[Category]) -> list[Category]:
    """Return the categories; refuse units and touchpoints that are not there."""
    above = dict(_mine(Unit, by).values_list("code", "parent__code"))
    touchpoints = set(_mine(Touchpoint, by).values_list("code", flat=True))
    there = {"unit": set(above), "touchpoint": touchpoints}
    errors = [
        FieldProblem(f"/margins/{at}/code", "population.code_unknown", {"value": one.code})
        for at, one in enumerate(found)
        if one.dimension in there and one.code not in there[one.dimension]
    ]
    inner = checks.nested((one.code for one in found if one.dimension == "unit"), above)
    if inner is not None:
        errors.append(FieldProblem("/margins", "population.nested", {"value": inner}))
    if errors:
        raise Problem("population.invalid", errors=tuple(errors[:50]))
    return found


def _mine(model: Any, by: Member) -> Any:
    return model.objects.filter(organisation_id=by.organisation_id)


def _record(by: Member, row: Population, deed: str, now: datetime, changed: list[str]) -> None:
    audit.record(
        by.organisation_id,
        actor=by,
        action=f"population.{deed}",
        target=f"population:{row.code}",
        detail={"changed": sorted(changed)},
        now=now,
    )
