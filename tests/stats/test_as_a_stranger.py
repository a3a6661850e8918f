"""Cases beside those of the reference numbers: other data, parameters and options, by R."""

import json
from pathlib import Path

import numpy as np
import pytest

from manyi.kit.scale import Scale
from manyi.stats import adjust, agreement, maxdiff, pooling
from manyi.stats.churn import competing
from manyi.stats.drivers import ordinal
from manyi.stats.effect import ols, power, series, waves
from manyi.stats.moments import from_values
from manyi.stats.monitor import arl

CASES = json.loads((Path(__file__).parent / "as_a_stranger.json").read_text())
DATA, R = CASES["data"], CASES["expected"]


def near(found, expected, rtol=1e-6):
    np.testing.assert_allclose(np.ravel(found), np.ravel(expected), rtol=rtol)


def columns(name):
    return {key: np.array(values) for key, values in DATA[name].items()}


def test_run_lengths():
    near([arl.ewma_arl(0.2, 2.8), arl.ewma_arl(0.2, 2.8, 1), arl.ewma_width(0.15, 400)], R["ewma"])
    near([arl.cusum_arl(0.5, 4.5), arl.cusum_arl(0.5, 4.5, 1)], R["cusum"][:2])
    # R's default watches one side.
    near(arl.cusum_decision(0.4, 300, sides="up"), R["cusum"][2])
    near(arl.cusum_decision(0.4, 300), R["cusum2crit"])


def test_sizes():
    h = power.arcsine_effect(0.72, 0.6)
    found = [
        power.size_by_arcsine(h, power=0.85),
        power.size_of_second(h, 180, power=0.85),
        power.size_for_means(0.35, 1, power=0.9),
        power.size_for_paired(0.35, 1, power=0.9),
        power.size_for_groups(0.2, 5, power=0.85),
        power.size_for_table(0.22, 6, power=0.85),
        power.size_for_correlation(0.23, power=0.85),
        power.size_for_shares(0.7, 0.6, power=0.9),
        power.size_for_means(0.4, 1.3, power=0.85),
    ]
    near(found, R["p"], rtol=1e-5)


def test_differences_in_differences():
    d = columns("did")
    x = np.column_stack([np.ones(len(d["y"])), d["tr"], d["post"], d["tr"] * d["post"]])
    fit = ols.fit_rows(x, d["y"])
    near(fit.coefficients, R["did"]["c"])
    near(np.sqrt(np.diag(fit.clustered(d["g"]))), R["did"]["cl"])
    small = ols.small_sample(fit, d["g"])
    near(np.sqrt(np.diag(small.covariance)), R["did"]["cr2"])
    near([small.df(at) for at in range(4)], R["did"]["ct"])


def test_branches_pooled():
    d = columns("branch")
    units = {int(k): from_values(d["yy"][d["b"] == k]) for k in np.unique(d["b"])}
    pool = pooling.pool_of(units, "mean", Scale(-1000, 1000))
    found = [pool.mean, pool.between**0.5, pool.within**0.5, pool.mean_variance**0.5]
    near(found, [R["lme"]["mu"], *R["lme"]["sd"], R["lme"]["se"]], rtol=1e-5)


def test_best_and_worst():
    tasks = np.array(DATA["tasks"]) - 1
    found = maxdiff.maxdiff_rows(tasks[:, :4], tasks[:, 4], tasks[:, 5], items=6)
    near([one.value for one in found.utilities[:5]], R["clogit"]["c"])
    near([one.half_width / 1.959963984540054 for one in found.utilities[:5]], R["clogit"]["se"])
    near(found.log_likelihood, R["clogit"]["ll"])
    one = found.scores[0]
    assert one.value == pytest.approx((found.best[0] - found.worst[0]) / found.shown[0])
    assert one.low < one.value < one.high


def test_competing_reasons():
    d = columns("incidence")
    found = competing.cumulative_incidence_rows(d["tm"], d["ev"].astype(int), 1)
    near(found.at([3, 8, 15]), R["cif"]["p"])


def test_two_groups():
    d = columns("two")
    one, two = (from_values(d["v"][d["g"] == side]) for side in (0, 1))
    welch, ranks = waves.welch(one, two), waves.wilcoxon(one, two)
    t = [welch.statistic, welch.df, welch.p, welch.effect.low, welch.effect.high]
    near(t, R["two"]["t"])
    near([ranks.statistic, ranks.p], R["two"]["w"])
    for found, theirs in ((waves.cohen_d(one, two), "d"), (waves.hedges_g(one, two), "g")):
        near([found.value, found.low, found.high], R["two"][theirs], rtol=1e-5)


def test_agreement_of_two():
    table = np.array([[20, 5, 1, 0], [4, 15, 6, 2], [1, 7, 18, 5], [0, 1, 4, 21]])
    for weights, key in (("linear", "lin"), ("quadratic", "quad"), ("none", "plain")):
        near(agreement.cohen_kappa_counts(table, near=weights).value, R[f"kappa_{key}"])


def test_ordered_answers_with_frequencies():
    n = [12, 30, 41, 20, 5, 14, 39, 44]
    found = ordinal.ordinal_rows(np.repeat([[0.0], [1.0]], 4, axis=0), [0, 1, 2, 3] * 2, n)
    of = R["polr"]
    near([*found.coefficients, *found.thresholds], [of["c"], *of["z"]], rtol=1e-4)
    near([*found.se, found.deviance], [*of["se"], of["dev"]], rtol=1e-4)


@pytest.mark.parametrize(
    ("method", "at"),
    [("holm", 0), ("hochberg", 1), ("hommel", 2), ("bh", 3), ("by", 4), ("bonferroni", 5)],
)
def test_many_tests(method, at):
    near(adjust.adjust([0.001, 0.013, 0.02, 0.04, 0.049, 0.3, 0.7], method), R["padj"][at])


def test_trend_of_shares_and_a_pair():
    near(series.cochran_armitage_counts([15, 22, 31, 40], [80, 85, 90, 88]).statistic, R["ca"])
    near(waves.mcnemar_counts([[50, 9], [22, 80]]).statistic, R["mcnemar"])
