import math

import numpy as np
import pytest

from manyi.stats import moments
from manyi.stats.effect import did, ols, power, series, waves
from tests.oracles.reference import Case


def test_two_waves():
    case = Case("e01_two_wave_tests")
    of = case.expected
    (x1, x2), (n1, n2) = of["prop_z"]["x"], of["prop_z"]["n"]
    found = waves.share_test_counts(x1, n1, x2, n2)
    z, p = found.statistic, found.p
    case.near([abs(z), p], [of["prop_z"]["abs_z"], of["prop_z"]["p"]])
    wald = waves.share_wald_counts(x1, n1, x2, n2)
    case.near(np.array([wald.low, wald.high]) / 100, of["prop_z"]["wald_ci"])
    wave, seat = case.column("wave", "seat.csv"), case.column("seat_comfort", "seat.csv")
    one, two = (moments.from_values(seat[wave == w]) for w in (1, 2))
    found, theirs = waves.welch(one, two), of["welch"]
    case.near([found.statistic, found.df, found.p], [theirs[k] for k in ("t", "df", "p")])
    case.near([found.effect.low, found.effect.high], theirs["ci"])
    case.near(waves.cohen_d(one, two).value, theirs["cohen_d_pooled"])
    ranks = waves.wilcoxon(one, two)
    case.near([ranks.statistic, ranks.p, ranks.effect.value / 100], list(of["wilcoxon"].values()))
    case.near(waves.equivalence(one, two, 0.2).p, of["tost_margin_0.2"]["p"])
    found = waves.mcnemar_counts(of["mcnemar"]["table"])
    case.near([found.statistic, found.p], list(of["mcnemar"]["nocc"].values()))
    found = waves.mcnemar_counts(of["mcnemar"]["table"], correction="edwards")
    case.near([found.statistic, found.p], list(of["mcnemar"]["cc"].values()))
    both = moments.from_values(
        case.column("before", "sleep.csv") - case.column("after", "sleep.csv")
    )
    pair, theirs = waves.paired(both), of["paired_t"]
    case.near([pair.statistic, pair.df, pair.p], [theirs[k] for k in ("t", "df", "p")])
    case.near([pair.effect.low, pair.effect.high], theirs["ci"])


def test_difference_in_differences():
    case = Case("e02_difference_in_differences")
    t, store, treated, post, y = (
        case.column(c, "stores.csv") for c in ("t", "store", "treated", "post", "csat")
    )
    of = case.expected["stores_2x2"]
    found = did.two_by_two_rows(y, treated, post, store)
    case.near(found.test.effect.value, of["estimate"])
    case.near(math.sqrt(found.fit.clustered(store)[3, 3]), of["se"])
    case.near(math.sqrt(found.fit.classical()[3, 3]), of["se_classic"])
    two_way = did.two_way_rows(y, treated * post, store, t)
    case.near(two_way.test.effect.value, case.expected["stores_twfe"]["estimate"])
    case.near(
        math.sqrt(two_way.fit.clustered(store)[1, 1]),
        case.expected["stores_twfe"]["se_cluster_HC1"],
    )
    event = did.event_study_rows(y, treated, store, t, reference=4.0)
    theirs = case.expected["event_study"]
    case.near([gap.value for gap in event.gaps], [e["estimate"] for e in theirs.values()])
    case.near(event.se, [e["se"] for e in theirs.values()])


def test_small_sample_errors():
    case = Case("e02_difference_in_differences")
    state, year, legal, rate = (
        case.column(c, "mortality.csv") for c in ("state", "year", "legal", "mrate")
    )
    there = ~np.isnan(rate)
    found = did.two_way_rows(rate[there], legal[there], state[there], year[there])
    of = case.expected["mortality_twfe"]
    case.near(found.test.effect.value, of["estimate"])
    case.near(math.sqrt(found.fit.clustered(state[there])[1, 1]), of["se_CL_HC1"])
    exact = ols.small_sample(found.fit, state[there])
    case.near(math.sqrt(exact.covariance[1, 1]), of["se_CR2"])
    case.near([found.test.df, found.test.p], [of["satterthwaite_df"], of["p"]])


def test_an_interrupted_series():
    case = Case("e03_interrupted_time_series_seatbelts")
    y, law, of = np.log(case.column("DriversKilled")), case.column("law"), case.expected
    ours = series.interrupted_periods(y, int(np.argmax(law)), season=case.labels("mon"))
    case.near(ours.coefficients[1], of["t"]["estimate"])
    case.near(ours.coefficients[3], of["tpost"]["estimate"])
    # Theirs counts the months since from 1, so its jump is that of the month before.
    case.near(ours.coefficients[2] - ours.coefficients[3], of["law"]["estimate"])
    fit = ols.fit_rows(np.column_stack([ours.x[:, :3], case.column("tpost"), ours.x[:, 4:]]), y)
    plain, robust = fit.classical(), fit.newey_west(12)
    for at, key in ((1, "t"), (2, "law"), (3, "tpost")):
        case.near(fit.coefficients[at], of[key]["estimate"])
        case.near(math.sqrt(plain[at, at]), of[key]["se_ols"])
        case.near(math.sqrt(robust[at, at]), of[key]["se_nw12"])
    case.near(fit.durbin_watson(), of["dw"])
    found, gls = series.ar1_periods(np.delete(ours.x, 3, axis=1), y), of["gls_ar1"]
    case.near(
        [found.coefficients[2], found.se[2], found.phi.value, found.log_likelihood],
        [gls["law"], gls["se"], gls["phi"], gls["loglik"]],
    )


def test_sample_sizes():
    case = Case("e04_sample_size_power")
    of = case.expected
    case.near(power.size_for_shares(0.70, 0.75), of["prop_two_n"])
    case.near(power.power_of_shares(0.70, 0.75, power.size_for_shares(0.70, 0.75)), 0.8)
    case.near(power.power_of_shares(0.70, 0.75, 500), of["prop_two_power"])
    case.near(power.power_of_means(0.3, 1, 150), of["t_power"])
    h = power.arcsine_effect(0.75, 0.70)
    case.near([h, power.size_by_arcsine(h)], [of["arcsine_h"], of["arcsine_n"]])
    case.near(power.size_of_second(h, 1500), of["arcsine_unequal"])
    case.near(power.size_for_means(0.2, 1.1, power=0.9), of["t_two_n"])
    case.near(power.size_for_paired(0.2, 1.1), of["t_paired_n"])
    case.near(power.size_for_groups(0.1, 4), of["anova_n"])
    case.near(power.size_for_table(0.1, 4), of["chisq_n"])
    case.near(power.size_for_correlation(0.2), of["r_n"])
    margin = of["margin_error"]
    case.near(power.size_for_margin(0.03), margin["n_inf"])
    case.near(power.size_for_margin(0.03, population=5000), margin["n_fpc_N5000"])
    case.near(power.size_for_margin(0.03, deff=1.5), margin["deff1.5"])
    case.near(power.size_for_nps(5), of["nps_n"]["n"])
    case.near(power.size_for_panel(0.70, 0.75, 0.4), of["two_wave_paired_prop"]["n"])
    rise = power.detectable_share(0.70, of["prop_two_n"])
    assert rise == pytest.approx(0.05, abs=1e-6)


def test_trends():
    case = Case("e05_trend_tests")
    of = case.expected
    shares = series.cochran_armitage_counts(
        case.column("satisfied", "waves.csv"), case.column("n", "waves.csv")
    )
    case.near(
        [shares.statistic, shares.p], [of["cochran_armitage"]["X2"], of["cochran_armitage"]["p"]]
    )
    y = case.column("y", "series.csv")
    fit = series.trend_periods(y)
    case.near(fit.coefficients[1], of["ols_slope"])
    case.near(math.sqrt(fit.classical()[1, 1]), of["se_ols"])
    case.near(math.sqrt(fit.newey_west(3)[1, 1]), of["se_nw3"])
    case.near(
        [series.kendall_s(y), series.kendall_variance(y)],
        [of["mann_kendall"]["S"], of["mann_kendall"]["var"]],
    )
    found = series.mann_kendall_periods(y)
    case.near([found.statistic, found.p], [of["mann_kendall"]["z"], of["mann_kendall"]["p"]])
    case.near(found.effect.value, of["theil_sen"])
