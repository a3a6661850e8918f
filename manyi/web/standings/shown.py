"""The tree of units with their numbers, and the page of one unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from manyi.accounts.models import Unit
from manyi.accounts.queries import level_name, tree
from manyi.kit.selection import Selection
from manyi.metrics.guard import limits
from manyi.metrics.queries import UnitRow
from manyi.metrics.rows import FAILED
from manyi.reports import dashboards
from manyi.reports.dashboards import Headline, attempt
from manyi.reports.standings import by_depth, standings
from manyi.surveys import queries as surveys
from manyi.tabular.writing import Column
from manyi.web import downloads, filters, numbers
from manyi.web.context import language
from manyi.web.overview.parts import Looked, parts
from manyi.web.overview.shown import chosen, league, number_tabs
from manyi.web.standings.funnel import funnel_of

MOST_UNITS = 300
INDENTS = ("", "ps-3", "ps-5", "ps-5 ms-3", "ps-5 ms-5")
MOST_SURVEYS = 8


def tree_of(request: Any, selection: Selection) -> dict[str, Any]:
    """Return every unit in its place with its number and how it stands on its level."""
    known = dashboards.asked(selection.scope)
    one = next((a for a in known if a.code == request.GET.get("metric")), known[0])
    head = dashboards.alone(one, selection)
    unit = filters.chosen_unit(request)
    branches = [
        one
        for one in tree(request.scope)
        if one.unit.closed_at is None and (unit is None or one.unit.path.startswith(unit.path))
    ]
    depths = sorted({one.unit.depth for one in branches})
    part = attempt(lambda: by_depth(head.asked, selection, depths))
    told = part.value or {}
    shown = [one for one in told.values() if one.row.ok]
    low, high = numbers.bounds([one.row.estimate for one in shown], head.asked.kind)
    peers = Counter(one.unit.depth for one in branches)
    kept = filters.address(request, unit=None, format=None)
    query = kept if kept.startswith("?") else ""
    names = {d: level_name(request.member.organisation, d, language()) for d in depths}
    return {
        "limits": limits(selection.scope),
        "tabs": number_tabs(request, head.asked, known),
        "head": numbers.tile(head, selection, request),
        **numbers.counting(selection),
        "answer": _answer(told),
        "failed": part.failed or any(one.row.status == FAILED for one in told.values()),
        "is_composite": not head.asked.metric,
        "any": any(one.row.n != 0 for one in told.values()),
        "low": low,
        "high": high,
        "axis": numbers.axis(low, high, head.asked.kind),
        "downloads": downloads.choices(request),
        "plot": None if downloads.wanted(request) else funnel_of(request, selection, one, unit),
        "hidden": max(len(branches) - MOST_UNITS, 0),
        "rows": [
            _line(
                query,
                one.unit,
                one.level,
                names[one.unit.depth],
                told.get(one.unit.code),
                has_peers=peers[one.unit.depth] > 1,
            )
            for one in branches[: None if downloads.wanted(request) else MOST_UNITS]
        ],
    }


def _answer(told: dict[str, UnitRow]) -> str:
    above = sum(one.differs > 0 for one in told.values())
    below = sum(one.differs < 0 for one in told.values())
    if not any(one.row.n != 0 for one in told.values()):
        return ""
    if not (above or below):
        return _("No unit truly differs from the others of its level.")
    return _("Units truly above the others of their level: %(above)s; truly below: %(below)s.") % {
        "above": above,
        "below": below,
    }


def _line(
    query: str,
    unit: Unit,
    level: int,
    level_words: str,
    found: UnitRow | None,
    *,
    has_peers: bool,
) -> dict[str, Any]:
    return {
        "code": unit.code,
        "name": unit.name_in(language()),
        "indent": INDENTS[min(level, len(INDENTS) - 1)],
        "level_name": level_words,
        "href": reverse("standings-unit", args=[unit.code]) + query,
        "row": numbers.figure_of(found.row) if found else None,
        "status": found.row.status if found else "",
        "estimate": found.row.estimate if found else None,
        "differs": found.differs if found else 0,
        "is_shown": found is not None and found.row.ok,
        "is_judged": found is not None and found.shrunken is not None and has_peers,
    }


def columns() -> list[Column]:
    """Return the columns of the download."""
    return [
        Column("code", _("Unit code"), "code"),
        Column("name", _("Unit"), "text"),
        Column("level_name", _("Level"), "text"),
        Column("n", _("n"), "integer"),
        Column("value", _("Own number"), "number"),
        Column("low", _("Low end"), "number"),
        Column("high", _("High end"), "number"),
        Column("status", _("Status"), "text"),
        Column("differs", _("Standing"), "integer"),
    ]


def rows(shown: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the tree's numbers as they may be shown."""
    for one in shown["rows"]:
        found = one["estimate"]
        hidden = found is None or one["status"] not in ("ok", "too_few")
        yield {
            **{key: one[key] for key in ("code", "name", "level_name", "status", "differs")},
            "n": None if hidden else found.n,
            "value": found.value if found else None,
            "low": found.low if found else None,
            "high": found.high if found else None,
        }


def unit_of(request: Any, selection: Selection, unit: Unit) -> dict[str, Any]:
    """Return the page of a unit: its numbers, its siblings, what is below it, its voices."""
    mine = selection.narrowed(unit=unit.code)
    found = dashboards.headlines(mine)
    head, least = chosen(request, found), limits(selection.scope)
    return {
        "unit": unit,
        "title": unit.name_in(language()),
        "level_name": level_name(request.member.organisation, unit.depth, language()),
        "answer": numbers.finding(head, precision_n=least.precision_n, privacy_n=least.privacy_n),
        **numbers.counting(selection),
        "tiles": [numbers.tile(one, mine, request) for one in found],
        "tabs": number_tabs(request, head.asked, [one.asked for one in found]),
        "siblings": attempt(lambda: _siblings(request, selection, unit, head)),
        "surveys": _survey_links(request, unit),
        "parents": _parents(request, unit),
        **parts(Looked(request, mine, head, least, unit), found, "trend", "units", "voices"),
    }


def _siblings(
    request: Any, selection: Selection, unit: Unit, head: Headline
) -> dict[str, Any] | None:
    """Return the unit among those below the same parent, as far as the member sees them."""
    parent = unit.parent
    if parent is None or parent not in Unit.objects.visible_to(request.scope):
        return None
    around = replace(selection, where={**selection.where, "unit": (parent.code,)})
    found = standings(head.asked, around, unit=parent, depth=unit.depth)
    if found is None or found.failed or found.depth != unit.depth:
        return None
    shown = league(request, found, head, link=lambda code: _unit_href(request, code))
    return shown | {"own": unit.code}


def _unit_href(request: Any, code: str) -> str:
    kept = filters.carried(request)
    return reverse("standings-unit", args=[code]) + kept


def _survey_links(request: Any, unit: Unit) -> list[dict[str, str]]:
    """Return the open surveys with this unit's link and code to scan."""
    now = timezone.now()
    open_ones = surveys.surveys(request.scope).filter(state="open")[:MOST_SURVEYS]
    query = urlencode({"unit": unit.code})
    return [
        {
            "title": survey.title_in(language()),
            "href": f"{reverse('respond:survey', args=[survey.code])}?{query}",
            "qr": f"{reverse('respond:qr_svg', args=[survey.code])}?{query}",
        }
        for survey in open_ones
        if survey.closes_at is None or survey.closes_at > now
    ]


def _parents(request: Any, unit: Unit) -> Iterable[dict[str, str]]:
    ids = [int(part) for part in unit.path.strip("/").split("/")][:-1]
    above = Unit.objects.visible_to(request.scope).filter(pk__in=ids).order_by("depth")
    return [
        {"name": one.name_in(language()), "href": _unit_href(request, one.code)} for one in above
    ]
