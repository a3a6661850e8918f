"""Quantiles of weighted answers: software knows nine definitions, and all of them here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats import intervals
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate
from manyi.stats.survey.design import Design, ShareMethod, mean_rows, share_rows

Definition = Literal[1, 2, 4, 5, 6, 7, 8, 9]
Reach = Literal["woodruff"] | ShareMethod
# Hyndman and Fan's plotting positions (k - a)/(n + 1 - a - b) (1996).
_POSITIONS = {
    4: (0.0, 1.0),
    5: (0.5, 0.5),
    6: (0.0, 0.0),
    7: (1.0, 1.0),
    8: (1 / 3, 1 / 3),
    9: (3 / 8, 3 / 8),
}


def weighted_quantiles(
    y: ArrayLike, shares: ArrayLike, weights: ArrayLike | None = None, *, definition: Definition = 1
) -> FloatArray:
    """Return the quantiles of y (n,) at `shares`, in Hyndman and Fan's numbering.

    1: the least answer that reaches the share (R's survey, "math"); 2: the same, the mean of
    two where it is met exactly ("school", Stata, SAS 5); 4 to 9 interpolate: 6 as SPSS and
    Minitab, 7 as R's and numpy's default, 8 the advised one. A weight counts as that many
    answers of the mean weight.
    """
    x = np.asarray(y, np.float64)
    w = np.ones(len(x)) if weights is None else np.asarray(weights, np.float64)
    there = ~np.isnan(x) & (w > 0)
    x, w = x[there], w[there]
    order = np.argsort(x, kind="stable")
    x, reached = x[order], np.cumsum(w[order]) / w.sum()
    p = np.asarray(shares, np.float64)
    if definition in (1, 2):
        return _stepped(x, reached, p, definition)
    a, b = _POSITIONS[definition]
    n = len(x)
    if n == 1:
        return np.full(p.shape, x[0])
    size = w[order] / w.mean()
    position = (reached * n - a * size) / (n + 1 - a - b)
    return np.asarray(np.interp(p, position, x))


def _stepped(x: FloatArray, reached: FloatArray, p: FloatArray, definition: int) -> FloatArray:
    at = np.minimum(np.searchsorted(reached, p - 1e-12), len(x) - 1)
    found = x[at]
    if definition == 1:
        return np.asarray(found)
    met = np.abs(reached[at] - p) < 1e-12
    after = x[np.minimum(at + 1, len(x) - 1)]
    return np.where(met, (found + after) / 2, found)


def quantiles_rows(
    y: ArrayLike, shares: Sequence[float], design: Design, *, definition: Definition = 1
) -> list[float]:
    """Return the quantiles of a sample; `quantile_rows` brings the interval."""
    found = weighted_quantiles(y, list(shares), design.weights, definition=definition)
    return [float(one) for one in found]


def quantile_rows(
    y: ArrayLike,
    share: float,
    design: Design,
    *,
    definition: Definition = 1,
    interval: Reach = "woodruff",
    level: float = 0.95,
) -> Estimate:
    """Return one quantile with the interval of the share below it, read off the distribution.

    woodruff: around the share asked for (Woodruff 1952); mean, logit, beta, asin: around the
    share that was found at or below it, as R's svyquantile (its xlogit is logit here).
    """
    x = np.asarray(y, np.float64)
    value = float(weighted_quantiles(x, [share], design.weights, definition=definition)[0])
    marked = (x <= value).astype(np.float64)
    below = mean_rows(marked, design)
    if interval == "woodruff":
        quantile = intervals.t_quantile(level, max(below.df, 1))
        reach = intervals.around(share, float(below.se[0]), quantile)
    else:
        found = share_rows(marked, design, method=interval, level=level)
        reach = intervals.Interval((found.low or 0.0) / 100, (found.high or 0.0) / 100)
    reach = intervals.clip(reach, 0.0, 1.0)
    ends = weighted_quantiles(x, [reach.low, reach.high], design.weights, definition=definition)
    n = len(x)
    deff = 1.0 if below.deff is None else float(below.deff[0])
    low, high = min(float(ends[0]), value), max(float(ends[1]), value)
    return Estimate(value, low, high, level, n, n / max(deff, 1e-9), below.df, interval)
