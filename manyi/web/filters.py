"""What a page looks at: unit, period and filters, read from the address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from manyi.accounts.models import Unit
from manyi.accounts.queries import unit_by_code
from manyi.kit.period import Period, bucket
from manyi.kit.problems import Problem
from manyi.kit.selection import Selection, parse
from manyi.reports.usual import usual_period

CARRIED = ("unit", "from", "to")
EARLIEST, OPEN = date(1900, 1, 1), date(9999, 12, 31)


@dataclass(frozen=True)
class Preset:
    """A period that one click chooses."""

    label: str | Promise
    period: Period


def selection(request: Any) -> Selection:
    """Return what the address selects; without a period the last 90 days.

    Raises the Problem that names what cannot be read, NotFound for a unit out of sight.
    The page's frame then shows the choice of unit and period.
    """
    read = _read(request)
    request.shows_selection = True
    return read


def _read(request: Any) -> Selection:
    given = parse(request.scope, dict(request.GET.lists()))
    for code in given.where.get("unit", ()):
        unit_by_code(request.scope, code)
    return given.during(_bounded(given.when))


def _bounded(when: Period | None) -> Period:
    """Return the period with an open end set to today: it has a period before it to compare."""
    if when is None:
        return default_period()
    first = max(when.first, EARLIEST)
    latest = max(timezone.localdate(), first)
    last = latest if when.last == OPEN else min(when.last, latest + timedelta(days=366))
    return Period(first, max(first, last))


def default_period() -> Period:
    """Return the last 90 days of the organisation's clock, today included."""
    return usual_period(timezone.localdate())


def presets(today: date) -> list[Preset]:
    """Return the periods to choose from, the default first."""
    month, quarter = bucket(today, "month"), bucket(today, "quarter")
    return [
        Preset(_("Last 90 days"), usual_period(today)),
        Preset(_("Last 30 days"), Period(today - timedelta(days=29), today)),
        Preset(_("This month"), month),
        Preset(_("Last month"), month.previous()),
        Preset(_("This quarter"), quarter),
        Preset(_("Last quarter"), quarter.previous()),
        Preset(_("This year"), bucket(today, "year")),
        Preset(_("Last 12 months"), Period(today - timedelta(days=364), today)),
    ]


def chosen_unit(request: Any) -> Unit | None:
    """Return the one unit that the address names and the member sees, or None."""
    codes = request.GET.getlist("unit")
    if request.scope is None or len(codes) != 1 or not codes[0]:
        return None
    try:
        return unit_by_code(request.scope, codes[0])
    except Problem:
        return None


def carried(request: Any) -> str:
    """Return `?unit=…&from=…&to=…` of this page for the links to others, or nothing."""
    pairs = [(k, v) for k in CARRIED for v in request.GET.getlist(k) if v]
    return f"?{urlencode(pairs)}" if pairs else ""


def address(request: Any, **changes: str | None) -> str:
    """Return this page's query with some parameters set anew, or left out by None.

    A part that is fetched by itself links to the whole page.
    """
    params = request.GET.copy()
    params.pop("cursor", None)
    params.pop("part", None)
    for name, value in changes.items():
        key = name.rstrip("_")  # `from` is a word of Python
        params.pop(key, None)
        if value is not None:
            params[key] = value
    return f"?{params.urlencode()}" if params else request.path
