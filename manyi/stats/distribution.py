"""The shares of all answers of a question, one by one or held to be right together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from manyi.kit.scale import Scale
from manyi.stats.intervals import Interval, normal_quantile, wilson, wilson_by
from manyi.stats.metrics import estimate, on_scale
from manyi.stats.moments import Moments
from manyi.stats.result import Estimate, Note, nothing
from manyi.stats.scoring import METRICS
from manyi.stats.spread import spread


@dataclass(frozen=True)
class Share:
    """One answer and how many in a hundred gave it."""

    value: float
    count: int
    share: Estimate


def distribution(moments: Moments, scale: Scale, *, level: float = 0.95) -> tuple[Share, ...]:
    """Return the share of every answer from the worst to the best, those nobody gave included.

    Each interval holds by itself (as that of a box share); `goodman` gives intervals that
    hold all together.
    """
    used, _ = on_scale(moments, scale)
    listed = sorted({*scale.points(), *used.values.tolist()}, key=scale.index)
    counts = dict(zip(used.values.tolist(), used.n.tolist(), strict=True))
    return tuple(
        Share(value, counts.get(value, 0), _share_of(value, moments, scale, level))
        for value in listed
    )


def simultaneous(moments: Moments, scale: Scale, *, level: float = 0.95) -> tuple[Share, ...]:
    """Return the same with intervals that hold for all answers at once (Bonferroni's level
    for each, which for single answers of equal weight is Goodman's interval)."""
    plain = distribution(moments, scale, level=level)
    each = 1 - (1 - level) / len(plain)
    wide = distribution(moments, scale, level=each)
    return tuple(replace(one, share=replace(one.share, level=level)) for one in wide)


def _share_of(value: float, moments: Moments, scale: Scale, level: float) -> Estimate:
    return estimate(METRICS["top_box"], moments, scale, level=level, box=(value,))


def goodman(counts: Sequence[float], level: float = 0.95) -> list[Interval]:
    """Return Goodman's simultaneous intervals (1965) of shares 0..1 from counts."""
    quantile = normal_quantile(1 - (1 - level) / len(counts))
    total = float(sum(counts))
    return [wilson_by(x, total, quantile) for x in counts]


def quesenberry_hurst(counts: Sequence[float], level: float = 0.95) -> list[Interval]:
    """Return Quesenberry and Hurst's intervals (1964), wider than Goodman's."""
    quantile = math.sqrt(2 * float(special.gammaincinv((len(counts) - 1) / 2, level)))
    total = float(sum(counts))
    return [wilson_by(x, total, quantile) for x in counts]


def median(moments: Moments) -> float | None:
    """Return the weighted median: half the weight lies on either side."""
    if moments.count == 0:
        return None
    share = np.cumsum(moments.w) / moments.sum_w
    at = int(np.searchsorted(share, 0.5 - 1e-12))
    if abs(share[at] - 0.5) < 1e-12 and at + 1 < len(share):
        return float(moments.values[at] + moments.values[at + 1]) / 2
    return float(moments.values[at])


def median_of(moments: Moments, *, level: float = 0.95) -> Estimate:
    """Return the weighted median with Woodruff's interval: that of the share below it, read off
    the distribution. The interval always ends at answers that somebody gave."""
    value = median(moments)
    if value is None:
        return nothing(level=level, warnings=(Note("no_answers"),))
    below = spread(moments, np.where(moments.values <= value, 1.0, 0.0))
    n_effective = below.n_effective
    reach = wilson(0.5 * n_effective, n_effective, level)
    share = np.cumsum(moments.w) / moments.sum_w
    at = np.searchsorted(share, np.array([reach.low, reach.high]) - 1e-12)
    low, high = moments.values[np.minimum(at, len(share) - 1)].tolist()
    ends = (min(low, value), max(high, value))
    return Estimate(value, *ends, level, moments.count, n_effective, None, "woodruff")
