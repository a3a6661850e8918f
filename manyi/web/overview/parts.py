"""The parts below the tiles: at once where they are quick, each by its own request else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from manyi.accounts.models import Unit
from manyi.kit.selection import Selection
from manyi.metrics.guard import Limits, limits
from manyi.reports import dashboards
from manyi.reports.dashboards import Headline, attempt
from manyi.web import filters, numbers
from manyi.web.overview.shown import completion_shown, group_rows, trend_chart, units_shown
from manyi.web.voices import voices_shown

AT_ONCE = 20_000
"""With more answers than this behind the tiles the parts below come one by one."""


@dataclass(frozen=True)
class Looked:
    """What a page looks at: a selection, the number in detail, the unit it is about."""

    request: Any
    selection: Selection
    head: Headline
    least: Limits
    unit: Unit | None


def _trend(at: Looked) -> dict[str, Any]:
    return {"trend": attempt(lambda: trend_chart(at.head, at.selection, at.least))}


def _units(at: Looked) -> dict[str, Any]:
    return units_shown(at.request, at.head, at.selection, at.least, at.unit)


def _channels(at: Looked) -> dict[str, Any]:
    one = at.head.asked

    def table() -> dict[str, Any]:
        rows = dashboards.by_group(one, at.selection, "channel")
        return group_rows(rows, "channel", one.kind)

    return {"channels": attempt(table)}


def _completion(at: Looked) -> dict[str, Any]:
    return {"completion": attempt(lambda: completion_shown(dashboards.completion(at.selection)))}


def _voices(at: Looked) -> dict[str, Any]:
    return {"voices": attempt(lambda: voices_shown(at.request, at.selection))}


PARTS: dict[str, Callable[[Looked], dict[str, Any]]] = {
    "trend": _trend,
    "units": _units,
    "channels": _channels,
    "completion": _completion,
    "voices": _voices,
}


def parts(at: Looked, found: list[Headline], *names: str) -> dict[str, Any]:
    """Return these parts for the template, or the addresses under which they are fetched."""
    shown: dict[str, Any] = {
        "head": numbers.tile(at.head, at.selection, at.request),
        "limits": at.least,
    }
    if max((one.row.n or 0 for one in found), default=0) > AT_ONCE:
        return shown | {"later": {name: _address(at, name) for name in names}}
    for name in names:
        shown |= PARTS[name](at)
    return shown


def _address(at: Looked, name: str) -> str:
    return filters.address(at.request, part=name, metric=at.head.asked.code)


def part_of(request: Any, selection: Selection, unit: Unit | None) -> HttpResponse | None:
    """Return the part that `?part=` names; None where the whole page is wanted."""
    name = request.GET.get("part", "")
    if name not in PARTS:
        return None
    wanted = request.GET.get("metric", "")
    known = dashboards.asked(selection.scope)
    one = next((a for a in known if a.code == wanted), known[0])
    head = dashboards.headline(one, selection)
    at = Looked(request, selection, head, limits(selection.scope), unit)
    return render(request, f"web/overview/_{name}.html", parts(at, [], name))
