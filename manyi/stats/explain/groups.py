"""An outcome between groups: shares or means of each, which differ, and by how much."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from scipy import special

from manyi.kit.scale import Scale
from manyi.stats import intervals
from manyi.stats.compare import change_test, holm_tests
from manyi.stats.explain import words
from manyi.stats.explain.rows import Rows, midranks
from manyi.stats.explain.shapes import Contrast, Explained, Group, Variable
from manyi.stats.means import FTest, means_of
from manyi.stats.metrics import estimate, mean_of
from manyi.stats.moments import FloatArray, IntArray, Moments, merge_all, without
from manyi.stats.noncentral import share_of_f
from manyi.stats.result import Estimate, Note, Overall, Test, nothing_tested
from manyi.stats.scoring import METRICS
from manyi.stats.segments import chi_square, kruskal, welch_anova
from manyi.stats.survey.design import covariance_rows
from manyi.stats.survey.models import linear_rows

MOST_PAIRS = 8
FEW = 5


@dataclass(frozen=True, eq=False)
class Split:
    """The outcome as numbers, the group of each row, and what the groups are."""

    outcome: Variable
    by: Variable
    y: FloatArray
    at: IntArray
    values: list[Any]
    rows: Rows
    level: float

    @property
    def share(self) -> bool:
        return self.outcome.kind == "binary"

    @property
    def scale(self) -> Scale:
        return Scale(0, 1) if self.share else Scale(float(self.y.min()), float(self.y.max()))

    @property
    def sizes(self) -> IntArray:
        return np.bincount(self.at, minlength=len(self.values))

    def moments(self) -> list[Moments]:
        return [self.rows.moments(self.y, self.at == one) for one in range(len(self.values))]


def shown(split: Split) -> tuple[Group, ...]:
    """Return each group with its share (Wilson) or mean (Student, mended for skewness)."""
    return tuple(
        Group(value, split.by.label(value), _level_of(split, part, split.level))
        for value, part in zip(split.values, split.moments(), strict=True)
    )


def _level_of(split: Split, part: Moments, level: float) -> Estimate:
    if split.share:
        return estimate("csat", part, split.scale, level=level, box=(1.0,))
    return mean_of(part, level=level, low=split.scale.low, high=split.scale.high)


def compared(split: Split) -> Explained:
    """Return what the groups of `by` have to do with a binary, ordinal or scale outcome."""
    groups = shown(split)
    contrasts = _contrasts(split, groups)
    if len(groups) == 2:
        return _two(split, groups, contrasts)
    return _several(split, groups, contrasts)


def _two(split: Split, groups: tuple[Group, ...], contrasts: tuple[Contrast, ...]) -> Explained:
    test = contrasts[0].test
    analysis, measure, size = "two_means", "gap", ("d", _cohen(split, test.effect))
    if split.outcome.kind == "ordinal":
        test = superiority(split.y, split.at == 0, split.rows, level=split.level)
        analysis, measure = "two_rankings", "superiority"
        size = ("superiority", ((test.effect.value or 50.0) - 50) / 100)
    elif split.share:
        analysis, size = "two_shares", ("h", _arcsine(groups))
    return _told(split, groups, contrasts, test, (analysis, measure, words.strength(*size[::-1])))


def _several(split: Split, groups: tuple[Group, ...], contrasts: tuple[Contrast, ...]) -> Explained:
    overall = overall_test(split)
    explained = overall.effect
    test = replace(overall, effect=_widest(split, groups))
    analysis = "several_shares" if split.share else "several_means"
    if split.outcome.kind == "ordinal":
        analysis = "several_rankings"
    strength = words.strength((explained.value or 0.0) / 100, "omega")
    found = _told(split, groups, contrasts, test, (analysis, "gap", strength))
    return replace(found, share_explained=explained)


def _told(
    split: Split,
    groups: tuple[Group, ...],
    contrasts: tuple[Contrast, ...],
    test: Test,
    kind: tuple[str, str, Note],
) -> Explained:
    analysis, measure, strength = kind
    real = _real(test, split)
    return Explained(
        split.outcome.name,
        split.by.name,
        analysis,
        _sentence(split, groups, test, real=real),
        real,
        measure,
        test.effect,
        test,
        split.rows.n,
        split.rows.missing,
        split.level,
        groups,
        contrasts,
        strength=strength if real else None,
        checks=_checks(split, test),
    )


def _sentence(split: Split, groups: tuple[Group, ...], test: Test, *, real: bool) -> Note:
    ranked = sorted(groups, key=lambda one: one.estimate.value or 0.0)
    top, bottom = ranked[-1], ranked[0]
    params = {
        "outcome": split.outcome.name,
        "by": split.by.name,
        "top": top.label,
        "bottom": bottom.label,
        "top_value": _value(split, top.estimate.value),
        "bottom_value": _value(split, bottom.estimate.value),
        "n": split.rows.n,
        "chance": words.chance(test.p),
        **words.ends(_upright(_gap(split, groups, test))),
    }
    return Note("explain_groups_differ" if real else "explain_groups_alike", params)


def _gap(split: Split, groups: tuple[Group, ...], test: Test) -> Estimate:
    if split.outcome.kind == "ordinal" and len(groups) == 2:
        return _difference(split, 0, 1, split.level).effect
    return test.effect


def _upright(effect: Estimate) -> Estimate:
    """Return the gap with the higher group first."""
    if effect.value is None or effect.low is None or effect.high is None or effect.value >= 0:
        return effect
    return replace(effect, value=-effect.value, low=-effect.high, high=-effect.low)


def _value(split: Split, value: float | None) -> str:
    return words.number(value) + ("%" if split.share else "")


def _cohen(split: Split, effect: Estimate) -> float:
    sds = [math.sqrt(max(_variance(part), 0.0)) for part in split.moments()]
    pooled = math.sqrt(sum(sd**2 for sd in sds) / len(sds))
    return abs(effect.value or 0.0) / pooled if pooled > 0 else math.inf


def _variance(part: Moments) -> float:
    mean = float(part.w @ part.values) / part.sum_w
    return float(part.w @ (part.values - mean) ** 2) / part.sum_w


def _arcsine(groups: Sequence[Group]) -> float:
    one, two = (math.asin(math.sqrt((g.estimate.value or 0.0) / 100)) for g in groups)
    return 2 * abs(one - two)


def _difference(split: Split, one: int, two: int, level: float) -> Test:
    parts = split.moments()
    return _change(split, parts[one], parts[two], level)


def _change(split: Split, one: Moments, two: Moments, level: float) -> Test:
    metric = METRICS["csat" if split.share else "mean"]
    box = (1.0,) if split.share else None
    shared = None if split.rows.cluster is not None else 0
    return change_test(one, two, metric, split.scale, n_shared=shared, level=level, box=box)


def _widest(split: Split, groups: tuple[Group, ...]) -> Estimate:
    """Return the gap of the highest and the lowest group, at a level that holds for all pairs."""
    order = sorted(range(len(groups)), key=lambda at: groups[at].estimate.value or 0.0)
    pairs = math.comb(len(groups), 2)
    each = 1 - (1 - split.level) / pairs
    effect = _difference(split, order[-1], order[0], each).effect
    return replace(effect, level=split.level, method=f"bonferroni_{effect.method}")


def _contrasts(split: Split, groups: tuple[Group, ...]) -> tuple[Contrast, ...]:
    """Return all pairs by Holm; of more than eight groups each against the rest."""
    parts = split.moments()
    if len(parts) <= MOST_PAIRS:
        raw = {
            (a, b): _change(split, parts[a], parts[b], split.level)
            for a, b in combinations(range(len(parts)), 2)
        }
        return tuple(
            Contrast(groups[a].label, groups[b].label, test)
            for (a, b), test in holm_tests(raw).items()
        )
    whole = merge_all(parts)
    rest = {
        at: _change(split, part, without(whole, part), split.level) for at, part in enumerate(parts)
    }
    return tuple(Contrast(groups[at].label, None, test) for at, test in holm_tests(rest).items())


def overall_test(split: Split) -> Overall:
    """Return the test that all groups are alike: Welch, Kruskal and Wallis, or chi-square;
    by regression on the groups where weights differ or customers answer again."""
    if not split.rows.plain:
        y = split.y
        if split.outcome.kind == "ordinal":
            y = midranks(y, split.rows.weights)
        return _by_design(split, y)
    parts = dict(enumerate(split.moments()))
    if split.share:
        return chi_square(parts, level=split.level)
    flat = min(_variance(one) for one in parts.values()) <= 0 or split.sizes.min() < 2
    if split.outcome.kind == "ordinal" or flat:
        return kruskal(parts, level=split.level)
    return welch_anova(parts, level=split.level)


def _by_design(split: Split, y: FloatArray) -> Overall:
    k, n = len(split.values), split.rows.n
    dummies = (split.at[:, None] == np.arange(k)).astype(np.float64)
    dummies[:, 0] = 1.0
    fit = linear_rows(dummies, y, split.rows.design)
    wald = fit.wald(list(range(1, k)))
    if wald is None:
        return nothing_tested(n, "design_f", split.level)
    f, df, p = wald
    found = FTest(f, float(df), fit.df, p)
    voices = sum(one.n_effective for one in means_of(split.moments(), n_shared=0).spreads)
    effect = share_of_f(found, n=n, n_effective=voices, level=split.level)
    return Overall(f, p, float(df), effect, "design_f", n, (), found.df2)


def superiority(y: FloatArray, first: np.ndarray, rows: Rows, *, level: float) -> Test:
    """Return the chance in percent that one of the first group answers higher than one of the
    others, ties half (Brunner & Munzel 2000); 50 is "alike". Takes weights and customers."""
    w1, w2 = rows.weights * first, rows.weights * ~first
    own = np.where(first, _below(y, y, w2), 1 - _below(y, y, w1))
    theta = float(w1 @ own / w1.sum())
    influence = np.where(first, (own - theta) / w1.sum(), (own - theta) / w2.sum())
    variance = float(covariance_rows(influence[:, None], rows.design)[0, 0])
    df = _brunner(own, first) if rows.plain else float(max(rows.design.df, 1))
    fewest = int(min(first.sum(), (~first).sum()))
    p, ends = _theta_ends(theta, math.sqrt(max(variance, 0.0)), df, fewest, level)
    n = rows.n
    low, high = 100 * ends.low, 100 * ends.high
    effect = Estimate(100 * theta, low, high, level, n, float(n), df, "brunner_munzel")
    statistic = (theta - 0.5) / math.sqrt(variance) if variance > 1e-18 else None
    return Test(statistic, p, df, effect, "brunner_munzel", fewest)


def _below(at: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the share of the weight below each value, ties half."""
    values, place = np.unique(y, return_inverse=True)
    mass = np.bincount(place, weights=weights, minlength=len(values))
    share = (np.cumsum(mass) - mass / 2) / mass.sum()
    return np.asarray(share[np.searchsorted(values, at)])


def _brunner(own: FloatArray, first: np.ndarray) -> float:
    parts = [own[first], own[~first]]
    v = [float(one.var(ddof=1)) / len(one) if len(one) > 1 else 0.0 for one in parts]
    df = intervals.welch_df(v[0], max(len(parts[0]) - 1, 1), v[1], max(len(parts[1]) - 1, 1))
    return df if math.isfinite(df) else float(len(own) - 2)


def _theta_ends(
    theta: float, se: float, df: float, fewest: int, level: float
) -> tuple[float, intervals.Interval]:
    if se < 1e-9 or not 1e-9 < theta < 1 - 1e-9:
        # Nobody of one group overlaps the other: the bounds are those of all of n alike.
        ends = intervals.clopper_pearson(theta * fewest, fewest, level)
        return 2 * 0.5**fewest if not 0 < theta < 1 else 1.0, ends
    t = (theta - 0.5) / se
    return 2 * float(special.stdtr(df, -abs(t))), intervals.logit(
        theta, se, intervals.t_quantile(level, df)
    )


def _real(test: Test, split: Split) -> bool:
    return test.p is not None and test.p < 1 - split.level


def _checks(split: Split, test: Test) -> tuple[Note, ...]:
    notes = []
    if split.sizes.min() < FEW:
        notes.append(Note("explain_small_groups", {"n": int(split.sizes.min())}))
    if split.outcome.kind == "scale" and split.rows.plain and split.sizes.min() > 1:
        ranks = kruskal({at: one for at, one in enumerate(split.moments())})
        if None not in (test.p, ranks.p) and _real(ranks, split) != _real(test, split):
            notes.append(Note("explain_ranks_disagree", {"chance": words.chance(ranks.p)}))
    if not split.rows.plain:
        notes.append(Note("explain_by_customers"))
    if len(split.values) > 2:
        notes.append(Note("explain_pairs_adjusted"))
    return tuple(notes)
