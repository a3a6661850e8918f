"""Factors of awkward answers beside lavaan 0.6.14 on data made here."""

import numpy as np
import pytest

from manyi.stats.latent import ordered, ordinal, polychoric, robust
from tests.stats.test_against_peers import near

BLOCKS = {"A": [0, 1, 2, 3], "B": [4, 5, 6], "C": [7, 8, 9]}


def answers():
    rng = np.random.default_rng(12)
    n, of = 400, [0] * 4 + [1] * 3 + [2] * 3
    f = rng.multivariate_normal([0] * 3, [[1, 0.5, 0.3], [0.5, 1, 0.4], [0.3, 0.4, 1]], n)
    e = 0.5 * rng.normal(size=n)
    loadings = [0.8, 0.7, 0.6, 0.75, 0.8, 0.5, 0.7, 0.65, 0.8, 0.7]
    columns = []
    for j, loading in enumerate(loadings):
        noise = rng.normal(size=n) + (j in (2, 5, 8)) * e
        cuts = [-1.5, -0.7, 0.1, 0.9] if j % 2 else [-1, -0.2, 1.1]
        y = loading * f[:, of[j]] + np.sqrt(1 - loading**2) * noise
        columns.append(np.digitize(y, cuts) + 1)
    x = np.column_stack(columns)
    x[:5, 0] = 4
    return x, np.round(rng.gamma(3, 1, n) + 0.2, 2), rng.integers(0, 90, n)


X, W, PEOPLE = answers()


def test_wlsmv():
    found = ordinal.confirm_ordinal_rows(X, BLOCKS)
    near(found.loadings[1:4], [0.95587332, 0.76960701, 1.0073701], 3e-6)
    near(found.loadings[[5, 6, 8, 9]], [0.69942621, 0.86061676, 1.1167992, 1.0208511], 3e-6)
    near(found.se[1:4], [0.08069373, 0.078909936, 0.074757281], 3e-6)
    near(found.se[[5, 6, 8, 9]], [0.090099926, 0.091925103, 0.10905729, 0.10186239], 3e-6)
    near(found.standardised[[0, 4, 7]], [0.7345712, 0.77414783, 0.67729567], 3e-6)
    near(found.standardised_se[[0, 4, 8]], [0.039752275, 0.047173511, 0.045037115], 3e-6)
    fit = found.fit
    near([fit.test.statistic, fit.test.p], [35.70658390, 0.29832068], 1e-6)
    near([fit.cfi.value, fit.tli.value], [0.99693762, 0.99569353], 1e-6)
    near([fit.rmsea.value, fit.srmr.value], [0.01703827, 0.03482498], 1e-5)
    assert fit.rmsea.low == 0 and fit.rmsea.value < fit.rmsea.high < 0.05
    assert fit.cfi.low is None and fit.cfi.warnings[0].code == "no_known_interval"
    assert found.df == 32 and found.loading(1).low < found.loading(1).value


def test_wlsmv_in_any_order_of_blocks():
    turned = {"C": [9, 8, 7], "A": [3, 1, 0, 2], "B": [4, 6, 5]}
    found = ordinal.confirm_ordinal_rows(X, turned)
    usual = ordinal.confirm_ordinal_rows(X, BLOCKS)
    near(
        [found.fit.test.statistic, found.fit.cfi.value],
        [usual.fit.test.statistic, usual.fit.cfi.value],
        1e-6,
    )
    near(found.standardised[0], usual.standardised[9], 1e-5)


def test_wlsmv_does_not_mind_whole_weights_or_copies():
    plain = ordinal.confirm_ordinal_rows(X, BLOCKS)
    heavy = ordinal.confirm_ordinal_rows(X, BLOCKS, weights=np.full(400, 2.5))
    again = ordinal.confirm_ordinal_rows(
        np.vstack([X, X, X]), BLOCKS, cluster=np.tile(np.arange(400), 3)
    )
    for other in (heavy, again):
        near(other.se, plain.se, 1e-6)
        near(other.fit.test.statistic, plain.fit.test.statistic, 1e-6)
    assert again.n == 1200 and again.people == 400


def test_correlations_are_those_of_pairs_and_their_errors_too():
    x = X[:, :3]
    found = ordered.ordered_rows(x)
    near(found.correlations, polychoric.polychoric_rows(x), 1e-6)
    table = np.zeros((4, 5))
    np.add.at(table, (x[:, 0] - 1, x[:, 1] - 1), 1)
    one = polychoric.polychoric_counts(table)
    r = one.correlation
    se = (np.arctanh(r.high) - np.arctanh(r.low)) / 3.92 * (1 - r.value**2)
    assert abs(np.sqrt(found.covariance[0, 0]) / se - 1) < 0.15


@pytest.mark.parametrize(
    ("given", "se", "fit"),
    [
        (
            {},
            [0.10549803, 0.09881847, 0.11621767, 0.13668021, 0.10557818, 0.093079823, 0.10812409],
            [39.19048261, 38.86325348, 1.00842001, 0.99163151, 0.02325310],
        ),
        (
            {"weights": W},
            [0.11057906, 0.10418068, 0.10914809, 0.12772573, 0.11410964, 0.10959344, 0.12552815],
            [52.51774020, 42.32161707, 1.24091998, 0.98492364, 0.03163303],
        ),
    ],
)
def test_mlr(given, se, fit):
    found = robust.confirm_robust_rows(X, BLOCKS, **given)
    near(found.model.se[[1, 2, 3, 5, 6, 8, 9]], se, 5e-6)
    plain, scaled = found.model.fit.test.statistic, found.fit.test.statistic
    mine = [plain, scaled, plain / scaled, found.fit.cfi.value, found.fit.rmsea.value]
    near(mine, fit, 2e-6)
    if not given:
        near(found.fit.tli.value, 0.98823181, 1e-6)


def test_mlr_of_customers_who_answer_again():
    found = robust.confirm_robust_rows(X, BLOCKS, cluster=PEOPLE)
    theirs = [0.098089261, 0.095109098, 0.1150693, 0.14438057, 0.095357011, 0.084791107, 0.10341584]
    near(found.model.se[[1, 2, 3, 5, 6, 8, 9]], theirs, 5e-6)
    scaling = found.model.fit.test.statistic / found.fit.test.statistic
    near(scaling, 0.99783762, 2e-4)
