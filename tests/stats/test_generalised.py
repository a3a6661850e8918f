"""The methods on other data than the reference cases: closed forms, brute force, odd corners."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from manyi.kit.problems import Problem
from manyi.kit.scale import Scale
from manyi.stats import compare, intervals, kano, maxdiff, moments, pooling, reliability, segments
from manyi.stats.distribution import median_of
from manyi.stats.drivers import importance, linear, ordinal, priorities
from manyi.stats.effect import did, ols, power, series, waves
from manyi.stats.logistic import logistic_rows
from manyi.stats.metrics import estimate
from manyi.stats.moments import from_values
from manyi.stats.monitor import changepoint, charts
from manyi.stats.survey import calibrate, design, models, rake


@pytest.mark.parametrize("x, n", [(0, 1), (1, 1), (0, 7), (3, 9), (50, 50), (499, 500)])
@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_intervals_of_shares_by_their_definitions(x, n, level):
    low, high = intervals.wilson(x, n, level)
    z = stats.norm.ppf(0.5 + level / 2)
    for end in (low, high):
        if 0 < end < 1:  # Wilson: |p - π| = z·√(π(1-π)/n)
            assert abs(x / n - end) == pytest.approx(z * np.sqrt(end * (1 - end) / n), rel=1e-6)
    low, high = intervals.clopper_pearson(x, n, level)
    peer = stats.binomtest(x, n).proportion_ci(level, "exact")
    assert (low, high) == pytest.approx((peer.low, peer.high), abs=1e-9)


def test_lmg_by_all_orders():
    rng = np.random.default_rng(1)
    a = rng.normal(size=(300, 5)) @ rng.normal(size=(5, 5))
    r = np.corrcoef(a, rowvar=False)

    def r2(some):
        some = list(some)
        if not some:
            return 0.0
        return float(r[some, -1] @ np.linalg.solve(r[np.ix_(some, some)], r[some, -1]))

    gains = np.zeros(4)
    for order in itertools.permutations(range(4)):
        for at, one in enumerate(order):
            gains[one] += r2(order[: at + 1]) - r2(order[:at])
    np.testing.assert_allclose(importance.lmg(r), gains / 24, atol=1e-10)


def test_drivers_that_say_the_same_share_alike():
    rng = np.random.default_rng(2)
    x = rng.normal(size=200)
    y = x + rng.normal(size=200)
    r = np.corrcoef(np.column_stack([x, x, np.zeros(200) + rng.normal(size=200), y]), rowvar=False)
    found = importance.lmg(r)
    assert found[0] == pytest.approx(found[1], abs=1e-8)
    assert found.sum() == pytest.approx(importance.r2(r), abs=1e-8)


def test_more_drivers_than_rows_and_constant_ones_do_not_crash():
    from manyi.stats.cross import cross_rows

    rng = np.random.default_rng(3)
    x = rng.normal(size=(8, 10))
    found = linear.key_drivers(cross_rows([*"abcdefghiy"], x), "y")
    assert all(np.isfinite(one.importance.value) for one in found.drivers)
    x = rng.normal(size=(50, 3))
    x[:, 0] = 4
    found = linear.key_drivers(cross_rows(["same", "b", "y"], x), "y")
    assert {one.name: one.importance.value for one in found.drivers}["same"] == pytest.approx(0)


def test_logistic_by_its_gradient_and_what_has_no_end():
    rng = np.random.default_rng(4)
    x = np.column_stack([np.ones(300), rng.normal(size=(300, 2))])
    y = (rng.random(300) < 0.4).astype(float)
    w = rng.uniform(0.5, 2, 300)
    found = logistic_rows(x, y, w)
    np.testing.assert_allclose(x.T @ (w * (y - found.predict(x))), 0, atol=1e-4)
    twice = logistic_rows(x, y, 2 * w)
    np.testing.assert_allclose(twice.se, found.se / np.sqrt(2), rtol=1e-4)
    for apart in (x[:, 1] > 0, np.zeros(300), np.ones(300)):
        with pytest.raises(Problem):
            logistic_rows(x, apart.astype(float))
    rare = np.column_stack([np.ones(300), np.arange(300) < 20])
    with pytest.raises(Problem):  # all of the twenty said no: that odds ratio is 0
        logistic_rows(rare, np.where(np.arange(300) < 20, 0.0, y))
    year = np.column_stack([np.ones(300), 2026 + x[:, 1]])
    assert logistic_rows(year, y).se[1] < 1


def test_two_levels_of_an_ordinal_outcome_are_logistic():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(400, 2))
    y = (rng.random(400) < 1 / (1 + np.exp(-x[:, 0]))).astype(int)
    one = ordinal.ordinal_rows(x, y)
    two = logistic_rows(np.column_stack([np.ones(400), x]), y)
    np.testing.assert_allclose(one.coefficients, two.coefficients[1:], atol=1e-5)
    np.testing.assert_allclose(one.se[:2], two.se[1:], rtol=1e-3)


def test_groups_by_scipy():
    rng = np.random.default_rng(6)
    parts = [rng.integers(1, 6, n).astype(float) for n in (5, 30, 80)]
    groups = {at: from_values(x) for at, x in enumerate(parts)}
    assert segments.kruskal(groups).p == pytest.approx(stats.kruskal(*parts).pvalue)
    assert segments.anova(groups).p == pytest.approx(stats.f_oneway(*parts).pvalue)
    welch = stats.f_oneway(*parts, equal_var=False)
    assert segments.welch_anova(groups).p == pytest.approx(welch.pvalue)
    hsd = stats.tukey_hsd(*parts)
    assert segments.tukey(groups)[0, 2].p == pytest.approx(hsd.pvalue[0, 2], abs=1e-6)
    alike = segments.tukey({"a": from_values([3.0, 3.0]), "b": from_values([4.0, 4.0])})
    assert (alike["a", "b"].p, alike["a", "b"].effect.value) == (0.0, -1.0)
    one, two = groups[0], groups[1]
    peer = stats.ttest_ind(parts[0], parts[1], equal_var=False)
    assert waves.welch(one, two).p == pytest.approx(peer.pvalue)
    ranks = waves.wilcoxon(one, two)
    peer = stats.mannwhitneyu(parts[0], parts[1], method="asymptotic")
    assert (ranks.statistic, ranks.p) == pytest.approx((peer.statistic, peer.pvalue))


def test_effects_have_intervals():
    rng = np.random.default_rng(7)
    hits = 0
    for _ in range(300):
        d = waves.cohen_d(from_values(rng.normal(0.5, 1, 30)), from_values(rng.normal(0, 1, 40)))
        hits += d.low <= 0.5 <= d.high
    assert 0.92 < hits / 300 < 0.98
    same = from_values([3.0, 3, 3])
    assert waves.cohen_d(same, same).value is None


@pytest.mark.parametrize("away", [0.0, 0.4, 1.5, 6.0])
@pytest.mark.parametrize("n", [3, 20, 600])
def test_the_other_way_round_an_effect_size_is_the_same_below_nought(away: float, n: int) -> None:
    rng = np.random.default_rng(7)
    one, two = from_values(rng.normal(away, 1, n)), from_values(rng.normal(0, 1, n))
    there, back = waves.cohen_d(one, two), waves.cohen_d(two, one)
    assert there.value is not None and there.low is not None and there.high is not None
    assert there.low < there.value < there.high
    ends = [-there.value, -there.high, -there.low]
    assert [back.value, back.low, back.high] == pytest.approx(ends, abs=1e-9)
    x, y = rng.normal(0, 1, 50), rng.normal(0.1, 1, 60)
    found = waves.equivalence(from_values(x), from_values(y), 0.6, level=0.95)
    inside = found.effect.low > -0.6 and found.effect.high < 0.6
    assert inside == (found.p < 0.05)
    exact = waves.mcnemar_counts([[20, 8], [1, 30]], correction="exact")
    assert exact.p == pytest.approx(stats.binomtest(1, 9).pvalue)
    assert waves.mcnemar_counts([[5, 0], [0, 5]]).p == 1
    score = waves.share_test_counts(0, 10, 0, 12)
    assert score.p == 1 and score.effect.low < 0 < score.effect.high


def test_raking_and_calibration_meet():
    rng = np.random.default_rng(8)
    codes = np.column_stack([rng.integers(0, 3, 200), rng.integers(0, 4, 200)])
    w = rng.uniform(1, 3, 200)
    totals = [[100, 150, 50], [60, 90, 70, 80]]
    raked = w * rake.rake_rows(codes, w, rake.margins_of(totals)).factors
    columns = [codes[:, 0] == at for at in range(3)] + [codes[:, 1] == at for at in range(1, 4)]
    aim = [*totals[0], *totals[1][1:]]
    x = np.column_stack(columns).astype(float)
    pulled = calibrate.calibrate_rows(x, w, aim, distance="exponential")
    np.testing.assert_allclose(raked, pulled, rtol=1e-6)
    bounded = calibrate.calibrate_rows(x, w, aim, distance="logit", bounds=(0.1, 8))
    np.testing.assert_allclose(x.T @ bounded, aim, rtol=1e-8)
    assert (bounded / w >= 0.1).all() and (bounded / w <= 8).all()
    with pytest.raises(Problem):
        calibrate.calibrate_rows(x, w, aim, distance="logit", bounds=(0.99, 1.01))


def test_designs_by_hand():
    y, w = np.array([1.0, 2, 4, 8]), np.array([10.0, 10, 5, 5])
    sample = design.design_rows(w, strata=["a", "a", "b", "b"], fpc=[20, 20, 10, 10])
    found = design.mean_rows(y, sample)
    assert found.values[0] == pytest.approx(90 / 30)
    # Strata of 20 and 10: Σ N²(1 - n/N)s²/n over 30².
    variance = (400 * 0.9 * 0.5 / 2 + 100 * 0.8 * 8 / 2) / 900
    assert found.se[0] == pytest.approx(math.sqrt(variance))
    with pytest.raises(Problem):
        design.mean_rows(y, design.design_rows(w, strata=["a", "a", "a", "b"]))
    certain = design.design_rows(w, strata=["a", "a", "a", "b"], lonely="certainty")
    assert design.mean_rows(y, certain).se[0] > 0


def test_least_squares_of_samples_without_design_is_robust():
    rng = np.random.default_rng(9)
    x = np.column_stack([np.ones(60), rng.normal(size=60)])
    y = x @ [1, 2] + rng.normal(size=60) * (1 + np.abs(x[:, 1]))
    fit = models.linear_rows(x, y, design.design_rows(np.ones(60)))
    e = y - x @ fit.coefficients
    bread = np.linalg.inv(x.T @ x)
    hc = bread @ (x.T * e**2) @ x @ bread * 60 / 59
    np.testing.assert_allclose(fit.covariance, hc, rtol=1e-8)


def test_difference_in_differences_is_four_means():
    rng = np.random.default_rng(10)
    unit, post = np.repeat(np.arange(12), 2), np.tile([0, 1], 12)
    treated = (unit < 5).astype(int)
    y = rng.normal(size=24) + 2 * treated * post
    found = did.two_by_two_rows(y, treated, post, unit)
    cell = lambda t, p: y[(treated == t) & (post == p)].mean()  # noqa: E731
    expected = cell(1, 1) - cell(1, 0) - cell(0, 1) + cell(0, 0)
    assert found.test.effect.value == pytest.approx(expected)
    two_way = did.two_way_rows(y, treated * post, unit, post)
    assert two_way.test.effect.value == pytest.approx(expected)
    # Two periods: the same as a t test of each unit's change.
    change = y[1::2] - y[::2]
    peer = stats.ttest_ind(change[:5], change[5:], equal_var=False)
    assert two_way.test.p == pytest.approx(peer.pvalue, abs=0.02)


def test_newey_west_without_lags_is_robust():
    rng = np.random.default_rng(11)
    x = np.column_stack([np.ones(30), np.arange(30)])
    fit = ols.fit_rows(x, rng.normal(size=30))
    scores = x * fit.residuals[:, None]
    np.testing.assert_allclose(fit.newey_west(0), fit.bread @ scores.T @ scores @ fit.bread)


def test_trends_of_ties_and_of_nothing():
    assert series.mann_kendall_periods(np.arange(10)).p < 0.001
    peer = stats.kendalltau(np.arange(12), [1, 2, 2, 3, 3, 3, 4, 2, 5, 5, 6, 6])
    assert series.mann_kendall_periods([1, 2, 2, 3, 3, 3, 4, 2, 5, 5, 6, 6]).p == pytest.approx(
        peer.pvalue, abs=0.01
    )
    assert series.theil_sen_periods([5, 5, 5, 5]).value == 0
    assert series.cochran_armitage_counts([5, 5, 5], [10, 10, 10]).p == 1


def test_shrinkage_of_equal_units_has_a_closed_form():
    rng = np.random.default_rng(12)
    y = rng.normal(size=(12, 15)) + rng.normal(size=(12, 1)) * 0.8
    within = ((y - y.mean(axis=1, keepdims=True)) ** 2).sum()
    pool = pooling.reml(y.mean(axis=1), np.full(12, 15.0), float(within))
    msw, msb = within / (12 * 14), 15 * y.mean(axis=1).var(ddof=1)
    assert pool.within == pytest.approx(msw, rel=1e-4)
    assert pool.between == pytest.approx((msb - msw) / 15, rel=1e-3)
    flat = pooling.reml(np.full(5, 3.0), np.full(5, 10.0), 20.0)
    assert flat.between == pytest.approx(0, abs=1e-6)


def test_kano_ties_and_nobody():
    table = np.zeros((5, 5), int)
    table[0, 1] = table[1, 4] = 4  # attractive and must-be as often
    assert kano.kano_counts(table).category == "M"
    assert kano.kano_counts(table, ties="table").category == "A"
    assert kano.kano_counts(np.zeros((5, 5))) is None


def test_maxdiff_finds_what_made_the_choices():
    rng = np.random.default_rng(13)
    truth = np.array([1.5, 0.5, 0.0, -0.7, 0.0])
    shown = np.array([rng.permutation(5)[:4] for _ in range(4000)])
    noise = rng.gumbel(size=shown.shape)
    best = shown[np.arange(4000), (truth[shown] + noise).argmax(axis=1)]
    rest = np.where(shown == best[:, None], -np.inf, -truth[shown] + rng.gumbel(size=shown.shape))
    worst = shown[np.arange(4000), rest.argmax(axis=1)]
    found = maxdiff.maxdiff_rows(shown, best, worst, items=5)
    for one, true in zip(found.utilities, truth, strict=True):
        assert abs(one.value - true) < 2 * max(one.half_width, 0.02)
    assert sum(one.value for one in found.preferences) == pytest.approx(100)


def test_alpha_of_parallel_items_is_spearman_brown():
    k, rho = 6, 0.4
    r = np.full((k, k), rho) + (1 - rho) * np.eye(k)
    found = reliability.reliability_of_covariance(r, 100)
    assert found.alpha.value == pytest.approx(k * rho / (1 + (k - 1) * rho))
    np.testing.assert_allclose(
        [one.value for one in found.without], (k - 1) * rho / (1 + (k - 2) * rho)
    )


def test_sizes_and_powers_are_inverse():
    for p1, p2, wanted in itertools.product((0.1, 0.5), (0.3, 0.9), (0.7, 0.9)):
        n = power.size_for_shares(p1, p2, power=wanted)
        assert power.power_of_shares(p1, p2, n) == pytest.approx(wanted, abs=0.01)
        if p2 > p1:
            rise = power.detectable_share(p1, n, power=wanted)
            assert rise == pytest.approx(p2 - p1, abs=0.01)
    n = power.size_for_means(0.3, 1.2, power=0.9, alpha=0.01)
    assert power.power_of_means(0.3, 1.2, n, alpha=0.01) == pytest.approx(0.9, abs=1e-6)


def test_change_points_by_brute_force():
    rng = np.random.default_rng(14)
    x = np.concatenate([rng.normal(0, 1, 12), rng.normal(4, 1, 10)])
    found = changepoint.change_points(x, least=3, most=1)
    rss = [
        ((x[:k] - x[:k].mean()) ** 2).sum() + ((x[k:] - x[k:].mean()) ** 2).sum()
        for k in range(3, 20)
    ]
    assert found.breaks == (3 + int(np.argmin(rss)),)
    assert found.rss[1] == pytest.approx(min(rss))
    assert changepoint.change_points(np.full(30, 2.0)).breaks == ()


def test_charts_of_all_alike_and_of_other_sizes():
    flat = charts.p_chart([0, 0, 0], [10, 20, 30])
    assert len(flat.signals) == 0 and flat.center == 0
    x = np.random.default_rng(15).normal(size=(20, 4))
    assert charts.mean_chart(x, d2="exact").sd == pytest.approx(
        np.ptp(x, axis=1).mean() / 2.0587507, rel=1e-6
    )
    equal = charts.laney_chart([3, 3, 3, 3], [10, 10, 10, 10])
    assert len(equal.signals) == 0


def test_penalty_and_reward_with_weights_of_two():
    rng = np.random.default_rng(16)
    x = rng.integers(1, 6, (60, 2)).astype(float)
    y = x.sum(axis=1) + rng.normal(size=60)
    w = rng.integers(1, 3, 60)
    one = priorities.penalty_reward_rows(["a", "b"], x, y, weights=w)[1]
    two = priorities.penalty_reward_rows(["a", "b"], np.repeat(x, w, axis=0), np.repeat(y, w))[1]
    assert one["a"].reward.value == pytest.approx(two["a"].reward.value)


def test_medians_cover():
    rng = np.random.default_rng(17)
    hits = 0
    for _ in range(400):
        found = median_of(from_values(rng.exponential(size=90)))
        hits += found.low <= math.log(2) <= found.high
    assert hits / 400 > 0.93
    assert median_of(moments.empty()).value is None
    assert median_of(from_values([4.0])).value == 4


@pytest.mark.parametrize("metric", ["csat", "csat_mean", "nps", "csat_index"])
def test_one_answer_and_equal_answers(metric):
    scale = Scale(0, 10)
    for answers in ([7.0], [10.0] * 6, [0.0, 10.0]):
        found = estimate(metric, from_values(answers), scale)
        assert found.low <= found.value <= found.high
        gap = compare.difference(from_values(answers), from_values([5.0]), metric, scale)
        assert gap.low <= gap.value <= gap.high


def test_two_items_and_people_who_never_differ():
    rng = np.random.default_rng(18)
    x = rng.normal(size=(80, 1)) + rng.normal(size=(80, 2))
    found = reliability.reliability_rows(x)
    s = np.cov(x, rowvar=False)
    assert found.alpha.value == pytest.approx(4 * s[0, 1] / s.sum())
    assert [one.value for one in found.without] == [None, None]
    assert math.isnan(reliability.alpha_of_covariance(np.zeros((3, 3))))


def test_nps_by_hand_for_each_divisor():
    from manyi.stats.metrics import nps_of_counts

    variance = 0.5 + 0.2 - 0.3**2
    for divisor, n in (("n", 40), ("n-1", 39)):
        found = nps_of_counts(20, 12, 8, method="wald", divisor=divisor)
        assert found.half_width == pytest.approx(195.9964 * math.sqrt(variance / n), rel=1e-6)
        told = nps_of_counts(20, 12, 8, method="t", divisor=divisor)
        assert told.half_width / found.half_width == pytest.approx(2.022691 / 1.959964, rel=1e-5)
    assert nps_of_counts(0, 0, 0).value is None
    assert nps_of_counts(1, 0, 0).value == 100


def test_clustered_errors_differ_by_their_factor():
    rng = np.random.default_rng(19)
    x = np.column_stack([np.ones(40), rng.normal(size=40)])
    fit, ids = ols.fit_rows(x, rng.normal(size=40)), np.arange(40) // 5
    bare, one, stata = (fit.clustered(ids, factor=f) for f in ("cr0", "cr1", "cr1s"))
    np.testing.assert_allclose(one, bare * 8 / 7)
    np.testing.assert_allclose(stata, bare * 8 / 7 * 39 / 38)


def test_weights_are_repetitions_in_scales_gaps_and_lines():
    from manyi.stats.servqual import servqual_rows

    rng = np.random.default_rng(20)
    w = rng.integers(1, 4, 50)
    x = rng.normal(size=(50, 4)) + rng.normal(size=(50, 1))
    again = np.repeat(x, w, axis=0)
    one, two = reliability.reliability_rows(x, weights=w), reliability.reliability_rows(again)
    assert one.alpha.value == pytest.approx(two.alpha.value)
    y = x.sum(axis=1) + rng.normal(size=50)
    fit = ols.fit_rows(x, y, w)
    np.testing.assert_allclose(fit.coefficients, ols.fit_rows(again, np.repeat(y, w)).coefficients)
    size = {"all": [0, 1]}
    gaps = servqual_rows(x[:, :2], x[:, 2:], size, weights=w)
    plain = servqual_rows(again[:, :2], again[:, 2:], size)
    assert gaps.overall.value == pytest.approx(plain.overall.value)
    ids = np.repeat(np.arange(50), w)
    wide = servqual_rows(again[:, :2], again[:, 2:], size, cluster=ids)
    assert wide.overall.half_width > 1.2 * plain.overall.half_width
