import numpy as np
import pytest
from scipy import stats

from manyi.kit.problems import Problem
from manyi.stats.churn import calibration, cohorts, competing, cox, recalibration, survival, weibull


def lives(rng, n=200):
    t = np.ceil(rng.exponential(10, n))
    return np.minimum(t, 15), (t <= 15).astype(float)


@pytest.mark.parametrize("transform", ["log", "log-log", "plain", "logit", "arcsine"])
def test_every_scale_of_the_interval_holds_the_curve_and_covers(transform):
    rng = np.random.default_rng(1)
    truth, hits = np.exp(-0.8), 0
    for _ in range(400):
        curve = survival.kaplan_meier(*lives(rng), transform=transform)
        assert (curve.low <= curve.share + 1e-12).all() and (
            curve.share <= curve.high + 1e-12
        ).all()
        found = curve.at(8)
        hits += found.low <= 100 * truth <= found.high
    assert 0.92 < hits / 400 < 0.98


def test_scales_by_hand():
    # Four of ten leave at once: S = .6, Greenwood's sigma² = 4/(10·6).
    lifetimes = survival.lifetimes_rows([1] * 4 + [2] * 6, [1] * 4 + [0] * 6)
    sigma, z = np.sqrt(4 / 60), 1.959964
    plain = survival.kaplan_meier_counts(lifetimes, transform="plain")
    np.testing.assert_allclose(plain.low[0], 0.6 - z * 0.6 * sigma, rtol=1e-6)
    logit = survival.kaplan_meier_counts(lifetimes, transform="logit")
    middle, reach = np.log(0.6 / 0.4), z * sigma / 0.4
    np.testing.assert_allclose(logit.high[0], 1 / (1 + np.exp(-middle - reach)), rtol=1e-6)


def test_weights_are_frequencies():
    rng = np.random.default_rng(2)
    t, e = lives(rng, 60)
    w = rng.integers(1, 4, 60)
    one = survival.kaplan_meier_counts(survival.lifetimes_rows(t, e, w))
    two = survival.kaplan_meier_counts(survival.lifetimes_rows(np.repeat(t, w), np.repeat(e, w)))
    np.testing.assert_allclose(one.share, two.share)
    np.testing.assert_allclose(one.low, two.low)


def test_without_censoring_it_is_the_share_that_is_left():
    t = np.array([3.0, 1, 4, 1, 5, 9, 2, 6, 5, 3])
    curve = survival.kaplan_meier_counts(survival.lifetimes_rows(t, np.ones(10)))
    for time in (1, 3, 4.5, 8):
        assert curve.at(time).value == pytest.approx(100 * (t > time).mean())
    assert curve.mean_until(100).value == pytest.approx(t.mean())


def test_retention_of_customers_who_come_again():
    rng = np.random.default_rng(3)
    hits, naive = 0, 0
    for _ in range(400):
        own = np.repeat(rng.gamma(2, 0.5, 50), 6)
        t = rng.exponential(10 / own)
        e = (t < 12).astype(float)
        t = np.minimum(t, 12)
        truth = 100 * (1 + 0.5 * 0.5) ** -2
        found = survival.retention_rows(t, e, 5, cluster=np.repeat(np.arange(50), 6))
        hits += found.low <= truth <= found.high
        plain = survival.kaplan_meier_counts(survival.lifetimes_rows(t, e)).at(5)
        naive += plain.low <= truth <= plain.high
    assert hits / 400 > 0.92 > naive / 400
    assert survival.retention_rows([1.0], [0], 1).value == 100
    assert survival.retention_rows([np.nan], [0], 1).value is None


def test_weibull_of_whole_lives_is_that_of_scipy():
    rng = np.random.default_rng(4)
    t = stats.weibull_min(1.7, scale=20).rvs(300, random_state=rng)
    shape, _, scale = stats.weibull_min.fit(t, floc=0)
    found = weibull.weibull_rows(t, np.ones(300), np.ones((300, 1)))
    assert 1 / found.scale == pytest.approx(shape, rel=1e-4)
    assert np.exp(found.coefficients[0]) == pytest.approx(scale, rel=1e-4)
    assert found.log_likelihood == pytest.approx(
        stats.weibull_min(shape, scale=scale).logpdf(t).sum(), rel=1e-6
    )
    assert found.quantile([[1.0]])[0] == pytest.approx(scale * np.log(2) ** (1 / shape), rel=1e-3)


def test_exponential_lives_with_censoring_have_a_closed_form():
    rng = np.random.default_rng(5)
    x = np.column_stack([np.ones(20_000), rng.integers(0, 2, 20_000)])
    t = rng.exponential(np.exp(2 + 0.5 * x[:, 1]))
    e = (t < 15).astype(float)
    t = np.minimum(t, 15)
    found = weibull.weibull_rows(t, e, x)
    rates = [e[x[:, 1] == g].sum() / t[x[:, 1] == g].sum() for g in (0, 1)]
    assert found.scale == pytest.approx(1, abs=0.03)
    assert found.coefficients[1] == pytest.approx(np.log(rates[0] / rates[1]), abs=0.03)
    assert found.time_ratio(1).low < np.exp(0.5) < found.time_ratio(1).high
    hazards = cox.cox_rows(t, e, x[:, 1:]).coefficients
    assert weibull.proportional_hazards(found)[1] == pytest.approx(hazards[0], abs=0.05)
    assert weibull.mean_lifetime(found, [[1.0, 0]])[0] == pytest.approx(np.exp(2), rel=0.1)


def test_a_hazard_ratio_without_end_is_told():
    t, x = np.arange(1.0, 21), np.repeat([1.0, 0], 10)[:, None]
    with pytest.raises(Problem):
        cox.cox_rows(t, np.ones(20), x)


def test_a_column_that_does_not_vary_changes_nothing():
    rng = np.random.default_rng(6)
    x = rng.normal(size=(60, 1))
    t, e = rng.exponential(np.exp(-x[:, 0])), rng.integers(0, 2, 60)
    one = cox.cox_rows(t, e, x)
    two = cox.cox_rows(t, e, np.column_stack([x, np.full(60, 3.0)]))
    np.testing.assert_allclose(two.coefficients, [one.coefficients[0], 0], atol=1e-8)
    np.testing.assert_allclose(two.se[0], one.se[0], rtol=1e-6)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_cox_is_the_best_of_its_likelihood(ties):
    rng = np.random.default_rng(6)
    x = rng.normal(size=(40, 1))
    t = np.ceil(rng.exponential(5 * np.exp(-0.7 * x[:, 0])))
    e = (rng.random(40) < 0.8).astype(float)

    def likelihood(beta):
        total = 0.0
        for time in np.unique(t[e > 0]):
            dead = (t == time) & (e > 0)
            risk = np.exp(beta * x[t >= time, 0]).sum()
            tied, d = np.exp(beta * x[dead, 0]).sum(), dead.sum()
            for at in range(d):
                total -= np.log(risk - (at / d * tied if ties == "efron" else 0))
            total += beta * x[dead, 0].sum()
        return total

    grid = np.linspace(-2, 3, 2001)
    best = grid[np.argmax([likelihood(b) for b in grid])]
    found = cox.cox_rows(t, e, x, ties=ties)
    assert found.coefficients[0] == pytest.approx(best, abs=0.003)
    assert found.log_likelihood == pytest.approx(likelihood(found.coefficients[0]))


def test_reasons_to_leave_share_all_who_left():
    rng = np.random.default_rng(7)
    t, reason = np.ceil(rng.exponential(5, 100)), rng.integers(0, 3, 100)
    one, two = (competing.cumulative_incidence_rows(t, reason, r) for r in (1, 2))
    curve = survival.kaplan_meier_counts(survival.lifetimes_rows(t, reason > 0))
    np.testing.assert_allclose(one.share + two.share, 1 - curve.share, atol=1e-12)


def test_forecasts_are_recalibrated():
    rng = np.random.default_rng(8)
    true = rng.beta(2, 5, 8000)
    y = (rng.random(8000) < true).astype(float)
    bold = 1 / (1 + np.exp(-2.5 * np.log(true / (1 - true))))
    for method in ("platt", "isotonic"):
        found = recalibration.recalibrate_rows(y[:4000], bold[:4000], method=method)
        before = calibration.calibration_rows(y[4000:], bold[4000:])
        after = calibration.calibration_rows(y[4000:], np.clip(found.predict(bold[4000:]), 1e-6, 1))
        assert after.brier.value < before.brier.value and after.ece.value < 0.03 < before.ece.value
    assert abs(after.slope.value - 1) < 0.2
    early, late = recalibration.time_split([5, 1, 4, 2, 3, 9, 7, 8])
    assert early.tolist() == [0, 1, 2, 3, 4, 6] and late.tolist() == [5, 7]


def test_cohorts():
    start = ["2025-01"] * 4 + ["2025-02"] * 2
    found = cohorts.cohorts_rows(start, [1, 3, 3, 6, 2, 2], [1, 1, 0, 0, 0, 0], [2, 4])
    assert [one.n for one in found] == [4, 2]
    assert found[0].retention[0].value == pytest.approx(75)
    assert found[1].retention[0].value == 100 and found[1].retention[1] is None


def test_area_under_the_curve_counts_pairs():
    rng = np.random.default_rng(9)
    y, p = rng.integers(0, 2, 80), np.round(rng.random(80), 1)
    high, low = p[y == 1], p[y == 0]
    pairs = (high[:, None] > low).mean() + (high[:, None] == low).mean() / 2
    assert calibration.auc_rows(y, p).value == pytest.approx(pairs)
