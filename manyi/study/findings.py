"""What the file says: indicators, spread, trend, groups, items and words, as estimates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from manyi.charts import FEW, Kind, judged
from manyi.kit.period import Period, buckets, fitting_interval, label
from manyi.kit.scale import Scale
from manyi.stats.compare import change_test, holm_tests
from manyi.stats.distribution import Share, distribution
from manyi.stats.intervals import normal_quantile
from manyi.stats.metrics import estimate
from manyi.stats.moments import Moments, from_values, without
from manyi.stats.result import Estimate, nothing
from manyi.study.segments import Bits
from manyi.study.sheet import Floats, Groups, Scores, Sheet, day
from manyi.study.themes import Themes, themes
from manyi.study.words import Telling, Word, frequent, telling

ALPHA = 0.05
GROUPS_SHOWN = 30
TEXTS_AT_MOST = 60_000
_ITEMS_MOST_ANSWERS = 11


@dataclass(frozen=True)
class Indicator:
    """One metric of one score column."""

    code: str
    kind: Kind
    estimate: Estimate
    box: tuple[float, ...] | None = None

    @property
    def metric(self) -> str:
        return "top_box" if self.code == "positive" else self.code


@dataclass(frozen=True)
class Item:
    """One score column: its indicators, the first of them leading, and how answers spread."""

    name: str
    scale: Scale
    scores: Scores
    moments: Moments
    indicators: tuple[Indicator, ...]
    index: Estimate
    spread: tuple[Share, ...]

    @property
    def lead(self) -> Indicator:
        return self.indicators[0]

    def indicator(self, code: str) -> Indicator | None:
        return next((i for i in self.indicators if i.code == code), None)


@dataclass(frozen=True)
class Group:
    """One group of a comparison; `p` is adjusted by Holm within its column."""

    name: str
    estimate: Estimate
    difference: Estimate | None
    p: float | None

    @property
    def differs(self) -> bool:
        return self.p is not None and self.p < ALPHA


@dataclass(frozen=True)
class Comparison:
    """The groups of one column by the leading indicator of the main score."""

    name: str
    groups: tuple[Group, ...]
    left_out: int

    @property
    def differing(self) -> list[str]:
        return [g.name for g in self.groups if g.differs]


@dataclass(frozen=True)
class Trend:
    """The leading indicator over time."""

    interval: str
    points: tuple[tuple[str, Estimate], ...]
    undated: int


@dataclass(frozen=True)
class Study:
    """All findings of one file."""

    sheet: Sheet
    items: tuple[Item, ...]
    main: Item | None
    trend: Trend | None
    comparisons: tuple[Comparison, ...]
    related: dict[str, Estimate]
    words: Telling | None
    frequent: tuple[Word, ...]
    texts_studied: int
    themes: Themes | None


def study(sheet: Sheet, *, rng: np.random.Generator, industry: str | None = None) -> Study:
    """Return what the sheet says; only the sampling of very many comments uses `rng`."""
    items = tuple(_item(scores) for scores in sheet.scores)
    main = _main(items)
    texts = _texts_at(sheet, rng)
    words = _words(sheet, main, texts) if main else None
    empty = words is None or not (words.low or words.high)
    return Study(
        sheet=sheet,
        items=items,
        main=main,
        trend=_trend(sheet, main) if main else None,
        comparisons=tuple(_comparison(g, main) for g in sheet.groups) if main else (),
        related={i.name: _correlation(i, main) for i in items if main and i is not main},
        words=words,
        frequent=frequent([sheet.texts[i] for i in texts]) if empty else (),
        texts_studied=len(texts),
        themes=themes(sheet.texts, industry=industry, rng=rng),
    )


def _item(scores: Scores) -> Item:
    column = scores.column
    assert column.scale is not None
    moments = from_values(scores.values)
    return Item(
        name=column.name,
        scale=column.scale,
        scores=scores,
        moments=moments,
        indicators=tuple(_indicators(moments, column.scale, column.metric)),
        index=estimate("csat_index", moments, column.scale),
        spread=_spread(moments, column.scale),
    )


def _spread(moments: Moments, scale: Scale) -> tuple[Share, ...]:
    few = scale.high - scale.low < _ITEMS_MOST_ANSWERS
    return distribution(moments, scale) if few and len(moments.values) <= 12 else ()


def _indicators(moments: Moments, scale: Scale, metric: str) -> list[Indicator]:
    if metric == "positive":
        box = (scale.best,)
        return [Indicator("positive", "share", estimate("top_box", moments, scale, box=box), box)]
    wanted: list[tuple[str, Kind]] = []
    if metric == "nps" and (scale.low, scale.high) == (0, 10):
        wanted += [("nps", "points"), ("promoters", "share"), ("detractors", "share")]
    elif metric == "ces":
        wanted += [("ces", "mean")]
        wanted += [("ces_share", "share")] if (scale.low, scale.high) == (1, 7) else []
    else:
        wanted += [("csat", "share")] if scale.top_box() is not None else []
        wanted += [("csat_index", "index"), ("csat_mean", "mean")]
    return [Indicator(code, kind, estimate(code, moments, scale)) for code, kind in wanted]


def _main(items: Sequence[Item]) -> Item | None:
    """Return the score that the others are held against: the one called overall, else the first."""
    answered = [i for i in items if i.moments.count] or list(items)
    overall = [i for i in answered if i.scores.column.overall]
    return next(iter(overall or answered), None)


def _of(item: Item, rows: Bits) -> Moments:
    return from_values(item.scores.values[rows])


def _estimate(item: Item, moments: Moments) -> Estimate:
    return estimate(item.lead.metric, moments, item.scale, box=item.lead.box)


def _trend(sheet: Sheet, main: Item) -> Trend | None:
    if sheet.days is None:
        return None
    answered = ~np.isnan(main.scores.values)
    dated = answered & (sheet.days >= 0)
    if not dated.any():
        return None
    first, last = int(sheet.days[dated].min()), int(sheet.days[dated].max())
    if last - first > 36_600:
        first = int(np.quantile(sheet.days[dated], 0.01))
    period = Period(day(first), day(last))
    interval = fitting_interval(period)
    points = tuple(
        (label(b.first, interval), _estimate(main, _of(main, dated & _within(sheet, b))))
        for b in buckets(period, interval)
    )
    return Trend(interval, points, int((answered & ~dated).sum())) if len(points) > 1 else None


def _within(sheet: Sheet, bucket: Period) -> Bits:
    assert sheet.days is not None
    inside: Bits = (sheet.days >= bucket.first.toordinal()) & (
        sheet.days <= bucket.last.toordinal()
    )
    return inside


def _comparison(groups: Groups, main: Item) -> Comparison:
    answered = ~np.isnan(main.scores.values)
    counts = np.bincount(groups.codes[answered & (groups.codes >= 0)], minlength=len(groups.names))
    largest = [int(i) for i in np.argsort(-counts, kind="stable")[:GROUPS_SHOWN] if counts[i]]
    parts = {groups.names[i]: _of(main, groups.codes == i) for i in largest}
    tests = {
        name: change_test(
            part, without(main.moments, part), main.lead.metric, main.scale, box=main.lead.box
        )
        for name, part in parts.items()
        if FEW <= part.count <= main.moments.count - FEW
    }
    judgedly = holm_tests(tests)
    found = (
        Group(
            name,
            _estimate(main, part),
            judgedly[name].effect if name in judgedly else None,
            judgedly[name].p if name in judgedly else None,
        )
        for name, part in parts.items()
    )
    return Comparison(groups.column.name, tuple(found), int(np.count_nonzero(counts)) - len(parts))


def _correlation(item: Item, main: Item) -> Estimate:
    """Return Pearson's r of an item with the main score, its interval by Fisher's z."""
    a, b = _oriented(item), _oriented(main)
    both = ~np.isnan(a) & ~np.isnan(b)
    n = int(both.sum())
    if n < FEW or np.ptp(a[both]) == 0 or np.ptp(b[both]) == 0:
        return nothing(n=n)
    r = float(np.corrcoef(a[both], b[both])[0, 1])
    z, half = math.atanh(min(max(r, -0.999999), 0.999999)), normal_quantile(0.95) / math.sqrt(n - 3)
    return Estimate(r, math.tanh(z - half), math.tanh(z + half), 0.95, n, float(n), None, "fisher")


def _oriented(item: Item) -> Floats:
    return item.scores.values if item.scale.best > item.scale.worst else -item.scores.values


def _texts_at(sheet: Sheet, rng: np.random.Generator) -> list[int]:
    """Return the rows whose comments are studied: all, or a random sample of very many."""
    held = [i for i, text in enumerate(sheet.texts) if text]
    if len(held) <= TEXTS_AT_MOST:
        return held
    return sorted(int(i) for i in rng.choice(held, TEXTS_AT_MOST, replace=False))


def _words(sheet: Sheet, main: Item, texts: Sequence[int]) -> Telling | None:
    if not texts:
        return None
    values = main.scores.values[np.array(texts)]
    index = (values - main.scale.worst) / (main.scale.best - main.scale.worst)
    low, high = index < 0.5, index > 0.5
    if main.lead.code == "nps":
        low, high = values <= 6, values >= 9
    return telling([sheet.texts[i] for i in texts], low, high)


def leading(study: Study) -> Estimate | None:
    """Return the estimate that the report begins with, None where there is none to judge."""
    if study.main is None or not judged(study.main.lead.estimate):
        return None
    return study.main.lead.estimate
