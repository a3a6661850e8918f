"""Metrics as estimates: satisfaction, NPS, effort, means, indices and shares of boxes."""

from __future__ import annotations

import math
from typing import Literal

from scipy import special

from manyi.kit.problems import Problem
from manyi.kit.scale import Scale
from manyi.stats import intervals
from manyi.stats.intervals import Interval
from manyi.stats.moments import FloatArray, Moments, only
from manyi.stats.result import Estimate, Note, Test, nothing
from manyi.stats.scoring import METRICS, Box, Metric, index_of
from manyi.stats.spread import Spread, spread

NPS_SMALL = 50
NPS_RARE = 10
FEW_CUSTOMERS = 10


def estimate(
    metric: str | Metric,
    moments: Moments,
    scale: Scale,
    *,
    level: float = 0.95,
    box: Box = None,
) -> Estimate:
    """Return the metric of the answers in `moments`, with its interval.

    `box` names the answers that count in place of the scale's own top (or bottom) box.
    Answers off the scale are left out and noted. Shares: Wilson at Kish's effective n (or the
    linearised one where that is less); on the logit scale with the grouped jackknife where
    customers answer more than once. NPS: adjusted Wald below n = 50 (and where fewer than ten
    answers differ from the commonest kind), else t. Means and indices: t with Hall's correction
    for the skewness of answers, or of customers (satisfaction leans to one end, and plain t then
    covers too little); where all answers agree, the bounds that their number can bear. Raises
    Problem for a metric that does not fit the scale.
    """
    metric = named(metric)
    used, notes = on_scale(moments, scale)
    y = metric.scores(used.values, scale, box)
    if used.count == 0:
        return nothing(level=level, warnings=(*notes, Note("no_answers")))
    found = spread(used, y)
    interval, df, method = interval_of(metric, found, used, y, metric.bounds(scale), level)
    return Estimate(
        found.value,
        *_holding(interval, found.value),
        level,
        found.n,
        found.n_effective,
        df,
        method,
        (*notes, *remarks(used, found)),
    )


NpsMethod = Literal["wald", "t", "adjusted_wald"]
Divisor = Literal["n", "n-1"]


def nps_of_counts(
    promoters: float,
    passives: float,
    detractors: float,
    *,
    method: NpsMethod = "t",
    divisor: Divisor = "n-1",
    level: float = 0.95,
) -> Estimate:
    """Return the NPS of plain counts by a named method, uncut: software differs on the divisor
    of the variance, and on normal or t quantiles. `estimate` chooses by itself and cuts."""
    n = promoters + passives + detractors
    if n == 0:
        return nothing(level=level, warnings=(Note("no_answers"),))
    value = (promoters - detractors) / n
    variance = intervals.nps_variance(promoters / n, detractors / n)
    se = math.sqrt(variance / (n if divisor == "n" else max(n - 1, 1)))
    df = float(max(n - 1, 1)) if method == "t" else math.inf
    ends = intervals.around(value, se, intervals.t_quantile(level, df))
    if method == "adjusted_wald":
        ends = intervals.adjusted_wald_nps(promoters, passives, detractors, level)
    told = None if math.isinf(df) else df
    return Estimate(100 * value, *_scaled(ends), level, round(n), float(n), told, method)


Counts = tuple[float, float, float]


def nps_change_of_counts(
    now: Counts, before: Counts, *, divisor: Divisor = "n", level: float = 0.95
) -> Test:
    """Return Wald's z test of two independent NPS from (promoters, passives, detractors), as
    most calculators print it; `compare.change_test` is the one that knows weights, customers
    and small numbers."""
    sides = (now, before)
    one, two = (nps_of_counts(*c, method="wald", divisor=divisor, level=level) for c in sides)
    if one.value is None or two.value is None:
        return Test(None, None, None, nothing(level=level), "wald", 0)
    z = intervals.normal_quantile(level)
    se = math.hypot(one.half_width or 0.0, two.half_width or 0.0) / z
    value, least = one.value - two.value, min(one.n, two.n)
    ends = intervals.around(value, se, z)
    effect = Estimate(value, *ends, level, least, float(least), None, "wald")
    if se == 0:
        return Test(None, float(value == 0), None, effect, "wald", least)
    t = value / se
    return Test(t, 2 * float(special.ndtr(-abs(t))), None, effect, "wald", least)


def mean_of(
    moments: Moments, *, level: float = 0.95, low: float = -math.inf, high: float = math.inf
) -> Estimate:
    """Return the mean of any quantity, such as hours, whose least and greatest value may be
    given; where nothing differs and the range is open there is no interval."""
    if moments.count == 0:
        return nothing(level=level, warnings=(Note("no_answers"),))
    found = spread(moments, moments.values)
    notes = remarks(moments, found)
    if not found.told and math.isinf(high - low):
        n, n_effective = found.n, found.n_effective
        return Estimate(found.value, None, None, level, n, n_effective, None, "none", notes)
    interval, df, method = _mean_interval(found, (low, high), level)
    n, n_effective = found.n, found.n_effective
    return Estimate(found.value, *interval, level, n, n_effective, df, method, notes)


def share_of(moments: Moments, *, level: float = 0.95) -> Estimate:
    """Return how many in percent of answers that are 1 (yes) or 0 (no) are yes: Wilson, or on
    the logit scale with the grouped jackknife where customers answer more than once."""
    if moments.count == 0:
        return nothing(level=level, warnings=(Note("no_answers"),))
    found = spread(moments, 100 * moments.values)
    interval, df, method = _share_interval(found, level)
    ends, notes = _holding(interval, found.value), remarks(moments, found)
    return Estimate(found.value, *ends, level, found.n, found.n_effective, df, method, notes)


def named(metric: str | Metric) -> Metric:
    """Return the metric of that code; raises Problem("metric_unknown")."""
    if isinstance(metric, Metric):
        return metric
    if metric not in METRICS or METRICS[metric].form == "distribution":
        raise Problem("metric_unknown", metric=metric)
    return METRICS[metric]


def on_scale(moments: Moments, scale: Scale) -> tuple[Moments, tuple[Note, ...]]:
    """Return the answers that lie on the scale, and a note on those that do not."""
    index = index_of(moments.values, scale)
    held = only(moments, (index >= -1e-9) & (index <= 100 + 1e-9))
    lost = moments.count - held.count
    return held, (Note("off_scale", {"count": lost}),) if lost else ()


def interval_of(
    metric: Metric,
    found: Spread,
    moments: Moments,
    y: FloatArray,
    bounds: tuple[float, float],
    level: float,
) -> tuple[Interval, float | None, str]:
    """Return the interval of one estimate, its df (None but for t) and its method."""
    if metric.form == "share":
        return _share_interval(found, level)
    if metric.form == "nps":
        return _nps_interval(found, moments, y, level)
    return _mean_interval(found, bounds, level)


def _share_interval(found: Spread, level: float) -> tuple[Interval, float | None, str]:
    p = found.value / 100
    if found.clustered and found.told and 0 < p < 1:
        quantile = intervals.t_quantile(level, found.df)
        interval = intervals.logit(p, found.se / 100, quantile)
        return _scaled(interval), found.df, "logit_jackknife"
    voices = _voices(found, p)
    return _scaled(intervals.wilson(p * voices, voices, level)), None, "wilson"


def _voices(found: Spread, p: float) -> float:
    """Return Kish's effective n, or what the linearised error is worth where that is less: those
    who weigh more may also be those who differ more, of which Kish knows nothing."""
    if not found.told or found.clustered or found.people > found.n - 1e-9:
        return found.people
    alone = p * (1 - p) * found.n / max(found.n - 1, 1)
    return min(found.people, alone / (found.se / 100) ** 2)


def _nps_interval(
    found: Spread, moments: Moments, y: FloatArray, level: float
) -> tuple[Interval, float | None, str]:
    shares = [float(moments.w[y == kind].sum()) / moments.sum_w for kind in (100.0, 0.0, -100.0)]
    rare = (1 - max(shares)) * found.people < NPS_RARE
    if found.told and (found.clustered or not (found.people < NPS_SMALL or rare)):
        interval = _t_interval(found, (-100.0, 100.0), level)
        return interval, found.df, "jackknife" if found.clustered else "t"
    counts = [share * found.people for share in shares]
    interval = _scaled(intervals.adjusted_wald_nps(counts[0], counts[1], counts[2], level))
    return intervals.clip(interval, -100, 100), None, "adjusted_wald"


def _mean_interval(
    found: Spread, bounds: tuple[float, float], level: float
) -> tuple[Interval, float | None, str]:
    if not found.told:
        interval = intervals.unanimous(found.value, max(found.people, 1), *bounds, level)
        return interval, None, "unanimous"
    quantile = intervals.t_quantile(level, found.df)
    ends = intervals.skewed(found.value, found.se, found.skew, found.voices, quantile)
    method = "jackknife" if found.clustered else "skew_t"
    return intervals.clip(ends, *bounds), found.df, method


def _t_interval(found: Spread, bounds: tuple[float, float], level: float) -> Interval:
    quantile = intervals.t_quantile(level, found.df)
    return intervals.clip(intervals.around(found.value, found.se, quantile), *bounds)


def _scaled(interval: Interval) -> Interval:
    return Interval(interval.low * 100, interval.high * 100)


def _holding(interval: Interval, value: float) -> Interval:
    # The adjusted Wald interval of very few answers may miss the plain value: widen it.
    return Interval(min(interval.low, value), max(interval.high, value))


def remarks(moments: Moments, found: Spread) -> tuple[Note, ...]:
    """Return what a reader should know about how the answers came."""
    notes = []
    if found.clustered and moments.people < FEW_CUSTOMERS:
        notes.append(Note("few_customers", {"customers": moments.people}))
    if moments.kish < moments.count / 2:
        params = {"n": moments.count, "n_effective": round(moments.kish, 1)}
        notes.append(Note("uneven_weights", params))
    return tuple(notes)
