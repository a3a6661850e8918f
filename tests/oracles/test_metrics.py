import pytest

from manyi.kit.scale import NPS_SCALE, Scale
from manyi.stats import compare, distribution, intervals, moments, pooling
from manyi.stats.metrics import estimate, nps_change_of_counts
from tests.oracles.reference import Case


def test_intervals_of_shares():
    case = Case("m01_proportion_intervals")
    methods = {
        "wilson": intervals.wilson,
        "wilson_cc": intervals.wilson_corrected,
        "clopper_pearson": intervals.clopper_pearson,
        "jeffreys": intervals.jeffreys,
        "agresti_coull": intervals.agresti_coull,
        "wald_unclipped": lambda x, n, level: intervals.wald(x / n, n, level),
    }
    for row in case.expected["rows"]:
        for name, method in methods.items():
            found = method(row["x"], row["n"], case.expected["conf"])
            case.near(found, row[name])


def test_the_share_of_satisfied_has_wilsons_interval():
    case = Case("m01_proportion_intervals")
    for row in case.expected["rows"]:
        counted = moments.from_counts([1, 5], [row["n"] - row["x"], row["x"]])
        found = estimate("csat", counted, Scale(1, 5))
        case.near(
            [found.value, found.low, found.high], [100 * v for v in (row["p"], *row["wilson"])]
        )


@pytest.mark.parametrize(
    ("wave", "method"), [("W1", "t_interval"), ("W2", "t_interval"), ("small", "adjusted_wald")]
)
def test_nps(wave, method):
    case = Case("m02_nps_intervals_and_wave_difference")
    of = case.expected[wave]
    counted = moments.from_counts([3, 7, 10], [of["detractors"], of["passives"], of["promoters"]])
    found = estimate("nps", counted, NPS_SCALE)
    case.near([found.value, found.low, found.high], [of["nps"], *of[method]])


@pytest.mark.parametrize("wave", ["W1", "W2", "small"])
def test_nps_kernels(wave):
    case = Case("m02_nps_intervals_and_wave_difference")
    of = case.expected[wave]
    up, mid, down = of["promoters"], of["passives"], of["detractors"]
    variance = intervals.nps_variance(up / of["n"], down / of["n"])
    case.near(variance, of["var_trinomial"])
    plain = intervals.around(
        of["nps"] / 100, (variance / of["n"]) ** 0.5, intervals.normal_quantile(0.95)
    )
    case.near([100 * e for e in plain], of["wald"])
    case.near([100 * e for e in intervals.adjusted_wald_nps(up, mid, down)], of["adjusted_wald"])


def test_nps_of_two_waves():
    case = Case("m02_nps_intervals_and_wave_difference")
    waves = [case.expected[w] for w in ("W2", "W1")]
    now, before = (
        moments.from_counts([3, 7, 10], [w["detractors"], w["passives"], w["promoters"]])
        for w in waves
    )
    of = case.expected["W2_minus_W1_wald"]
    found = compare.difference(now, before, "nps", NPS_SCALE)
    case.near(found.value, of["diff"])
    # Ours is the t interval with n - 1, a little wider than the Wald interval on record.
    case.near([found.low, found.high], of["ci"], rtol=0.02)
    assert found.low < of["ci"][0] and found.high > of["ci"][1]
    sides = [(w["promoters"], w["passives"], w["detractors"]) for w in waves]
    plain = nps_change_of_counts(*sides)
    case.near([plain.effect.low, plain.effect.high], of["ci"])
    case.near([plain.statistic, plain.p], [of["z"], of["p"]])


def test_simultaneous_intervals_of_a_distribution():
    case = Case("m03_multinomial_simultaneous_ci")
    counts = case.column(next(iter(case.rows()[0])) if len(case.rows()[0]) == 1 else "count")
    case.near(distribution.goodman(counts), case.expected["goodman"])
    case.near(distribution.quesenberry_hurst(counts), case.expected["quesenberry_hurst"])
    counted = moments.from_counts([1, 2, 3, 4], counts)
    shares = distribution.simultaneous(counted, Scale(1, 4))
    found = [(one.share.low / 100, one.share.high / 100) for one in shares]
    case.near(found, case.expected["goodman"])


def test_units_are_drawn_to_the_whole():
    case = Case("m05_branch_shrinkage_league_table")
    columns = list(case.rows()[0])
    branch = case.labels("branch" if "branch" in columns else columns[0])
    score = case.column("score" if "score" in columns else columns[-1])
    units = {str(b): moments.from_values(score[branch == b]) for b in sorted(set(branch))}
    pool = pooling.pool_of(units, "mean", Scale(-1000, 1000))
    found = pooling.shrunken(units, "mean", Scale(-1000, 1000))
    assert pool is not None
    case.near(
        [pool.mean, pool.between, pool.within, pool.icc],
        [case.expected[k] for k in ("grand_mean", "tau2", "sigma2", "icc")],
    )
    for unit, value in case.expected["blup"].items():
        case.near(found[unit].value, value)
