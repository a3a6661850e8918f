"""Did an improvement work? The verdict that keeps its promise though plans start in bad times.

A plan is started because a period was bad. Part of what made it bad was chance, and chance
does not come twice: the next period is better though nothing was done (regression to the
mean). So the period that triggered the plan never serves as its baseline; where no other
period is clean there is no verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.kit.scale import Scale
from manyi.stats.compare import change_test, difference
from manyi.stats.effect.did import two_way_rows
from manyi.stats.moments import Moments, merge_all
from manyi.stats.result import Estimate, Note, Test, nothing
from manyi.stats.scoring import Box, Metric


class Answer(StrEnum):
    """What can be said of an improvement."""

    BETTER = "better"
    WORSE = "worse"
    NO_REAL_CHANGE = "no_real_change"
    NO_CLEAN_BASELINE = "no_clean_baseline"
    NO_ANSWERS = "no_answers"


@dataclass(frozen=True)
class Verdict:
    """The answer, its one sentence, the test (None where there was none to make), which periods
    served as baseline, and what the bad period alone would have pretended."""

    answer: Answer
    sentence: Note
    test: Test | None
    baseline: tuple[Any, ...] = ()
    pretended: Estimate | None = None

    @property
    def effect(self) -> Estimate:
        """Return the change with its interval; without a value where there is no verdict."""
        return nothing(warnings=(self.sentence,)) if self.test is None else self.test.effect


def clean_baseline(
    periods: Sequence[Any], *, trigger: Any, start: Any, skip: int = 0, most: int | None = None
) -> tuple[Any, ...]:
    """Return the periods before the plan that may serve as baseline, oldest first.

    `periods` rise; those from `start` on, the `trigger` that made somebody start the plan and
    the `skip` periods next before it (which the same bad luck may have touched) are left out;
    the latest `most` stay.
    """
    order = list(periods)
    at = order.index(trigger)
    tainted = set(range(at - skip, at + 1))
    clean = [one for i, one in enumerate(order) if i not in tainted and i < at and one < start]
    return tuple(clean if most is None else clean[-most:])


def two_wave_verdict(
    waves: Mapping[Any, Moments],
    metric: str | Metric,
    scale: Scale,
    *,
    trigger: Any,
    start: Any,
    until: Any = None,
    skip: int = 0,
    most: int | None = None,
    n_shared: int | None = None,
    level: float = 0.95,
    box: Box = None,
) -> Verdict:
    """Return whether the metric is better from `start` (to `until`) than in the clean periods.

    `waves` holds the moments of every period. "No clean baseline" where no period but the
    trigger has answers before the plan. `pretended` is the change against the trigger, which
    chance has inflated; it is there to be warned of, never to be shown as the effect.
    """
    order = sorted(waves)
    after = [one for one in order if one >= start and (until is None or one <= until)]
    now = merge_all(waves[one] for one in after)
    base = clean_baseline(order, trigger=trigger, start=start, skip=skip, most=most)
    base = tuple(one for one in base if waves[one].count > 0)
    before = merge_all(waves[one] for one in base)
    if before.count == 0:
        return _without("verdict_no_clean_baseline", Answer.NO_CLEAN_BASELINE)
    if now.count == 0:
        return _without("verdict_no_answers", Answer.NO_ANSWERS)
    test = change_test(now, before, metric, scale, n_shared=n_shared, level=level, box=box)
    pretended = difference(now, waves[trigger], metric, scale, level=level, box=box)
    return _judged(test, scale, metric, base, pretended, level)


def difference_verdict(
    y: ArrayLike,
    unit: ArrayLike,
    time: ArrayLike,
    *,
    treated: ArrayLike,
    trigger: Any,
    start: Any,
    weights: ArrayLike | None = None,
    level: float = 0.95,
) -> Verdict:
    """Return the verdict by difference in differences: units with the plan against others.

    One row a unit and period (or an answer); `treated` marks the rows of units with the plan,
    `time` rises. Rows of the trigger period are left out for all units. CR2 errors over units, so
    that a unit's customers may answer as often as they like; `weights` are those of the rows.
    """
    when, rows = np.asarray(time), np.asarray(y, np.float64)
    there = (when != trigger) & ~np.isnan(rows)
    before = there & (when < start)
    if not before.any():
        return _without("verdict_no_clean_baseline", Answer.NO_CLEAN_BASELINE)
    if not (there & (when >= start)).any():
        return _without("verdict_no_answers", Answer.NO_ANSWERS)
    on = np.asarray(treated, bool) & (when >= start)
    units = np.asarray(unit)
    w = None if weights is None else np.asarray(weights, np.float64)[there]
    test = two_way_rows(
        rows[there], on[there], units[there], when[there], weights=w, level=level
    ).test
    base = tuple(np.unique(when[before]).tolist())
    return _judged(test, None, None, base, None, level)


def _judged(
    test: Test,
    scale: Scale | None,
    metric: str | Metric | None,
    base: tuple[Any, ...],
    pretended: Estimate | None,
    level: float,
) -> Verdict:
    real = test.p is not None and test.p < 1 - level
    # On a reversed scale only plain means fall when things get better.
    plain = getattr(metric, "form", metric) in ("mean", "csat_mean", "ces")
    turned = scale is not None and plain and scale.worst > scale.best
    up = ((test.effect.value or 0.0) > 0) != turned
    answer = Answer.NO_REAL_CHANGE
    if real:
        answer = Answer.BETTER if up else Answer.WORSE
    effect = test.effect
    params = {
        "value": _told(effect.value),
        "low": _told(effect.low),
        "high": _told(effect.high),
        "level": f"{100 * level:g}",
    }
    return Verdict(answer, Note(f"verdict_{answer}", params), test, base, pretended)


def _told(value: float | None) -> str:
    return "–" if value is None else f"{value:+.1f}"


def _without(code: str, answer: Answer) -> Verdict:
    return Verdict(answer, Note(code), None)


def regression_to_the_mean(
    mean: float, spread: float, reliability: float, *, worst_share: float
) -> Estimate:
    """Return where the units (or customers) picked as the worst `worst_share` will be next time
    though nothing is done: mean - reliability·spread·(density/share), a normal population.

    `spread` is the standard deviation of what was seen, `reliability` the share of it that
    lasts. `low` is where they were seen, `high` where nothing of the badness lasts.
    """
    cut = float(special.ndtri(worst_share))
    depth = float(np.exp(-(cut**2) / 2) / np.sqrt(2 * np.pi)) / worst_share
    seen = mean - spread * depth
    next_time = mean - reliability * spread * depth
    return Estimate(next_time, seen, mean, 0.95, 0, 0.0, None, "regression_to_the_mean")
