"""Tests of weighted answers of customers who come again, beside R's survey and survival.

`customers.json` holds 134 made-up answers of 40 customers, and what R 4.2.2 with survey and
survival 3 says of them: survfit(…, cluster), coxph(…, cluster, ties = "breslow"), svyby over
as.svrepdesign(type = "JK1"), svychisq(statistic = "F"), svyranktest,
svyglm, sandwich::vcovCL(type = "HC0").
"""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from manyi.stats import means, moments, segments
from manyi.stats.churn import survival
from manyi.stats.effect import waves
from manyi.stats.logistic import logistic_rows

FILE = json.loads((Path(__file__).parent / "customers.json").read_text())
D = {name: np.array(column, float) for name, column in FILE["rows"].items()}
R = FILE["R"]
N = 40  # customers; R leaves out the factor n/(n - 1) in survival


def parts(of, y):
    """Return the moments of each group with one customer group for each customer."""

    def one(place):
        here = D[of] == place
        who, w = D["who"][here].astype(int), D["w"][here]
        people = len(np.unique(who))
        return moments.from_cells(y[here], who, np.ones(len(w)), w, w**2, n_customers=people)

    return {place: one(place) for place in (0, 1, 2)}


@pytest.mark.parametrize("weights", [D["w"], None], ids=["weighted", "plain"])
def test_curves_are_those_of_survfit_with_clusters(weights):
    curve = survival.kaplan_meier(D["t"], D["e"], weights=weights, cluster=D["who"])
    of = R["km" if weights is not None else "km_unweighted"]
    at = np.searchsorted(curve.lifetimes.time, [1, 3, 5, 8])
    np.testing.assert_allclose(curve.share[at], of["surv"], rtol=1e-9)
    np.testing.assert_allclose(curve.se[at] * math.sqrt((N - 1) / N), of["se"], rtol=1e-9)
    assert curve.at(5).method == "kaplan_meier_by_customers"


def test_restricted_means_are_those_of_residuals_of_the_area():
    curve = survival.kaplan_meier(D["t"], D["e"], weights=D["w"], cluster=D["who"])
    found = curve.mean_until(8)
    assert found.value == pytest.approx(R["rmst"], rel=1e-9)
    se = found.half_width / stats.t.ppf(0.975, curve.lives.df)
    assert se * math.sqrt((N - 1) / N) == pytest.approx(R["rmst_se"], rel=1e-9)


@pytest.mark.parametrize("of", ["home", "g"])
def test_log_rank_is_the_robust_score_of_hazards(of):
    found = survival.log_rank(D["t"], D["e"], D[of], weights=D["w"], cluster=D["who"])
    t2 = found.statistic * found.df * (found.df2 + found.df - 1) / found.df2 * N / (N - 1)
    assert t2 / (1 + t2 / N) == pytest.approx(R["robust_score_" + of], rel=1e-9)
    assert found.method == "log_rank_by_customers"


@pytest.mark.parametrize("of", ["home", "g"])
def test_means_of_groups_and_how_they_go_together(of):
    found = means.means_of(list(parts(of, D["x"]).values()))
    np.testing.assert_allclose(found.values, R["means_" + of], rtol=1e-9)
    theirs = np.array(R["covariance_" + of])
    # R scales by all 40 customers, each group here by its own.
    mine = np.array([len(np.unique(D["who"][D[of] == one])) for one in (0, 1, 2)])
    factor = np.sqrt((N - 1) / N * mine / (mine - 1))
    np.testing.assert_allclose(
        found.covariance * np.outer(factor, factor), theirs, rtol=0.05, atol=1e-4
    )


def test_the_tests_of_groups_are_near_those_of_a_regression_on_them():
    # R judges by 37 degrees of freedom, these by as many as equal customers would give.
    y = parts("g", D["x"])
    welch, ranks = segments.welch_anova(y), segments.kruskal(y)
    shares = segments.chi_square(parts("g", (D["x"] >= 4) * 1.0))
    assert (welch.method, ranks.method, shares.method) == (
        "hotelling",
        "ranks_by_customers",
        "rao_scott",
    )
    assert welch.p == pytest.approx(R["wald_p"], abs=0.04)
    assert ranks.p == pytest.approx(R["rank_p"], abs=0.04)
    assert shares.p == pytest.approx(R["chi_p"], abs=0.04)
    assert shares.df == pytest.approx(R["chi_df"], rel=0.01)


def test_gains_of_customers():
    found = waves.mcnemar_rows(D["before"], D["after"], cluster=D["who"])
    gains = np.bincount(D["who"].astype(int), weights=D["before"] - D["after"])
    assert found.statistic == pytest.approx(gains.sum() ** 2 / (gains**2).sum())
    assert found.statistic == pytest.approx(R["obuchowski"], rel=1e-9)
    assert found.method == "mcnemar_by_customers"
    weighed = waves.mcnemar_rows(D["before"], D["after"], weights=D["w"], cluster=D["who"])
    assert weighed.effect.value == pytest.approx(100 * R["gain"], rel=1e-9)
    once = waves.mcnemar_rows(D["before"], D["after"])
    table = np.histogram2d(1 - D["before"], 1 - D["after"], bins=2)[0]
    assert once == waves.mcnemar_counts(table)


def plain(x, group):
    return {one: moments.from_values(x[group == one]) for one in np.unique(group)}


def test_customers_who_answer_once_with_one_weight_are_as_without():
    rng = np.random.default_rng(1)
    x, group, ids = rng.integers(1, 6, 300), rng.integers(0, 3, 300), np.arange(300)
    once = {
        g: moments.from_values(x[group == g], np.full((group == g).sum(), 2.5), ids[group == g])
        for g in range(3)
    }
    marks = {g: moments.from_values(x[group == g] > 3, cluster=ids[group == g]) for g in range(3)}
    textbook = plain(x, group)
    for test in (segments.anova, segments.welch_anova, segments.kruskal):
        found, theirs = test(once, n_shared=0), test(textbook)
        assert (found.method, found.n) == (theirs.method, theirs.n)
        assert found.p == pytest.approx(theirs.p, rel=1e-9)
    for test in (segments.tukey, segments.pairwise_means):
        found, theirs = test(once, n_shared=0)[0, 2], test(textbook)[0, 2]
        assert found.method == theirs.method
        assert found.p == pytest.approx(theirs.p, rel=1e-6)
        assert found.effect.low == pytest.approx(theirs.effect.low, rel=1e-6)
    assert segments.chi_square(marks, n_shared=0).method == "chi_square"
    t, e = rng.exponential(9, 300), rng.integers(0, 2, 300)
    counts = survival.lifetimes_rows(t, e)
    curve = survival.kaplan_meier(t, e, weights=np.full(300, 3.0), cluster=ids)
    np.testing.assert_allclose(curve.se, survival.kaplan_meier_counts(counts).se)
    groups = {g: survival.lifetimes_rows(t[group == g], e[group == g]) for g in range(3)}
    found, theirs = survival.log_rank(t, e, group, cluster=ids), survival.log_rank_counts(groups)
    assert (found.method, found.p) == (theirs.method, pytest.approx(theirs.p, rel=1e-9))


def test_a_customer_copied_tells_no_more():
    rng = np.random.default_rng(2)
    x, group, ids = rng.integers(1, 6, 120), rng.integers(0, 3, 120), np.arange(120)
    two, four = ([np.repeat(one, often) for one in (x, group, ids)] for often in (2, 4))

    def of(y, g, who):
        return {
            one: moments.from_values(y[g == one], cluster=who[g == one]) for one in np.unique(g)
        }

    for test in (segments.welch_anova, segments.kruskal):
        assert test(of(*four)).p == pytest.approx(test(of(*two)).p, abs=1e-9)
    some, many = (waves.wilcoxon(*list(of(*one).values())[:2]) for one in (two, four))
    assert many.p == pytest.approx(some.p, abs=1e-9)
    assert many.effect.low == pytest.approx(some.effect.low, abs=1e-9)


def test_logits_have_the_errors_of_customers():
    x = np.column_stack([np.ones(len(D["g"])), D["g"] == 1, D["g"] == 2]).astype(float)
    y = (D["x"] >= 4).astype(float)
    found = logistic_rows(x, y, D["w"], cluster=D["who"])
    np.testing.assert_allclose(found.coefficients, R["logit"]["coef"], rtol=1e-5)
    np.testing.assert_allclose(found.se, R["logit"]["se"], rtol=1e-4)
    np.testing.assert_allclose(logistic_rows(x, y, cluster=D["who"]).se, R["vcovcl"], rtol=1e-4)
