"""Results split by unit, channel, attribute or period, ready for the template."""

from __future__ import annotations

from typing import Any

from manyi.accounts.models import Agent, Touchpoint, Unit
from manyi.kit.localtext import pick
from manyi.kit.period import INTERVALS
from manyi.kit.selection import Selection
from manyi.reports import splits
from manyi.reports.dashboards import kind_of
from manyi.reports.results import Asked
from manyi.reports.splits import Group, Split
from manyi.web import filters, numbers
from manyi.web.context import language


def split_shown(
    request: Any, selection: Selection, questions: list[Asked]
) -> dict[str, Any] | None:
    """Return the table that `?split=` asks for; None where it asks for none."""
    by = request.GET.get("split", "")
    if not (by in INTERVALS or by in ("unit", *splits.PLAIN) or by.startswith("attribute:")):
        return None
    columns = splits.columns(one.question for one in questions)
    found = splits.split(selection, by, columns, unit=filters.chosen_unit(request))
    if found is None:
        return {"columns": [], "groups": [], "failed": False}
    names = _names(selection, found)
    return {
        "by": by,
        "failed": found.failed,
        "is_fair": found.is_fair,
        "columns": [
            {
                "title": pick(c.question.title, language(), c.question.code),
                "metric": str(numbers.METRIC_NAMES[c.metric]),
                "kind": kind_of(c.metric),
            }
            for c in found.columns
        ],
        "groups": [_group(request, found, group, names) for group in found.groups],
    }


def _names(selection: Selection, found: Split) -> dict[str, str]:
    codes = [group.code for group in found.groups if group.code]
    scope = selection.scope
    if found.by == "unit":
        units = Unit.objects.visible_to(scope).filter(code__in=codes)
        return {unit.code: unit.name_in(language()) for unit in units}
    if found.by == "touchpoint":
        points = Touchpoint.objects.visible_to(scope).filter(code__in=codes)
        return {point.code: point.name_in(language()) for point in points}
    if found.by == "agent" and scope.sees_personal:
        agents = Agent.objects.visible_to(scope).filter(code__in=codes)
        return {agent.code: agent.name or agent.code for agent in agents}
    return {}


def _short(column: splits.Column) -> str:
    """Return what a cell is called where there is no heading above it."""
    return f"{numbers.METRIC_NAMES[column.metric]} · {column.question.code}"


def _group(request: Any, found: Split, group: Group, names: dict[str, str]) -> dict[str, Any]:
    code = group.code
    name = names.get(code or "") or numbers.group(found.by, code)
    narrowing = code is not None and found.by not in INTERVALS
    return {
        "name": name,
        "href": filters.address(request, **{found.by: code, "split": None}) if narrowing else "",
        "differs": group.differs,
        "is_judged": group.rows[0] is not None and group.rows[0].ok,
        "cells": [
            {"row": numbers.figure_of(row), "kind": kind_of(column.metric), "title": _short(column)}
            if row is not None
            else None
            for row, column in zip(group.rows, found.columns, strict=True)
        ],
    }
