"""What each answer scores in a metric: the one table from which every metric is a mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from manyi.kit.problems import Problem
from manyi.kit.scale import Scale
from manyi.stats.moments import FloatArray

Box = Iterable[float] | None
Form = Literal["share", "mean", "index", "nps", "distribution"]
Unit = Literal["percent", "points", "score"]
_HAIR = 1e-9  # so that 9 on 10..0 is still 90 % of the way after rounding


@dataclass(frozen=True)
class Metric:
    """A metric: its code, the unit it travels in, and what an answer scores.

    `kind` says which scales fit: "any", "nps" (0 to 10) or "ces" (1 to 7);
    `needs_item` marks those that mean nothing until an item is named.
    """

    code: str
    form: Form
    unit: Unit
    kind: Literal["any", "nps", "ces"]
    score: Callable[[FloatArray, Scale, Box], FloatArray]
    needs_item: bool = False

    def fits(self, scale: Scale) -> bool:
        """Whether the metric is defined on `scale`, whichever way it runs."""
        ends = (scale.low, scale.high)
        return self.kind == "any" or ends == ((0, 10) if self.kind == "nps" else (1, 7))

    def scores(self, values: FloatArray, scale: Scale, box: Box = None) -> FloatArray:
        """Return what each of `values` (k,) scores; a share scores 0 or 100.

        Raises Problem("metric_scale_unfit") and Problem("top_box_unnamed").
        """
        if not self.fits(scale):
            worst, best = f"{scale.worst:g}", f"{scale.best:g}"
            raise Problem("metric_scale_unfit", metric=self.code, worst=worst, best=best)
        return self.score(values, scale, box)

    def bounds(self, scale: Scale) -> tuple[float, float]:
        """Return the least and the greatest value that the metric can have."""
        if self.form == "nps":
            return -100.0, 100.0
        return (scale.low, scale.high) if self.form == "mean" else (0.0, 100.0)


def index_of(values: FloatArray, scale: Scale) -> FloatArray:
    """Return 0 (worst) to 100 (best) for each value."""
    return (values - scale.worst) / (scale.best - scale.worst) * 100.0


def _percent(counts: np.ndarray) -> FloatArray:
    return np.where(counts, 100.0, 0.0)


def _raw(values: FloatArray, scale: Scale, box: Box) -> FloatArray:
    return values


def _index(values: FloatArray, scale: Scale, box: Box) -> FloatArray:
    return index_of(values, scale)


def _top(values: FloatArray, scale: Scale, box: Box) -> FloatArray:
    if box is not None:
        return _percent(np.isin(values, list(box)))
    named = _named(scale.top_box(), scale)
    return _percent(index_of(values, scale) >= min(map(scale.index, named)) - _HAIR)


def _bottom(values: FloatArray, scale: Scale, box: Box) -> FloatArray:
    if box is not None:
        return _percent(np.isin(values, list(box)))
    named = _named(scale.bottom_box(), scale)
    return _percent(index_of(values, scale) <= max(map(scale.index, named)) + _HAIR)


def _named(box: frozenset[float] | None, scale: Scale) -> frozenset[float]:
    if box is None:
        raise Problem("top_box_unnamed", worst=f"{scale.worst:g}", best=f"{scale.best:g}")
    return box


def _promoters(values: FloatArray, scale: Scale, box: Box) -> FloatArray:
    return _percent(index_of(values, scale) >= 90 - _HAIR)


def _detractors(values: FloatArray, scale: Scale, box: Box) -> FloatArray:
    return _percent(index_of(values, scale) < 70 - _HAIR)


def _passives(values: FloatArray, scale: Scale, box: Box) -> FloatArray:
    return 100.0 - _promoters(values, scale, box) - _detractors(values, scale, box)


def _nps(values: FloatArray, scale: Scale, box: Box) -> FloatArray:
    return _promoters(values, scale, box) - _detractors(values, scale, box)


def _easy(values: FloatArray, scale: Scale, box: Box) -> FloatArray:
    if box is not None:
        return _percent(np.isin(values, list(box)))
    return _percent(index_of(values, scale) >= 100 * 4 / 6 - _HAIR)


METRICS: dict[str, Metric] = {
    metric.code: metric
    for metric in (
        Metric("csat", "share", "percent", "any", _top),
        Metric("csat_mean", "mean", "score", "any", _raw),
        Metric("csat_index", "index", "percent", "any", _index),
        Metric("nps", "nps", "points", "nps", _nps),
        Metric("promoters", "share", "percent", "nps", _promoters),
        Metric("passives", "share", "percent", "nps", _passives),
        Metric("detractors", "share", "percent", "nps", _detractors),
        Metric("ces", "mean", "score", "any", _raw),
        Metric("ces_share", "share", "percent", "ces", _easy),
        Metric("mean", "mean", "score", "any", _raw, needs_item=True),
        Metric("index", "index", "percent", "any", _index, needs_item=True),
        Metric("top_box", "share", "percent", "any", _top, needs_item=True),
        Metric("bottom_box", "share", "percent", "any", _bottom, needs_item=True),
        Metric("distribution", "distribution", "percent", "any", _raw, needs_item=True),
    )
}
