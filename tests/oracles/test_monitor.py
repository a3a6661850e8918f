import numpy as np
import pytest

from manyi.stats.monitor import arl, changepoint, charts, constants, rules, sequential, surprise
from tests.oracles.reference import Case


def rings(case):
    return case.column("diameter").reshape(40, 5), np.arange(40) < 25


def test_charts_of_samples():
    case = Case("c01_xbar_R_S_pistonrings")
    x, phase = rings(case)
    of = case.expected
    mean = charts.mean_chart(x, phase=phase)
    case.near(
        [mean.center, mean.sd, mean.low[0], mean.high[0]],
        [of["xbar"][k] for k in ("center", "sd_within", "LCL", "UCL")],
    )
    case.near(mean.points[:25], of["statistics_phase1"])
    spread = charts.range_chart(x, phase=phase)
    case.near([spread.center, spread.low[0], spread.high[0]], list(of["R"].values()))
    deviation = charts.deviation_chart(x, phase=phase)
    case.near(
        [deviation.center, deviation.sd, deviation.low[0], deviation.high[0]],
        list(of["S"].values()),
    )


def test_charts_of_shares():
    case = Case("c02_p_np_chart_orangejuice")
    of = case.expected
    d, trial = (
        case.column("D", "orangejuice.csv"),
        case.labels("trial", "orangejuice.csv") == "TRUE",
    )
    found = charts.p_chart(d, np.full(len(d), 50), phase=trial)
    one = of["phase1"]
    case.near([found.center, found.low[0], found.high[0]], [one["center"], one["LCL"], one["UCL"]])
    assert [s + 1 for s in found.signals if trial[s]] == of["signals_phase1_idx"]
    counts = charts.np_chart(d, 50, phase=trial)
    case.near(
        [counts.center, counts.low[0], counts.high[0]],
        [one["np_center"], one["np_LCL"], one["np_UCL"]],
    )
    kept = trial & ~np.isin(np.arange(len(d)), [14, 22])
    without = charts.p_chart(d, np.full(len(d), 50), phase=kept)
    case.near(
        [without.center, without.low[0], without.high[0]], list(of["phase1_without_15_23"].values())
    )
    d2, trial2 = (
        case.column("D", "orangejuice2.csv"),
        case.labels("trial", "orangejuice2.csv") == "TRUE",
    )
    second = charts.p_chart(d2, np.full(len(d2), 50), phase=trial2)
    case.near([second.center, second.low[0], second.high[0]], list(of["orangejuice2"].values()))


def test_laney():
    case = Case("c03_laney_p_prime")
    x, n, of = case.column("satisfied"), case.column("n"), case.expected
    found, plain = charts.laney_chart(x, n), charts.p_chart(x, n)
    case.near(found.center, of["pbar"])
    z = (plain.points - plain.center) / (plain.sd / np.sqrt(n))
    case.near(z, of["z"])
    case.near(charts.between(z), of["sigma_z"])
    case.near(found.low, of["LCL"])
    case.near(found.high, of["UCL"])
    case.near(plain.low, of["LCL_p"])
    case.near(plain.high, of["UCL_p"])
    assert (plain.signals + 1).tolist() == of["signals_p"]
    assert (found.signals + 1).tolist() == np.atleast_1d(of["signals_laney"]).tolist()


def test_individuals():
    case = Case("c04_individuals_mr_viscosity")
    x, trial, of = case.column("viscosity"), case.labels("trial") == "TRUE", case.expected
    found = charts.individuals_chart(x, phase=trial)
    case.near(
        [found.center, found.sd, found.low[0], found.high[0]],
        [of[k] for k in ("center", "sd_mr", "LCL", "UCL")],
    )
    moving = charts.moving_range_chart(x[trial])
    case.near([moving.center, moving.high[0]], [of["mr_bar"], of["mr_UCL"]])
    by_sd = charts.individuals_by_sd_chart(x, phase=trial)
    case.near([by_sd.sd, by_sd.low[0], by_sd.high[0]], list(of["sd_method_SD"].values()))
    kept = charts.individuals_chart(np.delete(x[trial], 3))
    case.near(
        [kept.center, kept.sd, kept.low[0], kept.high[0]], list(of["without_batch4"].values())
    )


def test_counts_of_events():
    case = Case("c08_c_u_charts")
    x, trial = case.column("x", "circuit.csv"), case.labels("trial", "circuit.csv") == "TRUE"
    found = charts.c_chart(x, phase=trial)
    case.near(
        [found.center, found.sd, found.low[0], found.high[0]],
        list(case.expected["circuit_c"].values()),
    )
    kept = trial & ~np.isin(np.arange(len(x)), [5, 19])
    without = charts.c_chart(x, phase=kept)
    case.near(
        [without.center, without.low[0], without.high[0]],
        list(case.expected["circuit_c_without_6_20"].values()),
    )
    unit = charts.u_chart(case.column("x", "pcmanufact.csv"), case.column("size", "pcmanufact.csv"))
    case.near(
        [unit.center, unit.low[0], unit.high[0]], list(case.expected["pcmanufact_u"].values())
    )


def test_ewma_and_cusum():
    case = Case("c05_ewma_cusum_pistonrings")
    x, _ = rings(case)
    of = case.expected["ewma"]
    error = of["sd"] / np.sqrt(5)
    z = (x.mean(axis=1) - of["center"]) / error
    found = sequential.ewma_path(z, weight=of["lambda"], width=of["L"])
    case.near(of["center"] + error * found.upper, of["ewma"])
    case.near(of["center"] - error * found.limit, of["LCL"])
    case.near(of["center"] + error * found.limit, of["UCL"])
    of = case.expected["cusum"]
    sums = sequential.cusum_path(z, slack=of["k"], decision=of["h"])
    case.near(sums.upper, of["upper"], rtol=1e-6, atol=1e-6)
    case.near(np.abs(sums.lower), np.abs(of["lower"]), rtol=1e-6, atol=1e-6)
    assert (sums.signals + 1).tolist() == of["signals"]


def test_run_lengths():
    case = Case("c06_arl_design_spc")
    for row in case.expected["ewma_crit"]:
        case.near(arl.ewma_width(row["lambda"], row["ARL0"]), row["L"])
    for row in case.expected["ewma_arl"]:
        case.near(arl.ewma_arl(row["lambda"], row["L"], row["mu"]), row["ARL"])
    for row in case.expected["cusum_arl"]:
        case.near(arl.cusum_arl(row["k"], row["h"], row["mu"]), row["ARL"])
    for row in case.expected["cusum_crit"]:
        case.near(arl.cusum_decision(row["k"], row["ARL0"]), row["h"])
    for row in case.expected["shewhart"]:
        case.near(arl.shewhart_arl(row["L"]), row["ARL0"])
        case.near(arl.shewhart_width(row["ARL0"]), row["L"])


def test_change_points():
    case = Case("c07_changepoint_nile")
    x, of = case.column("value"), case.expected
    found = changepoint.change_points(x)
    case.near(found.bic, of["breakpoints"]["bic"])
    case.near(found.rss, of["breakpoints"]["rss"])
    assert found.breaks == (of["breakpoints"]["index"],)
    case.near([one.value for one in found.means], of["segment_means"])
    case.near(changepoint.sup_f(x)[0], of["supF"]["stat"])
    case.near(changepoint.ols_cusum(x), [of["ols_cusum"]["stat"], of["ols_cusum"]["p"]])


def test_constants():
    for n, rounded in constants.ROUNDED_D2.items():
        assert constants.range_moments(n)[0] == pytest.approx(rounded, abs=6e-4)
    assert constants.range_moments(5)[1] == pytest.approx(0.8640819, abs=1e-6)
    assert constants.c4(5) == pytest.approx(0.9399856)


def test_ewma_keeps_its_promise():
    rng = np.random.default_rng(1)
    width, lengths = arl.ewma_width(0.2, 100), []
    fixed = width * np.sqrt(0.2 / 1.8)
    for _ in range(600):
        value, steps = 0.0, 0
        while abs(value) <= fixed:
            value, steps = 0.2 * rng.normal() + 0.8 * value, steps + 1
        lengths.append(steps)
    assert np.mean(lengths) == pytest.approx(100, rel=0.13)


def test_nelsons_rules():
    assert rules.nelson([0, 3.1, 0])["outside"].tolist() == [1]
    assert rules.nelson([0.1] * 9)["same_side"].tolist() == [8]
    assert rules.nelson([0.0, 0.1, 0.2, 0.3, 0.4, 0.5])["trend"].tolist() == [5]
    assert rules.nelson([0, 1] * 7)["alternating"].tolist() == [13]
    assert rules.nelson([2.1, 0, 2.2])["two_of_three"].tolist() == [2]
    assert rules.nelson([1.1, 1.2, 0, 1.3, 1.1])["four_of_five"].tolist() == [4]
    assert rules.nelson([0.5, -0.5, 0.1] * 5)["hugging"].tolist() == [14]
    assert rules.nelson([1.5, -1.5] * 4)["avoiding"].tolist() == [7]
    assert rules.nelson([1.5] * 8)["avoiding"].tolist() == []


def test_small_hours_are_judged_by_their_own_size():
    calm = surprise.expected_count(3, 3, (900, 1000))
    assert calm.effect.high == 3 and calm.p > 0.5
    odd = surprise.expected_count(0, 6, (900, 1000))
    assert odd.p < 0.001 and odd.effect.low >= 3
    many = surprise.expected_count(0, 6, (900, 1000), overdispersion=200)
    assert many.p > odd.p


def test_a_budget_of_false_alarms():
    assert surprise.false_alarms([100, 100], [370, 370]) == pytest.approx(200 / 370)
    width = surprise.width_for_budget(7000, 1)
    assert arl.shewhart_arl(width) == pytest.approx(7000)
    p = np.concatenate([np.full(3, 1e-6), np.linspace(0.05, 1, 97)])
    assert surprise.findings(p).tolist() == [0, 1, 2]
