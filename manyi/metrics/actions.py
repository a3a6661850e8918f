"""Writes to the tree of indicators and their targets."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qs

from django.db import IntegrityError, transaction

from manyi.accounts import audit
from manyi.accounts.given import clean_code, clean_local
from manyi.accounts.models import Member, Organisation, Unit
from manyi.accounts.permissions import require, scope
from manyi.kit.localtext import LocalText
from manyi.kit.problems import FieldProblem, NotFound, Problem
from manyi.kit.selection import is_key, parse
from manyi.metrics import registry
from manyi.metrics.models import Indicator, Target

# What every organisation starts with: the three questions most often asked.
DEFAULTS = (
    ("csat", "csat", {"zh-Hans": "总体满意度", "en": "Overall satisfaction"}),
    ("nps", "nps", {"zh-Hans": "净推荐值", "en": "Net Promoter Score"}),
    ("ces", "ces", {"zh-Hans": "客户费力度", "en": "Customer effort"}),
)
_FIELDS = frozenset(
    {"code", "name", "parent", "metric", "item", "query", "weight", "position", "is_headline"}
)


def give_defaults(organisation: Organisation) -> list[Indicator]:
    """Give a new organisation its headline indicators. Giving them twice gives them once."""
    return [
        Indicator.objects.get_or_create(
            organisation=organisation,
            code=code,
            defaults={
                "name": name,
                "metric": metric,
                "item": registry.OVERALL,
                "position": position,
                "is_headline": True,
            },
        )[0]
        for position, (code, metric, name) in enumerate(DEFAULTS)
    ]


def equip_new() -> int:
    """Give every organisation that has no indicator its headline ones. A loop step."""
    bare = Organisation.objects.exclude(pk__in=Indicator.objects.values("organisation_id"))
    return sum(len(give_defaults(organisation)) for organisation in bare)


def add_indicator(
    *, by: Member, code: str, name: LocalText | str, now: datetime, **values: Any
) -> Indicator:
    """Add an indicator: with `metric` it measures, without it is the composite of others.

    `values` may be parent, item, query, weight, position, is_headline.
    """
    row = Indicator(organisation_id=by.organisation_id)
    return _store(row, by=by, deed="add", now=now, values={**values, "code": code, "name": name})


def change_indicator(row: Indicator, *, by: Member, now: datetime, **values: Any) -> Indicator:
    """Change what is given of an indicator and leave the rest."""
    return _store(row, by=by, deed="change", now=now, values=values)


def remove_indicator(row: Indicator, *, by: Member, now: datetime) -> None:
    """Remove an indicator with all below it and their targets."""
    _may_edit(by, row)
    with transaction.atomic():
        audit.record(
            by.organisation_id, actor=by, action="indicator.remove", target=row.code, now=now
        )
        row.delete()


def set_target(
    row: Indicator,
    *,
    by: Member,
    value: float,
    now: datetime,
    unit: Unit | None = None,
    due_on: date | None = None,
) -> Target:
    """Set what an indicator should reach, for the whole or for a unit; one target each."""
    _may_edit(by, row)
    if unit is not None and unit.organisation_id != by.organisation_id:
        raise NotFound("not_found")
    if not _is_number(value):
        raise _wrong("value", "target.value", value=str(value)[:20])
    with transaction.atomic():
        target, _ = Target.objects.update_or_create(
            indicator=row, unit=unit, defaults={"value": float(value), "due_on": due_on}
        )
        audit.record(
            by.organisation_id,
            actor=by,
            action="target.set",
            target=row.code,
            detail={"value": float(value), "unit": unit.code if unit else None},
            now=now,
        )
    return target


def remove_target(target: Target, *, by: Member, now: datetime) -> None:
    """Remove a target; the indicator stays."""
    _may_edit(by, target.indicator)
    with transaction.atomic():
        audit.record(
            by.organisation_id,
            actor=by,
            action="target.remove",
            target=target.indicator.code,
            now=now,
        )
        target.delete()


def _may_edit(by: Member, row: Indicator) -> None:
    if row.organisation_id != by.organisation_id:
        raise NotFound("not_found")
    require(by, "indicator.edit")


def _store(
    row: Indicator, *, by: Member, deed: str, now: datetime, values: dict[str, Any]
) -> Indicator:
    _may_edit(by, row)
    if unknown := values.keys() - _FIELDS:
        raise TypeError(f"an indicator has no {sorted(unknown)}")
    for name, value in _cleaned(values, by).items():
        setattr(row, name, value)
    _check_measure(row)
    with transaction.atomic():
        _check_place(row, by)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as error:
            raise _wrong("code", "indicator.code_taken", value=row.code) from error
        detail = {"code": row.code, "metric": row.metric, "weight": row.weight}
        audit.record(
            by.organisation_id,
            actor=by,
            action=f"indicator.{deed}",
            target=row.code,
            detail=detail,
            now=now,
        )
    return row


def _cleaned(values: dict[str, Any], by: Member) -> dict[str, Any]:
    cleaned = dict(values)
    if "code" in values:
        cleaned["code"] = clean_code(values["code"])
    if "name" in values:
        cleaned["name"] = clean_local(values["name"], by.organisation.language)
    if "query" in values:
        cleaned["query"] = _clean_query(values["query"], by)
    if "weight" in values:
        weight = values["weight"]
        if not _is_number(weight) or weight <= 0:
            raise _wrong("weight", "indicator.weight", value=str(weight)[:20])
    return cleaned


def _clean_query(text: str, by: Member) -> str:
    """Return the canonical form of a query string's conditions; its period plays no part."""
    params = parse_qs(text.lstrip("?"))
    for key in params:
        if not is_key(key):
            raise _wrong("query", "indicator.query", key=key[:40])
    found = parse(scope(by), params)
    return found.during(None).split().query()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _check_measure(row: Indicator) -> None:
    if row.metric:
        _, row.item = registry.asked(row.metric, row.item or None)
    else:
        row.item = ""


def _check_place(row: Indicator, by: Member) -> None:
    """Refuse a parent of elsewhere, one that measures itself, and a circle."""
    if row.metric and row.pk is not None and row.children.exists():
        raise _wrong("metric", "indicator.has_children", value=row.code)
    above = row.parent
    if above is not None and above.organisation_id != by.organisation_id:
        raise NotFound("not_found")
    if above is not None and above.metric:
        raise _wrong("parent", "indicator.parent_measures", value=above.code)
    while above is not None:
        if row.pk is not None and above.pk == row.pk:
            raise _wrong("parent", "indicator.circle", value=row.code)
        above = above.parent


def _wrong(pointer: str, code: str, **params: Any) -> Problem:
    return Problem(code, errors=(FieldProblem(pointer, code, params),), **params)
