"""The page of one indicator: how it is going, where, what it is made of, what it should reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from manyi.accounts.models import Unit
from manyi.accounts.permissions import may
from manyi.accounts.queries import level_name
from manyi.kit.selection import Selection, parse
from manyi.metrics import indicators
from manyi.metrics.guard import limits
from manyi.metrics.indicators import IndicatorResult
from manyi.metrics.models import Indicator, Target
from manyi.metrics.queries import Comparison
from manyi.metrics.rows import FAILED, Row
from manyi.reports import dashboards
from manyi.reports.dashboards import Asked, Headline, attempt
from manyi.reports.standings import levels
from manyi.tabular.writing import Column
from manyi.web import downloads, filters, numbers
from manyi.web.context import language
from manyi.web.indicators.forms import name_of
from manyi.web.indicators.shown import lines
from manyi.web.overview.parts import AT_ONCE, PARTS, Looked
from manyi.web.overview.shown import unit_name

MOST_LISTED = 60


def one_shown(request: Any, row: Indicator, selection: Selection) -> dict[str, Any]:
    """Return the page of an indicator."""
    found = indicators.indicator_compared(row, selection)
    at = _looked(request, found, selection)
    least = at.least
    return {
        "one": row,
        "title": name_of(row),
        "answer": numbers.finding(
            at.head, precision_n=least.precision_n, privacy_n=least.privacy_n
        ),
        "tiles": [numbers.tile(at.head, selection, request)],
        "made_of": list(lines(found, 0, selection))[1:],
        "definition": _definition(row, selection),
        "parent": row.parent,
        "targets": _targets(request, row),
        "may_edit": may(request.member, "indicator.edit"),
        "downloads": downloads.choices(request),
        "left_out": numbers.left_out_words(selection),
        **_parts(at, row),
    }


def part_of_one(request: Any, row: Indicator, selection: Selection) -> HttpResponse | None:
    """Return the part of the page that `?part=` names; None where the whole page is wanted."""
    name = request.GET.get("part", "")
    if name not in ("trend", "units"):
        return None
    at = _looked(request, indicators.indicator_compared(row, selection), selection)
    shown = {**_frame(at), **_part(at, name, row)}
    return render(request, _template(name, row), shown)


def _looked(request: Any, found: IndicatorResult, selection: Selection) -> Looked:
    row = found.indicator
    asked = Asked(row.code, row.metric, row.item or "overall", row.name, row)
    now = Comparison(found.row, None, None, found.delta, found.delta_year)
    head = Headline(asked, now, found.target)
    unit = filters.chosen_unit(request)
    return Looked(request, selection, head, limits(selection.scope), unit)


def _frame(at: Looked) -> dict[str, Any]:
    return {"head": numbers.tile(at.head, at.selection, at.request), "limits": at.least}


def _parts(at: Looked, row: Indicator) -> dict[str, Any]:
    """Return the parts, or where there are many answers the addresses they are fetched from."""
    shown = _frame(at)
    if (at.head.row.n or 0) > AT_ONCE:
        later = {name: filters.address(at.request, part=name) for name in ("trend", "units")}
        return shown | {"later": later}
    return shown | _part(at, "trend", row) | _part(at, "units", row)


def _part(at: Looked, name: str, row: Indicator) -> dict[str, Any]:
    composite = name == "units" and not row.metric
    return {"by_unit": attempt(lambda: _by_unit(at, row))} if composite else PARTS[name](at)


def _template(name: str, row: Indicator) -> str:
    whole = name == "units" and not row.metric
    return "web/indicators/_by_unit.html" if whole else f"web/overview/_{name}.html"


def _by_unit(at: Looked, row: Indicator) -> dict[str, Any] | None:
    """Return a composite's number for each unit of a level, the highest first.

    Nobody is ranked: there is no fair number to rank a composite by.
    """
    offered, first = levels(at.selection.scope, at.unit)
    wanted = at.request.GET.get("level", "")
    chosen = next((depth for depth in offered if str(depth) == wanted), first)
    if chosen is None:
        return None
    rows = indicators.indicator_rows(row, at.selection.split("unit"), depth=chosen)
    units = {u.code: u for u in Unit.objects.visible_to(at.selection.scope).filter(depth=chosen)}
    listed = sorted((r for r in rows if r.group.get("unit") in units), key=_highest_first)
    low, high = numbers.bounds([r.estimate for r in listed], "index")
    organisation = at.request.member.organisation
    return {
        "failed": any(r.status == FAILED for r in rows),
        "title": level_name(organisation, chosen, language()),
        "levels": [
            {
                "label": level_name(organisation, depth, language()),
                "href": filters.address(at.request, level=str(depth)),
                "active": depth == chosen,
            }
            for depth in offered
        ],
        "low": low,
        "high": high,
        "axis": numbers.axis(low, high, "index"),
        "hidden": max(len(listed) - MOST_LISTED, 0),
        "rows": [
            {
                "name": unit_name(units[str(r.group["unit"])]),
                "row": numbers.figure_of(r),
                "href": filters.address(at.request, unit=r.group["unit"], level=None),
            }
            for r in listed[:MOST_LISTED]
        ],
    }


def _highest_first(row: Row) -> tuple[float, int]:
    value = row.estimate.value
    return (float("inf") if value is None else -value, -(row.n or 0))


def _definition(row: Indicator, selection: Selection) -> list[tuple[str, str]]:
    """Return what the indicator is, in words."""
    formula = str(numbers.FORMULAS.get(row.metric, row.metric))
    told = [(_("Measures"), str(numbers.METRIC_NAMES.get(row.metric, row.metric)))]
    told.append((_("Formula"), formula))
    if row.metric and row.item and row.item != "overall":
        told.append((_("Item"), row.item))
    own = parse(selection.scope, parse_qs(row.query))
    told.append((_("Only for"), numbers.selected(own)))
    told.append((_("Code"), row.code))
    return told


def _targets(request: Any, row: Indicator) -> list[dict[str, Any]]:
    """Return what the indicator should reach, for the whole and for the units one sees."""
    seen = Unit.objects.visible_to(request.scope).values("pk")
    mine = Target.objects.filter(indicator=row).filter(Q(unit=None) | Q(unit__in=seen))
    return [
        {
            "target": one,
            "name": one.unit.name_in(language()) if one.unit else _("Whole organisation"),
            "href": filters.address(request, unit=one.unit.code if one.unit else None),
        }
        for one in mine.select_related("unit").order_by("unit__path")
    ]


def columns() -> list[Column]:
    """Return the columns of the download: the number over time."""
    return [
        Column("period", _("Period"), "text"),
        Column("status", _("Status"), "text"),
        Column("n", _("n"), "integer"),
        Column("value", _("Own number"), "number"),
        Column("low", _("Low end"), "number"),
        Column("high", _("High end"), "number"),
    ]


def rows(row: Indicator, selection: Selection) -> Iterator[dict[str, Any]]:
    """Yield the indicator for each period as it may be shown."""
    asked = Asked(row.code, row.metric, row.item or "overall", row.name, row)
    for one in dashboards.trend(asked, selection):
        found = one.estimate
        yield {
            "period": one.period,
            "status": one.status,
            "n": one.n,
            "value": found.value,
            "low": found.low,
            "high": found.high,
        }
