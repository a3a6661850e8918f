"""Results beside those of R 4.2.2 on data made here: survey 4.1.1, clubSandwich
0.5.8, lavaan 0.6.14, stats, nlme 3.1.162. The numbers are R's; the data are awkward on purpose
(ties, uneven weights, a stratum with one cluster, series too short for their seasons)."""

import numpy as np
import pytest

from manyi.kit.problems import Problem
from manyi.stats import adjust, agreement, arima
from manyi.stats.churn import calibration
from manyi.stats.drivers.logit import logistic_relative_weights_rows
from manyi.stats.effect import ols, series, waves
from manyi.stats.errors import NormalTheory
from manyi.stats.latent import cfa, efa
from manyi.stats.moments import from_values
from manyi.stats.survey import calibrate, design, models, quantiles, rake


def near(found, expected, rtol=1e-6):
    np.testing.assert_allclose(np.ravel(found), np.ravel(expected), rtol=rtol, atol=1e-8)


def errors(covariance):
    return np.sqrt(np.diag(covariance))


def sample():
    """Return 90 rows with uneven weights, in strata A to D and one of a single cluster, Z."""
    rng = np.random.default_rng(42)
    n = 90
    strata = np.array(list("ABCDE"))[rng.choice(5, n, p=[0.35, 0.3, 0.2, 0.12, 0.03])]
    d = {"psu": rng.integers(1, 9, n), "w": np.round(rng.gamma(2, 3, n) + 0.3, 3)}
    d["y"] = np.round(rng.normal(50, 10, n) + (strata == "A") * 7, 1)
    d["y2"] = rng.integers(1, 6, n)
    x = np.round(rng.normal(size=n), 2)
    x[:30] = np.round(x[:30])
    d["x"] = x
    d["b"] = (rng.random(n) < 1 / (1 + np.exp(-x + 0.3))).astype(int)
    d["g"] = np.array(list("uvw"))[rng.choice(3, n, p=[0.5, 0.4, 0.1])]
    d["h"] = np.array(["no", "yes"])[rng.integers(0, 2, n)]
    strata[strata == "E"] = "D"
    strata[0] = "Z"
    return d | {"strata": strata}


def without_lonely():
    d = sample()
    there = d["strata"] != "Z"
    return {name: values[there] for name, values in d.items()}


def drawn(d, **options):
    return design.design_rows(d["w"], strata=d["strata"], psu=d["psu"], **options)


def test_samples():
    d = without_lonely()
    s = drawn(d)
    mean = design.mean_rows(np.column_stack([d["y"], d["y2"]]), s)
    near(mean.values, [53.5855365, 2.91794822])
    near(mean.se, [1.40034735, 0.235722144])
    near(mean.deff, [1.99230648, 2.6717654])
    share = design.share_rows(d["b"] == 1, s, level=0.99)
    near(
        [share.value, share.low, share.high],
        [100 * at for at in [0.330633799, 0.204123567, 0.487522252]],
    )
    test = models.independence_rows(d["g"], d["h"], s)
    near([test.f, *test.df, test.p], [0.538269755, 1.99037078, 45.7785279, 0.586560003])


@pytest.mark.parametrize(
    ("interval", "told"),
    [
        ("mean", [[48.8, 44.5, 52.3], [54.4, 50.7, 58.4], [64.8, 64.3, 80.3]]),
        ("logit", [[48.8, 44.8, 52.8], [54.4, 51.1, 58.3], [64.8, 61.8, 73.0]]),
    ],
)
def test_intervals_of_quantiles(interval, told):
    d = without_lonely()
    for share, ends in zip((0.25, 0.5, 0.9), told, strict=True):
        found = quantiles.quantile_rows(d["y"], share, drawn(d), interval=interval)
        near([found.value, found.low, found.high], ends)


def test_a_lonely_cluster_counts_as_the_average_stratum():
    d = sample()
    s = drawn(d, lonely="average")
    near(design.mean_rows(d["y"], s).se, 1.55365611)
    near(design.total_rows(d["y"], s).se, 3449.82884)


def test_calibration_within_bounds():
    d = without_lonely()
    x = np.column_stack([np.ones(len(d["y"])), d["x"], d["h"] == "yes"]).astype(float)
    n = d["w"].sum()
    totals = [n * 1.05, d["w"] @ d["x"] + 20, 0.5 * n * 1.05]
    options = {"distance": "exponential", "bounds": (0.7, 1.5)}
    found = calibrate.calibrate_rows(x, d["w"], totals, **options)
    ratio = found / d["w"]
    near([ratio.min(), ratio.max()], [0.7, 1.5])
    near(np.sort(found)[[0, 10, 40, 88]], [0.545819445, 2.15202465, 4.51418918, 37.7941754])


def test_errors_after_raking():
    d = without_lonely()
    n = 1.1 * d["w"].sum()
    codes = np.column_stack(
        [np.searchsorted(list("uvw"), d["g"]), (d["h"] == "yes").astype(int), d["y2"] - 1]
    )
    totals = [np.array([0.45, 0.35, 0.2]), np.array([0.6, 0.4]), np.array([1, 2, 3, 2, 2]) / 10]
    raked = rake.rake_rows(codes, d["w"], rake.margins_of([n * one for one in totals]))
    w = raked.factors * d["w"]
    known = np.column_stack([codes[:, [at]] == np.arange(k) for at, k in enumerate((3, 2, 5))])
    strata = {s: len(set(d["psu"][d["strata"] == s])) * 3 + ord(s) % 5 for s in "ABCD"}
    s = drawn(d, fpc=[strata[one] for one in d["strata"]])
    plain = s.calibrated(w, known.astype(float), residuals="plain")
    found = design.mean_rows(d["y"], plain)
    near([found.values[0], found.se[0]], [53.174677, 1.29952705], rtol=1e-5)
    weighted = s.calibrated(w, known.astype(float))
    assert design.mean_rows(d["y"], weighted).se[0] < found.se[0]


def rated():
    rng = np.random.default_rng(11)
    n = 80
    g = rng.choice(list("abcde"), n, p=[0.4, 0.3, 0.2, 0.06, 0.04])
    x = np.round(rng.normal(size=(n, 5)) @ rng.normal(size=(5, 5)), 1)
    x[:, 4] = np.round(x[:, 0] + rng.normal(size=n) * 0.3, 1)
    noise = rng.normal(size=n)
    y = np.clip(np.round(3 + 0.4 * x[:, 0] - 0.2 * x[:, 2] + noise + (g == "a") * 0.5), 1, 5)
    rng.normal(size=n)
    rng.integers(1, 5, n)
    w = np.round(rng.gamma(2, 1, n) + 0.1, 2)
    return g, np.column_stack([np.ones(n), x]), y, w, rng.integers(1, 13, n)


def test_few_clusters_with_weights():
    _, x, y, w, unit = rated()
    fit = ols.fit_rows(x[:, :4], y, w)
    found = ols.small_sample(fit, unit)
    near(errors(found.covariance), [0.174067807, 0.258611898, 0.173473555, 0.145580659])
    near([found.df(at) for at in range(4)], [8.71893318, 7.6734929, 4.8436849, 6.85798247])
    assert errors(ols.small_sample(fit, unit, working="inverse").covariance)[0] < 0.174067807


def test_errors_over_time():
    _, x, y, _, _ = rated()
    near(
        errors(ols.fit_rows(x, y).newey_west(4, factor="n/(n-k)")),
        [0.11547858, 0.567316977, 0.119516658, 0.0790134514, 0.0926612555, 0.560350926],
    )
    found = series.ar1_periods(x[:, :3], y, method="reml")
    near(
        [*found.coefficients, *found.se, found.phi.value, found.log_likelihood],
        [
            3.29490274,
            -0.00965172354,
            -0.0142816873,
            0.115533115,
            0.137880322,
            0.112331274,
            -0.111146081,
            -126.074639,
        ],
        rtol=1e-4,
    )


def test_ranks():
    g, _, y, _, _ = rated()
    one, two = from_values(y[g == "a"]), from_values(y[g == "b"])
    for method, told in (("corrected", [445.0, 0.945395134]), ("plain", [445.0, 0.939339045])):
        found = waves.wilcoxon(one, two, method=method)
        near([found.statistic, found.p], told)
    assert found.effect.low < 50 < found.effect.high
    with pytest.raises(Problem, match="ties"):
        waves.wilcoxon(one, two, method="exact")
    apart = from_values([1.1, 2.2, 3.3, 4.4]), from_values([2.5, 5.5, 6.5, 7.5, 8.5])
    found = waves.wilcoxon(*apart, method="exact")
    near([found.statistic, found.p], [2.0, 0.0634920635])


def test_a_test_that_could_not_be_made_is_not_counted():
    near(adjust.adjust([0.01, np.nan, 0.04, 0.03]), [0.03, np.nan, 0.06, 0.06])


def test_confirmed_factors_of_items_of_all_sizes():
    rng = np.random.default_rng(23)
    loads = np.zeros((9, 3))
    loads[:3, 0], loads[3:5, 1], loads[5:, 2] = [0.9, 0.7, 0.5], [0.8, 0.6], [0.9, 0.8, 0.3, 0.6]
    phi = np.array([[1, 0.5, -0.3], [0.5, 1, 0.2], [-0.3, 0.2, 1]])
    x = rng.multivariate_normal(np.zeros(3), phi, 150) @ loads.T + rng.normal(size=(150, 9)) * 0.6
    x = np.round(x * [1, 2, 5, 1, 0.3, 1, 1, 10, 1], 2)
    blocks = {"a": [0, 1, 2], "b": [3, 4], "c": [5, 6, 7, 8]}
    found = cfa.confirm_unweighted_rows(x, blocks)
    near(
        found.loadings,
        [1.0, 1.65624318, 2.37817873, 1.0, 0.197139229, 1.0, 0.716546768, 3.64455197, 0.660044484],
        rtol=1e-4,
    )
    near(
        found.se,
        [
            0.0,
            0.207258352,
            0.367532296,
            0.0,
            0.0327329191,
            0.0,
            0.0692188395,
            0.504302727,
            0.0698100738,
        ],
        rtol=1e-4,
    )
    fit, rmsea = found.fit.test, found.fit.rmsea
    near([fit.statistic, found.log_likelihood], [14.5233206, -2014.74222], rtol=1e-5)
    near([rmsea.low, rmsea.high], [0.0, 0.017926286], rtol=1e-3)
    assert rmsea.level == 0.9 and fit.effect == rmsea
    large = cfa.confirm_unweighted_rows(x * 1000, blocks)
    near(large.standardised, found.standardised, rtol=1e-4)
    exact = cfa.confirm_unweighted_rows(x[:, :3], {"a": [0, 1, 2]})
    assert (exact.df, exact.fit.rmsea.value, exact.fit.test.p) == (0, 0.0, 1.0)
    r = np.corrcoef(x, rowvar=False)
    errors = NormalTheory(r, 150)
    flipped, given = efa.omega(errors, 2, keyed="flipped"), efa.omega(errors, 2)
    near(
        [flipped.total.value, flipped.hierarchical.value, flipped.alpha.value],
        [0.807060487, 0.132430883, 0.68708078],
        rtol=1e-3,
    )
    assert given.hierarchical.value < flipped.hierarchical.value


def test_forecasts_of_a_series_that_is_short_for_its_season():
    rng = np.random.default_rng(31)
    t = np.arange(72)
    wander = np.cumsum(rng.normal(size=72)) * 0.5 + rng.normal(size=72)
    y = np.round(50 + 0.1 * t + 4 * np.sin(t / 6 * np.pi) + wander, 2)
    found = arima.arima(y, (1, 1, 1), seasonal=(0, 1, 1), period=12)
    assert found.log_likelihood > -104.469439
    told = found.ahead(6)
    near(
        [one.value for one in told],
        [53.3933416, 55.6309085, 57.0563495, 57.1375908, 56.6621138, 54.6091064],
        rtol=1e-3,
    )
    half = [(one.high - one.low) / 2 / 1.959963984540054 for one in told]
    near(half, [1.29078582, 1.5847618, 1.73734995, 1.83481837, 1.90666856, 1.96534501], rtol=2e-3)


def test_weights_of_logistic_drivers_are_repetitions():
    rng = np.random.default_rng(1)
    x = np.column_stack([rng.normal(size=(300, 3)) @ rng.normal(size=(3, 3)), np.ones(300)])
    y = (rng.random(300) < 1 / (1 + np.exp(-x[:, 0]))).astype(float)
    w = rng.integers(1, 4, 300)
    found = logistic_relative_weights_rows(x, y, w)
    near(found, logistic_relative_weights_rows(np.repeat(x, w, axis=0), np.repeat(y, w)))
    assert found[3] == pytest.approx(0)


def test_calibration_of_forecasts_that_are_often_the_same():
    p = np.repeat([0.1, 0.9], [95, 5])
    y = np.concatenate([np.ones(10), np.zeros(85), np.ones(4), np.zeros(1)])
    found = calibration.calibration_rows(y, p)
    assert np.isfinite(found.hosmer_lemeshow.statistic)
    assert found.slope.low < found.slope.value < found.slope.high
    assert found.brier.value == pytest.approx(((y - p) ** 2).mean())


def test_many_coders_have_an_interval_that_covers():
    rng, inside = np.random.default_rng(4), 0
    for _ in range(200):
        truth = rng.integers(0, 2, 60)
        said = np.where(rng.random((60, 4)) < 0.85, truth[:, None], 1 - truth[:, None])
        counts = np.column_stack([(said == 0).sum(axis=1), (said == 1).sum(axis=1)])
        found = agreement.fleiss_kappa(counts).kappa
        inside += found.low <= 0.49 <= found.high
    assert inside / 200 > 0.89
