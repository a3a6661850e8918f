import itertools

import numpy as np

from manyi.stats import arima, forecast
from manyi.stats.errors import NormalTheory
from manyi.stats.latent import cfa, efa, pls, validity
from manyi.stats.survey import design, models
from tests.oracles.reference import Case


def test_models_of_samples():
    case = Case("w07_design_based_tests_regression")
    of = case.expected
    clusters = design.design_rows(
        case.column("pw", "clus1.csv"),
        psu=case.column("dnum", "clus1.csv"),
        fpc=case.column("fpc", "clus1.csv"),
    )
    better = case.labels("comp.imp", "clus1.csv")
    found = models.difference_test_rows(
        case.column("enroll", "clus1.csv"), better == "Yes", clusters
    )
    theirs = of["svyttest_clus1_enroll_by_comp.imp"]
    case.near(
        [found.statistic, found.df, found.p, found.effect.value],
        [theirs[k] for k in ("statistic", "df", "p", "difference")],
    )
    table = models.independence_rows(case.labels("sch.wide", "clus1.csv"), better, clusters)
    theirs = of["raoscott_clus1_schwide_compimp"]
    case.near([table.f, *table.df, table.p], [theirs["statistic"], *theirs["df"], theirs["p"]])
    strata = design.design_rows(
        case.column("pw", "strat.csv"),
        strata=case.labels("stype", "strat.csv"),
        fpc=case.column("fpc", "strat.csv"),
    )
    wide = case.labels("sch.wide", "strat.csv")
    table = models.independence_rows(case.labels("stype", "strat.csv"), wide, strata)
    theirs = of["raoscott_strat_stype_schwide"]
    case.near([table.f, *table.df, table.p], [theirs["statistic"], *theirs["df"], theirs["p"]])
    theirs = of["raoscott_strat_second_order_chisq"]
    case.near([table.chi_square, table.chi_df], [theirs["statistic"], theirs["df"]])
    ones = np.ones(len(wide))
    x = np.column_stack([ones, case.matrix(["ell", "meals", "enroll"], "strat.csv")])
    linear = models.linear_rows(x, case.column("api00", "strat.csv"), strata)
    check_fit(case, linear, of["svyglm_strat"])
    f, df, p = linear.wald([1, 2])
    case.near([f, df, linear.df], [of["regTermTest"][k] for k in ("F", "df", "ddf")])
    case.near(np.log(p), np.log(of["regTermTest"]["p"]))
    check_fit(case, models.logit_rows(x[:, :3], wide == "Yes", strata), of["svyglm_logit_strat"])


def check_fit(case, fit, of):
    columns = ("Estimate", "Std. Error", "t value")
    for mine, key in zip((fit.coefficients, fit.se, fit.t), columns, strict=True):
        case.near(mine, [row[key] for row in of.values()])
    case.near(np.log(fit.p), np.log([row["Pr(>|t|)"] for row in of.values()]), atol=1e-5)


def aligned(mine, theirs):
    """The order and signs of factors are free: those that fit best."""
    k = mine.shape[1]
    best = min(
        itertools.permutations(range(k)),
        key=lambda order: np.abs(np.abs(mine[:, order]) - np.abs(theirs)).sum(),
    )
    found = mine[:, best]
    return found * np.sign((found * theirs).sum(axis=0)), best


def loadings(of):
    return np.array([list(row.values()) for row in of["loadings"].values()])


def test_factors():
    case = Case("r02_efa_omega_thurstone")
    r, of = case.matrix(list(case.rows()[0])), case.expected
    case.near(np.linalg.eigvalsh(r)[::-1], of["eigenvalues"], rtol=1e-6)
    atol = case.tolerance["atol"]
    first = efa.extract(r, 3)
    turned, _ = aligned(efa.varimax(first.loadings), loadings(of["minres_varimax"]))
    case.near(turned, loadings(of["minres_varimax"]), rtol=0, atol=atol)
    case.near(
        first.communality, list(of["minres_varimax"]["communality"].values()), rtol=0, atol=atol
    )
    oblique = efa.oblimin(efa.extract(r, 3, method="ml").loadings)
    turned, order = aligned(oblique.loadings, loadings(of["ml_oblimin"]))
    case.near(turned, loadings(of["ml_oblimin"]), rtol=0, atol=atol)
    phi = np.array([list(row.values()) for row in of["ml_oblimin"]["phi"].values()])
    case.near(np.abs(oblique.phi[np.ix_(order, order)]), phi, rtol=0, atol=atol)


def test_omega():
    case = Case("r02_efa_omega_thurstone")
    r, of = case.matrix(list(case.rows()[0])), case.expected["omega"]
    found = efa.omega(NormalTheory(r, case.spec["n"]))
    atol = case.tolerance["atol"]
    case.near(
        [found.total.value, found.hierarchical.value, found.alpha.value],
        [of["omega_total"], of["omega_h"], of["alpha"]],
        rtol=0,
        atol=atol,
    )
    case.near(
        [one.value for one in found.general], list(of["g_loadings"].values()), rtol=0, atol=atol
    )


def test_confirmed_factors():
    case = Case("r03_cfa_holzinger")
    x = case.matrix([f"x{at}" for at in range(1, 10)])
    blocks = {"visual": [0, 1, 2], "textual": [3, 4, 5], "speed": [6, 7, 8]}
    found = cfa.confirm_covariance(np.cov(x, rowvar=False), len(x), blocks)
    of = case.expected
    items = [row for row in of["parameters"] if row["op"] == "=~"]
    case.near(found.loadings, [row["est"] for row in items])
    case.near(found.se, [row["se"] for row in items])
    case.near(found.standardised, [row["std.all"] for row in items])
    errors = [one.half_width / 1.959963984540054 for one in map(found.loading, range(9))]
    # lavaan's standardizedSolution, which the case does not print.
    theirs = [0.05497273, 0.05961912, 0.05513931, 0.02254309, 0.02234125, 0.02335518]
    case.near(errors[:6], theirs, rtol=1e-5)
    fit, theirs = found.fit, of["fit"]
    case.near([fit.test.statistic, found.df], [theirs["chisq"], theirs["df"]])
    for index in ("cfi", "tli", "rmsea", "srmr"):
        case.near(getattr(fit, index).value, theirs[index])
    case.near(np.log(fit.test.p), np.log(theirs["pvalue"]))
    mine = [found.log_likelihood, found.aic, found.bic, found.parameters]
    case.near(mine, [of["fit"][k] for k in ("logl", "aic", "bic", "npar")])
    model = pls.Model({name: [f"x{i}" for i in at] for name, at in blocks.items()}, [])
    ratios = [list(row.values()) for row in of["htmt"].values()]
    case.near(validity.htmt2(np.corrcoef(x, rowvar=False), model), ratios)
    for at, name in enumerate(blocks):
        part = found.standardised[3 * at : 3 * at + 3]
        case.near(cfa.average_variance(part), of["AVE_std"][name])
        case.near(cfa.composite_reliability(part), of["CR_std"][name])


def test_smoothing_and_seasons():
    case = Case("f01_forecast_seasonality")
    found, of = forecast.smooth(case.column("y", "nile.csv")), case.expected["ets_ann_nile"]
    case.near([found.alpha, found.start, found.sse], [of["alpha"], of["l0"], of["sse"]])
    for mine, key in (("value", "mean"), ("low", "lo95"), ("high", "hi95")):
        told = [getattr(one, mine) for one in found.ahead(5)]
        case.near(told, of[key], rtol=case.tolerance["interval_rtol"])
    seasons = forecast.decompose(case.column("y", "nottem.csv"), 12)
    of, atol = case.expected["stl_nottem"], case.tolerance["stl_atol"]
    case.near(seasons.seasonal[:12], of["seasonal_first12"], rtol=0, atol=atol)
    case.near(seasons.trend[:12], of["trend_first12"], rtol=0, atol=atol)


def test_airline_model():
    case = Case("f01_forecast_seasonality")
    y = np.log(case.column("y", "airpassengers.csv"))
    found, of = arima.arima(y, (0, 1, 1), seasonal=(0, 1, 1), period=12), case.expected
    of = of["arima_011_011_log"]
    mine = [found.ma[0], found.seasonal_ma[0], found.log_likelihood, found.aic]
    case.near(mine, [of[k] for k in ("ma1", "sma1", "loglik", "aic")])
    # R divides the sum of squares by n less the coefficients.
    n = len(found.residuals)
    case.near(found.variance * n / (n - 2), of["sigma2"], rtol=2e-3)
    told = found.ahead(12)
    case.near([one.value for one in told], of["mean"])
    rtol = case.tolerance["interval_rtol"]
    case.near([one.low for one in told], of["lo95"], rtol=rtol)
    case.near([one.high for one in told], of["hi95"], rtol=rtol)
    # R has an error for the first 13 months too, next to nothing each.
    errors = np.concatenate([np.zeros(13), found.residuals])
    assert abs(arima.ljung_box(errors, 24, fitted=2).statistic / of["ljung_box"]["X2"] - 1) < 0.03


def test_seasons_that_change_and_outliers_that_count_little():
    """R's stl(nottem, s.window = 9), and stl(log(AirPassengers), s.window = 11, robust = TRUE)."""
    case = Case("f01_forecast_seasonality")
    found = forecast.decompose(_second(case, "nottem.csv"), 12, season=9)
    case.near(found.seasonal[[0, 100, 239]], [-8.080579584, 3.119750992, -10.524234928], rtol=1e-7)
    case.near(found.trend[[0, 100, 239]], [48.901176333, 48.55704599, 49.131740245], rtol=1e-7)
    y = np.log(_second(case, "airpassengers.csv"))
    found = forecast.decompose(y, 12, season=11, rounds=1, robust_rounds=15)
    case.near(found.seasonal[[0, 70, 143]], [-0.077360094, -0.214705868, -0.112021623], rtol=1e-6)
    case.near(found.trend[[0, 70, 143]], [4.806947293, 5.53140268, 6.20275752], rtol=1e-6)


def _second(case, file):
    return case.column(list(case.rows(file)[0])[-1], file)
