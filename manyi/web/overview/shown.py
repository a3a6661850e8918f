"""Pictures and tables of the Overview, ready for its template."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from manyi.accounts.models import Unit
from manyi.accounts.queries import level_name
from manyi.charts import Chart, Kind, Table, dots, funnel
from manyi.charts import trend as line
from manyi.kit.selection import Selection
from manyi.metrics.guard import Limits
from manyi.metrics.rows import Row
from manyi.reports import dashboards
from manyi.reports.dashboards import Asked, Completion, Headline, attempt
from manyi.reports.standings import Place, Standings, standings
from manyi.tabular.writing import Column
from manyi.web import filters, numbers
from manyi.web.context import language

MOST_DRAWN = 30
MOST_LISTED = 60
_SHOWN_BELOW = Table((), ())
_ROOM_FOR_COUNTS = 104


def chosen(request: Any, found: list[Headline]) -> Headline:
    """Return the headline that `?metric=` names, else the first."""
    wanted = request.GET.get("metric", "")
    return next((one for one in found if one.asked.code == wanted), found[0])


def number_tabs(request: Any, chosen_one: Asked, known: list[Asked]) -> list[dict[str, Any]]:
    """Return the tabs that choose among the headlines."""
    return [
        {
            "label": numbers.name(one),
            "href": filters.address(request, metric=one.code),
            "active": one.code == chosen_one.code,
        }
        for one in known
    ]


def trend_chart(head: Headline, selection: Selection, least: Limits) -> Chart | None:
    """Return the line with its interval band; None where it could not be computed.

    Where no period has enough answers there is only the sentence that says so.
    """
    rows = dashboards.trend(head.asked, selection)
    if any(row.status == "failed" for row in rows):
        return None
    picture = line(
        [(row.period or "", numbers.drawn(row)) for row in rows],
        kind=head.asked.kind,
        language=language(),
        target=head.target.value if head.target else None,
        few=least.precision_n,
    )
    return picture if any(row.ok for row in rows) else replace(picture, option={})


def group_rows(rows: list[Row], dimension: str, kind: Kind) -> dict[str, Any]:
    """Return groups as a table with whiskers."""
    low, high = numbers.bounds([row.estimate for row in rows], kind)
    shown = [
        {
            "name": numbers.group(dimension, row.group[dimension] if row.group else None),
            "code": row.group.get(dimension) if row.group else None,
            "row": numbers.figure_of(row),
        }
        for row in rows
    ]
    failed = any(not row.group for row in rows)
    axis = numbers.axis(low, high, kind)
    return {"rows": shown, "low": low, "high": high, "axis": axis, "failed": failed}


def completion_shown(found: Completion | None) -> dict[str, Any] | None:
    """Return the funnel and the rate of completion."""
    if found is None:
        return None
    steps = [(_("Began"), found.began), (_("Finished"), found.finished)]
    chart = funnel(steps, language=language()) if found.row.ok else None
    if chart is not None:
        chart.option["grid"]["right"] = _ROOM_FOR_COUNTS
    return {"row": numbers.figure_of(found.row), "chart": chart}


def units_shown(
    request: Any, head: Headline, selection: Selection, least: Limits, unit: Unit | None
) -> dict[str, Any]:
    """Return the units below `unit` compared: picture, table, the choice of level."""
    depth = request.GET.get("level", "")
    wanted = int(depth) if depth.isdecimal() and len(depth) < 3 else None
    part = attempt(lambda: standings(head.asked, selection, unit=unit, depth=wanted))
    found = part.value
    if found is None or found.failed:
        failed = part.failed or found is not None
        return {"standings": part, "units_failed": failed, "units_title": _("Units")}
    organisation = request.member.organisation
    return {
        "standings": part,
        "units_title": level_name(organisation, found.depth, language()),
        "units": league(request, found, head),
        "units_chart": _dots(request, found, head, least),
        "units_hidden": max(len(found.places) - MOST_LISTED, 0),
        "levels": [
            {
                "label": level_name(organisation, depth, language()),
                "href": filters.address(request, level=str(depth)),
                "active": depth == found.depth,
            }
            for depth in found.levels
        ],
    }


def _dots(request: Any, found: Standings, head: Headline, least: Limits) -> Chart | None:
    ranked = [place for place in found.places if place.rank is not None][:MOST_DRAWN]
    if len(ranked) < 2 or not head.row.ok:
        return None
    names = _names(ranked)
    picture = dots(
        [
            (names[p.found.unit], p.found.shrunken, filters.address(request, unit=p.found.unit))
            for p in ranked
        ],
        whole=head.row.estimate,
        kind=head.asked.kind,
        language=language(),
        differs=[names[p.found.unit] for p in ranked if p.found.differs],
        few=least.precision_n,
    )
    return replace(picture, table=_SHOWN_BELOW)


def _names(places: list[Place]) -> dict[str | None, str]:
    """Return a name for each unit that no other has."""
    plain = {p.found.unit: unit_name(p.unit) for p in places}
    said = list(plain.values())
    return {code: n if said.count(n) == 1 else f"{n} ({code})" for code, n in plain.items()}


def unit_name(unit: Unit | None) -> str:
    return unit.name_in(language()) if unit is not None else "—"


def league(
    request: Any, found: Standings, head: Headline, link: Callable[[str], str] | None = None
) -> dict[str, Any]:
    """Return the table of units; each leads to where `link` says, else to this page of it."""
    lead = link or (lambda code: filters.address(request, unit=code, level=None))
    drawn = [p.found.shrunken for p in found.places if p.found.shrunken is not None]
    low, high = numbers.bounds([*drawn, head.row.estimate], head.asked.kind)
    return {
        "low": low,
        "high": high,
        "axis": numbers.axis(low, high, head.asked.kind),
        "whole": head.row.estimate.value,
        "n_differ": len(found.differing),
        "rows": [
            {
                "name": unit_name(place.unit),
                "code": place.found.unit,
                "href": lead(place.found.unit or ""),
                "own": numbers.figure_of(place.found.row),
                "fair": place.found.shrunken,
                "place": place,
                "standing": standing_words(place),
            }
            for place in found.places[:MOST_LISTED]
        ],
    }


def standing_words(place: Place) -> str:
    """Return how a unit stands to the others, in words."""
    fair = place.found.shrunken
    if fair is None or fair.value is None:
        return ""
    words = {1: _("clearly above the others"), -1: _("clearly below the others")}
    return words.get(place.found.differs, _("no clear difference"))


def unit_columns() -> list[Column]:
    """Return the columns of the units' download."""
    return [
        Column("code", _("Unit code"), "text"),
        Column("name", _("Unit"), "text"),
        Column("status", _("Status"), "text"),
        Column("n", _("n"), "integer"),
        Column("value", _("Own number"), "number"),
        Column("low", _("Low end"), "number"),
        Column("high", _("High end"), "number"),
        Column("fair", _("Fair number"), "number"),
        Column("fair_low", _("Fair low end"), "number"),
        Column("fair_high", _("Fair high end"), "number"),
        Column("rank", _("Rank"), "integer"),
        Column("standing", _("Standing"), "text"),
    ]


def unit_rows(found: Standings | None) -> Iterator[dict[str, Any]]:
    """Yield the units' numbers as they may be shown."""
    for place in found.places if found is not None else ():
        own, fair = place.found.row.estimate, place.found.shrunken
        yield {
            "code": place.found.unit,
            "name": unit_name(place.unit),
            "status": place.found.row.status,
            "n": place.found.row.n,
            "value": own.value,
            "low": own.low,
            "high": own.high,
            "fair": fair.value if fair else None,
            "fair_low": fair.low if fair else None,
            "fair_high": fair.high if fair else None,
            "rank": place.rank,
            "standing": standing_words(place),
        }
