import time

import numpy as np
import pytest
from scipy import stats

from manyi.kit.problems import Problem
from manyi.stats.cross import cross_rows, merge_cross
from manyi.stats.drivers import forest, importance, linear, logit, ordinal, priorities
from manyi.stats.drivers.bootstrap import lmg_bootstrap_rows
from manyi.stats.logistic import logistic_rows
from tests.oracles.reference import Case

CASES = [
    "k01_driver_lmg_relweights_swiss",
    "k02_driver_relweights_mtcars",
    "k03_driver_airline_14_items",
]


def loaded(case, outcome):
    names = list(case.rows()[0])
    return names, cross_rows(names, case.matrix(names))


@pytest.mark.parametrize("name", CASES)
def test_importance(name):
    case = Case(name)
    outcome, of = case.spec["outcome"], case.expected
    names, cross = loaded(case, outcome)
    drivers = [n for n in names if n != outcome]
    r = linear.driver_correlations(cross, outcome)
    kernels = {
        "lmg": importance.lmg,
        "relative_weights_raw": importance.relative_weights,
        "std_beta": importance.std_beta,
        "pearson": lambda r: r[:-1, -1],
        "vif": importance.vif,
        "first": importance.first,
        "last": importance.last,
        "betasq": lambda r: importance.std_beta(r) ** 2,
        "pratt": importance.pratt,
        "genizi_cs_car": importance.car,
    }
    for key, kernel in kernels.items():
        case.near(kernel(r), [of[key][d] for d in drivers])
    case.near(importance.r2(r), of["r2"])
    case.near(importance.condition(r), of["condition_number"])
    fit = linear.regress(cross, outcome)
    case.near(fit.coefficients, [c["Estimate"] for c in of["coef"].values()])
    case.near(fit.se, [c["Std. Error"] for c in of["coef"].values()])
    case.near(fit.p, [c["Pr(>|t|)"] for c in of["coef"].values()], rtol=1e-4)
    case.near(fit.adjusted_r2.value / 100, of["adj_r2"])
    assert fit.r2.low < fit.r2.value < fit.r2.high
    case.near(linear.vif_of(fit.covariance), [of["vif"][d] for d in drivers])


def test_key_drivers_come_with_intervals_and_ranks():
    case = Case(CASES[2])
    _, cross = loaded(case, "sat")
    found = linear.key_drivers(cross, "sat")
    percent = case.expected["lmg_percent"]
    assert sum(d.importance.value for d in found.drivers) == pytest.approx(100)
    for driver in found.drivers:
        case.near(driver.importance.value, percent[driver.name])
        assert driver.importance.low < driver.importance.value < driver.importance.high
        assert 1 <= driver.rank[0] <= driver.rank[1] <= 14
    assert found.drivers[0].name == "Online.boarding" and found.drivers[0].rank == (1, 1)


def test_jackknife_and_bootstrap_agree():
    case = Case(CASES[2])
    names, cross = loaded(case, "sat")
    drivers = [n for n in names if n != "sat"][:6]
    x, y = case.matrix(drivers), case.column("sat")
    cross = cross_rows([*drivers, "sat"], np.column_stack([x, y]))
    widths = {d.name: d.importance.half_width for d in linear.key_drivers(cross, "sat").drivers}
    boot = lmg_bootstrap_rows(x, y, rng=np.random.default_rng(1), draws=400)
    again = lmg_bootstrap_rows(x, y, rng=np.random.default_rng(1), draws=400)
    assert boot.shares == again.shares and boot.ranks == again.ranks
    half = [one.half_width for one in boot.shares]
    np.testing.assert_allclose(half, [widths[d] for d in drivers], rtol=0.35, atol=0.15)


def test_lmg_sums_to_r2_and_sampling_finds_it():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(500, 8)) @ rng.normal(size=(8, 8))
    y = x @ rng.normal(size=8) + rng.normal(size=500) * 3
    r = np.corrcoef(np.column_stack([x, y]), rowvar=False)
    exact = importance.lmg(r)
    assert exact.sum() == pytest.approx(importance.r2(r))
    sampled, error = importance.lmg_sampled(r, rng=rng, orders=2000)
    assert (np.abs(sampled - exact) < 5 * error).all()


def test_parts_of_rows_merge():
    rng = np.random.default_rng(3)
    table, ids = rng.integers(1, 6, (200, 4)).astype(float), np.arange(200)
    whole = cross_rows("abcd", table, cluster=ids)
    parts = merge_cross(
        cross_rows("abcd", table[:70], cluster=ids[:70]),
        cross_rows("abcd", table[70:], cluster=ids[70:]),
    )
    np.testing.assert_allclose(whole.by_group, parts.by_group)
    assert whole.n == parts.n == 200


def test_logistic_regression():
    case = Case("k04_driver_logistic_airline")
    names = [n for n in case.rows()[0] if n != "sat"]
    x = np.column_stack([np.ones(len(case.rows())), case.matrix(names)])
    found, of = logistic_rows(x, case.column("sat")), case.expected
    case.near(found.coefficients, [c["Estimate"] for c in of["coef"].values()])
    case.near(found.se, [c["Std. Error"] for c in of["coef"].values()])
    case.near(
        [found.log_likelihood, -2 * found.null_log_likelihood, found.deviance, found.aic],
        [of[k] for k in ("loglik", "null_deviance", "deviance", "aic")],
    )
    case.near([found.mcfadden, found.nagelkerke], [of["mcfadden"], of["nagelkerke"]])
    case.near(np.exp(found.coefficients), list(of["odds_ratio"].values()))
    case.near(linear.vif_of(found.covariance), list(of["vif"].values()))


def test_logistic_relative_weights():
    case = Case("k04_driver_logistic_airline")
    names = [n for n in case.rows()[0] if n != "sat"]
    x, y = case.matrix(names), case.column("sat")
    found = logit.logistic_relative_weights_rows(x, y)
    model = logistic_rows(np.column_stack([np.ones(len(x)), x]), y)
    forecast = model.predict(np.column_stack([np.ones(len(x)), x]))
    case.near(found.sum(), np.corrcoef(y, forecast)[0, 1] ** 2)
    assert names[int(found.argmax())] == "Online.boarding"
    # Drivers that have nothing in common keep what is their own.
    rng = np.random.default_rng(3)
    apart = np.linalg.qr(rng.normal(size=(4000, 3)) - 0.0)[0] * np.sqrt(4000)
    said = rng.random(4000) < 1 / (1 + np.exp(-(apart @ [1.0, 0.5, 0.0])))
    own = logit.logistic_relative_weights_rows(apart, said)
    assert own[0] / own[1] == pytest.approx(4, rel=0.4)
    assert own[2] < 0.01


def test_ordinal_regression():
    case = Case("k05_ordinal_logit_housing")
    columns = {name: case.labels(name) for name in ("Infl", "Type", "Cont")}
    terms = [
        ("Infl", "Medium"),
        ("Infl", "High"),
        ("Type", "Apartment"),
        ("Type", "Atrium"),
        ("Type", "Terrace"),
        ("Cont", "High"),
    ]
    x = np.column_stack([columns[name] == level for name, level in terms]).astype(float)
    level = [case.spec["levels_Sat"].index(v) for v in case.labels("Sat")]
    found, of = ordinal.ordinal_rows(x, level, case.column("Freq")), case.expected
    case.near(found.coefficients, list(of["coef"].values()))
    case.near(found.thresholds, list(of["thresholds"].values()))
    case.near(found.se, list(of["se"].values()))
    case.near(found.deviance, of["deviance"])
    predicted = found.predict(x)
    for row, chances in of["pred_rows_1_37_72"].items():
        case.near(predicted[int(row) - 1], list(chances.values()))


def test_priorities():
    case = Case("n02_ipa_penalty_reward_airline")
    of = case.expected
    drivers = [n for n in case.rows()[0] if n != "sat"]
    x, y = case.matrix(drivers), case.column("sat")
    cross = cross_rows([*drivers, "sat"], np.column_stack([x, y]))
    beta = importance.std_beta(linear.driver_correlations(cross, "sat"))
    case.near(beta, list(of["ipa"]["importance_std_beta"].values()))
    weights = dict(zip(drivers, beta, strict=True))
    means = dict(zip(drivers, cross.means, strict=False))
    case.near(list(means.values())[:6], list(of["ipa"]["performance_mean"].values()))
    found = priorities.importance_performance(weights, means)
    case.near([found.importance, found.performance], list(of["ipa"]["crosshair_mean"].values()))
    assert found.quadrants == of["ipa"]["quadrant_mean_crosshair"]
    median = priorities.importance_performance(weights, means, crosshair="median")
    assert median.quadrants == of["ipa"]["quadrant_median_crosshair"]
    fit, impacts = priorities.penalty_reward_rows(drivers, x, y)
    case.near(fit.coefficients, [c["Estimate"] for c in of["prca"].values()])
    case.near(fit.se, [c["Std. Error"] for c in of["prca"].values()])
    for name, impact in of["impact_asymmetry"].items():
        mine = impacts[name]
        parts = (mine.reward, mine.penalty, mine.range, mine.asymmetry)
        case.near([one.value for one in parts], list(impact.values()))


def test_lmg_is_quick():
    rng = np.random.default_rng(4)
    for p, limit in ((12, 0.2), (20, 10.0)):
        r = np.corrcoef(rng.normal(size=(3 * p, p + 1)), rowvar=False)
        importance.lmg(r)
        took = min(_timed(lambda r=r: importance.lmg(r)) for _ in range(3))
        assert took < limit, (p, took)


def _timed(call):
    start = time.thread_time()
    call()
    return time.thread_time() - start


def test_the_forest_ranks_as_another_forest():
    case = Case("k06_random_forest_importance_airline")
    of = case.expected
    names = list(of["permutation_importance"])
    found = forest.forest_rows(
        case.matrix(names), case.column("sat"), rng=np.random.default_rng(1), trees=500
    )
    theirs = list(of["permutation_importance"].values())
    assert {names[at] for at in found.ranking[:3]} == set(of["rank_top3"])
    assert stats.spearmanr([one.statistic for one in found.tests], theirs).statistic >= 0.85
    assert abs(found.error.value / 100 - of["oob_error"]) <= 0.015


def test_many_drivers_with_their_intervals_fit_into_memory():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(400, 17))
    cross = cross_rows([*map(str, range(17)), "y"], np.column_stack([x, x.sum(axis=1)]))
    found = linear.key_drivers(cross, "y")
    assert sum(d.importance.value for d in found.drivers) == pytest.approx(100)
    many = cross_rows([str(at) for at in range(22)], rng.normal(size=(50, 22)))
    with pytest.raises(Problem):
        linear.key_drivers(many, "0")
