"""What the pages of numbers show: headlines, trends, units, channels, voices.

Each part is made by itself, so that one that fails leaves the others standing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar
from urllib.parse import parse_qs

from manyi.base.log import logger
from manyi.charts import Kind
from manyi.feedback import queries as feedback
from manyi.feedback.wire import to_wire
from manyi.kit.localtext import LocalText
from manyi.kit.period import fitting_interval
from manyi.kit.problems import Problem
from manyi.kit.selection import Scope, Selection, parse
from manyi.metrics import indicators, queries
from manyi.metrics.models import Indicator, Target
from manyi.metrics.queries import Comparison
from manyi.metrics.rows import FAILED, SUPPRESSED, Row
from manyi.stats.scoring import METRICS

log = logger(__name__)
T = TypeVar("T")
DEFAULTS = ("csat", "csat_index", "nps", "ces")
LESS_IS_BETTER = frozenset({"detractors", "bottom_box"})
VOICES = 6
_KINDS: dict[str, Kind] = {"share": "share", "index": "index", "nps": "points", "mean": "mean"}


@dataclass(frozen=True)
class Part(Generic[T]):
    """A part of a page, or the fact that it could not be computed."""

    value: T | None
    failed: bool = False


def attempt(make: Callable[[], T]) -> Part[T]:
    """Return what `make` makes; a failure is logged and told, never taken for "no data"."""
    try:
        return Part(make())
    except Problem:
        raise
    except Exception:  # the part says "failed", the page stays up
        log.exception("page_part_failed")
        return Part(None, failed=True)


@dataclass(frozen=True)
class Asked:
    """A number to head a page: a metric of an item, or an indicator of the organisation."""

    code: str
    metric: str
    item: str = "overall"
    name: LocalText = field(default_factory=dict)
    indicator: Indicator | None = None

    @property
    def kind(self) -> Kind:
        return kind_of(self.metric)

    @property
    def better(self) -> str:
        return "down" if self.metric in LESS_IS_BETTER else "up"

    def narrowed(self, selection: Selection) -> Selection:
        """Return the selection with the indicator's own conditions."""
        if self.indicator is None or not self.indicator.query:
            return selection
        own = parse(selection.scope, parse_qs(self.indicator.query))
        return indicators.narrowed(selection, own)


@dataclass(frozen=True)
class Headline:
    """A number now, before and a year before, and what it should reach."""

    asked: Asked
    comparison: Comparison
    target: Target | None = None

    @property
    def row(self) -> Row:
        return self.comparison.current

    @property
    def standing(self) -> str | None:
        """Return reached, missed or open; None without a target or a number."""
        return indicators.standing(self.row, self.target)

    @property
    def is_answered(self) -> bool:
        """Whether there is anything to tell: answers, hidden ones, or a failure."""
        return self.row.status in (FAILED, SUPPRESSED) or self.row.estimate.n > 0


@dataclass(frozen=True)
class Completion:
    """How many began a survey and how many finished."""

    row: Row

    @property
    def began(self) -> int:
        return self.row.estimate.n

    @property
    def finished(self) -> int:
        value = self.row.estimate.value
        return round(value * self.began / 100) if value is not None else 0


def kind_of(metric: str) -> Kind:
    """Return how a metric's numbers are written; a composite is an index."""
    found = METRICS.get(metric)
    return _KINDS.get(found.form, "index") if found is not None else "index"


def asked(scope: Scope) -> list[Asked]:
    """Return the numbers that head the pages: the organisation's own, else the usual four."""
    own = indicators.headline(scope)
    if not own:
        return [Asked(code, code) for code in DEFAULTS]
    return [Asked(one.code, one.metric, one.item or "overall", one.name, one) for one in own]


def headlines(selection: Selection) -> list[Headline]:
    """Return the headline numbers that have answers; the first one always."""
    targets, each = _targets(selection), asked(selection.scope)
    whole = [one for one in each if one.metric and one.narrowed(selection) == selection]
    queries.compare_ahead(selection, [(one.metric, one.item) for one in whole])
    found = [Headline(one, compared(one, selection), targets.get(one.code)) for one in each]
    return [one for at, one in enumerate(found) if at == 0 or one.is_answered]


def headline(one: Asked, selection: Selection) -> Headline:
    """Return one number with its comparisons and target."""
    return Headline(one, compared(one, selection), _targets(selection).get(one.code))


def compared(one: Asked, selection: Selection) -> Comparison:
    """Return a number with the previous period and the year before."""
    if one.metric:
        return queries.compare(one.narrowed(selection), one.metric, one.item)[0]
    assert one.indicator is not None
    found = indicators.indicator_compared(one.indicator, selection)
    return Comparison(found.row, None, None, found.delta, found.delta_year)


def alone(one: Asked, selection: Selection) -> Headline:
    """Return one number without what came before it, for pages that compare places."""
    if one.metric:
        row = queries.estimate(one.narrowed(selection).split(), one.metric, one.item)[0]
    else:
        assert one.indicator is not None
        row = indicators.indicator(one.indicator, selection).row
    return Headline(one, Comparison(row, None, None, None, None))


def _targets(selection: Selection) -> dict[str, Target]:
    units = selection.where.get("unit", ())
    mine = Target.objects.filter(indicator__organisation_id=selection.scope.organisation_id)
    mine = mine.filter(unit__code=units[0]) if len(units) == 1 else mine.filter(unit=None)
    return {target.indicator.code: target for target in mine.select_related("indicator")}


def trend(one: Asked, selection: Selection, interval: str | None = None) -> list[Row]:
    """Return a number for each day, week, month or quarter of the period."""
    if one.metric:
        return queries.trend(one.narrowed(selection), one.metric, one.item, interval=interval)
    assert one.indicator is not None and selection.when is not None
    step = interval or fitting_interval(selection.when)
    return indicators.indicator_rows(one.indicator, selection.split(interval=step))


def by_group(one: Asked, selection: Selection, dimension: str) -> list[Row]:
    """Return a number for each channel, language, …; those with most answers first."""
    split = selection.split(dimension)
    if one.metric:
        rows = queries.estimate(one.narrowed(split), one.metric, one.item)
    else:
        assert one.indicator is not None
        rows = indicators.indicator_rows(one.indicator, split)
    return sorted(rows, key=lambda row: -(row.n or 0))


def completion(selection: Selection) -> Completion | None:
    """Return how many finished what they began; None where no survey was answered."""
    surveys = selection.split().narrowed(kind="survey")
    rows = queries.completion(surveys)
    return Completion(rows[0]) if rows else None


def voices(selection: Selection, *, at_most: int = VOICES) -> Sequence[dict[str, object]]:
    """Return the newest records with something said, as they may be shown to the scope."""
    return to_wire(selection.scope, feedback.latest(selection, at_most=at_most))


def latest_day(scope: Scope) -> date | None:
    """Return the last day of which the scope sees any feedback, or None."""
    return queries.latest_day(Selection(scope))
