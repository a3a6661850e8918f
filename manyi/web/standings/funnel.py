"""The funnel plot of the units of a level, ready for the template."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from manyi.accounts.models import Unit
from manyi.accounts.queries import level_name
from manyi.charts import Chart, Limits, against_chance
from manyi.charts import Unit as Drawn
from manyi.kit.selection import Selection
from manyi.metrics.funnels import Compared, funnel
from manyi.reports.dashboards import Asked, Part, attempt
from manyi.reports.standings import levels
from manyi.stats.funnels import ALARM, WARN, Funnel
from manyi.web import filters
from manyi.web.context import language

_STEPS = 48
LEAST = 4
"""Fewer units make no picture of how units lie."""


def funnel_of(
    request: Any, selection: Selection, one: Asked, unit: Unit | None
) -> dict[str, Any] | None:
    """Return the picture of the level that the address names, with the levels to choose from;
    None where no level has units enough."""
    offered, first = levels(selection.scope, unit)
    wanted = request.GET.get("level", "")
    given = int(wanted) if wanted.isdecimal() and len(wanted) < 3 else None
    depth = given if given in offered else first
    if depth is None or not one.metric:
        return None
    own = one.narrowed(selection)
    part: Part[Compared | None] = attempt(lambda: funnel(own, one.metric, one.item, depth=depth))
    found = part.value
    if not part.failed and (found is None or len(found.rows) < LEAST):
        return None
    organisation = request.member.organisation
    return {
        "failed": part.failed,
        "level": level_name(organisation, depth, language()),
        "chart": _chart(request, selection, found, one) if found else None,
        "funnel": found.funnel if found else None,
        "dispersion": _dispersion(found.funnel) if found else "",
        "n_far": _far(found.funnel) if found else 0,
        "levels": [
            {
                "label": level_name(organisation, at, language()),
                "href": filters.address(request, level=str(at)),
                "active": at == depth,
            }
            for at in offered
        ],
    }


def _far(found: Funnel[str]) -> int:
    return sum(found.side(code, ALARM) != 0 for code in found.points)


def _chart(request: Any, selection: Selection, found: Compared, one: Asked) -> Chart:
    seen = Unit.objects.visible_to(selection.scope).filter(code__in=list(found.rows))
    names = {row.code: row.name_in(language()) for row in seen}
    drawn = [_drawn(request, found, code, _name(names, code)) for code in found.rows]
    sizes = [point.at for point in drawn]
    return against_chance(
        drawn,
        _limits(found.funnel, min(sizes) * 0.9, max(sizes) * 1.1),
        centre=found.funnel.centre,
        kind=one.kind,
        language=language(),
    )


def _name(names: dict[str, str], code: str) -> str:
    """Return a unit's name, with its code where another has the same."""
    own = names.get(code, code)
    return own if list(names.values()).count(own) < 2 else f"{own} ({code})"


def _drawn(request: Any, found: Compared, code: str, name: str) -> Drawn:
    point = found.funnel.points[code]
    low, high = found.funnel.limits(point.n_effective, WARN)
    side = found.funnel.side(code, WARN) + found.funnel.side(code, ALARM)
    href = reverse("standings-unit", args=[code]) + filters.carried(request)
    return Drawn(name, found.rows[code].estimate, point.n_effective, low, high, side, href)


def _dispersion(drawn: Funnel[str]) -> str:
    """Return how far the units lie apart with its interval; blank where nobody can tell."""
    one = drawn.apart.effect if drawn.apart else None
    if one is None or one.value is None or one.low is None or one.high is None:
        return ""
    return f"{one.value:.1f} ({one.low:.1f}–{one.high:.1f})"


def _limits(found: Funnel[str], first: float, last: float) -> list[Limits]:
    """Return the limits along n, at steps that grow with it."""
    ratio = (last / first) ** (1 / (_STEPS - 1))
    return [
        Limits(at, *found.limits(at, WARN), *found.limits(at, ALARM))
        for at in (first * ratio**step for step in range(_STEPS))
    ]
