import numpy as np
import pytest
from scipy import special

from manyi.stats import agreement, kano, maxdiff, quality, reliability, servqual
from manyi.stats.errors import NormalTheory
from manyi.stats.survey.outcomes import Outcomes
from tests.oracles.reference import Case


def values(*found):
    return [one.value for one in found]


def _mean_and_se(found):
    """Undo the t interval: what others print is the standard error."""
    return found.value, (found.high - found.low) / 2 / special.stdtrit(found.df, 0.975)


def test_kano():
    case = Case("n01_kano_discrete_continuous")
    feature, f, d = case.labels("feature"), case.column("functional"), case.column("dysfunctional")
    assert [list(row) for row in kano.TABLE] == case.expected[
        "evaluation_table_rows_functional_like_to_dislike"
    ]
    for name, of in case.expected["features"].items():
        found = kano.kano_counts(kano.cross_table(f[feature == name], d[feature == name]))
        assert found is not None
        assert found.counts == of["counts"]
        assert (found.category, found.lee_newcomb) == (of["category_mode"], of["lee_newcomb"])
        case.near(
            [found.better.value, found.worse.value], [100 * of["SI_better"], 100 * of["DI_worse"]]
        )
        case.near(
            [found.category_strength.value, found.total_strength.value],
            [of["category_strength"], of["total_strength"]],
        )
        case.near(
            found.leading.statistic,
            1.65 * of["fong_test"]["diff"] / of["fong_test"]["critical_90"],
        )
        case.near(_mean_and_se(found.functional), [of["functional_mean"], of["functional_se"]])
        case.near(
            _mean_and_se(found.dysfunctional), [of["dysfunctional_mean"], of["dysfunctional_se"]]
        )
        assert found.worse.low < found.worse.value < found.worse.high
    assert kano.kano_counts(np.zeros((5, 5))) is None


def test_servqual():
    case = Case("n03_servqual_gaps")
    e, p = (case.matrix([f"{side}{at}" for at in range(1, 23)]) for side in "EP")
    order = ["tangibles", "reliability", "responsiveness", "assurance", "empathy"]
    items = {name: [int(g[1:]) - 1 for g in case.spec["dimensions"][name]] for name in order}
    found = servqual.servqual_rows(e, p, items, importance=case.matrix([f"w_{n}" for n in order]))
    of = case.expected
    case.near([one.value for one in found.items], list(of["item_gap_mean"].values()))
    gap = p - e
    case.near(
        gap.mean(0) / (gap.std(0, ddof=1) / np.sqrt(len(gap))), list(of["item_gap_t"].values())
    )
    for name in order:
        mine = found.dimensions[name]
        case.near(
            [mine.value, mine.low, mine.high],
            [of["dimension_gap_mean"][name], *of["dimension_gap_ci"][name]],
        )
        case.near(found.perceptions[name].value, of["servperf"][name])
        case.near(found.alpha[name].value, of["alpha_gap"][name])
    case.near(found.overall.value, of["overall_unweighted"])
    case.near(found.weighted.value, of["overall_weighted"])


def test_maxdiff():
    case = Case("n04_maxdiff_counts_clogit")
    sets = case.matrix(["i1", "i2", "i3", "i4"]).astype(int) - 1
    best, worst = (case.column(c).astype(int) - 1 for c in ("best", "worst"))
    found, of = maxdiff.maxdiff_rows(sets, best, worst, items=8), case.expected
    for key in ("shown", "best", "worst"):
        case.near(getattr(found, key), of["counts"][key])
    case.near(values(*found.scores), of["bw_score"])
    case.near(values(*found.utilities[:-1]), of["clogit"]["coef"])
    errors = [one.half_width / 1.959963984540054 for one in found.utilities[:-1]]
    case.near(errors, of["clogit"]["se"])
    case.near(found.log_likelihood, of["clogit"]["loglik"])
    case.near(np.array(values(*found.preferences)) / 100, of["share_of_preference"])


@pytest.mark.parametrize(
    ("key", "file", "missing"),
    [
        ("attitude", "attitude.csv", "listwise"),
        ("bfi_A_listwise", "bfi_A_reversed.csv", "listwise"),
        ("bfi_A_pairwise", "bfi_A_reversed.csv", "pairwise"),
    ],
)
def test_alpha(key, file, missing):
    case = Case("r01_cronbach_alpha")
    of = case.expected[key]
    x = case.matrix(list(case.rows(file)[0]), file)
    found = reliability.reliability_rows(x, missing=missing)
    case.near(found.alpha.value, of["raw_alpha"])
    case.near(
        [
            *values(found.standardised, found.lambda6, found.average_r),
            found.duhachek.half_width / 1.959963984540054,
        ],
        [of[k] for k in ("std_alpha", "guttman_lambda6", "average_r", "ase")],
    )
    case.near(values(*found.without), list(of["alpha_drop"].values()))
    case.near(values(*found.item_rest), list(of["item_rest_r"].values()))
    if missing == "listwise":
        case.near([found.alpha.low, found.alpha.high], of["feldt95"])


def test_sampling_adequacy():
    case = Case("r02_efa_omega_thurstone")
    r = case.matrix(list(case.rows()[0]))
    overall, items = reliability.kmo(NormalTheory(r, case.spec["n"]))
    assert overall.low < overall.value < overall.high < 1
    case.near(overall.value, case.expected["kmo"]["overall"], rtol=1e-6)
    case.near([one.value for one in items], list(case.expected["kmo"]["items"].values()), rtol=1e-6)
    found, of = reliability.bartlett_unweighted(r, case.spec["n"]), case.expected["bartlett"]
    case.near([found.statistic, found.df], [of["chisq"], of["df"]], rtol=1e-6)
    case.near(np.log(found.p), np.log(of["p"]), rtol=1e-6)


def test_kappa_of_many():
    case = Case("q01_fleiss_kappa_1971")
    found, of = agreement.fleiss_kappa(case.matrix(list(case.rows()[0]))), case.expected
    case.near(
        [found.kappa.value, found.seen.value / 100, found.chance.value / 100, found.test.statistic],
        [of[k] for k in ("kappa", "P_bar", "Pe", "z")],
    )
    assert found.kappa.low < found.kappa.value < found.kappa.high


def test_kappa_of_two():
    case = Case("q02_cohen_kappa")
    table, of = case.matrix(list(case.rows()[0])), case.expected
    plain = agreement.cohen_kappa_counts(table)
    ci = of["ci"]["unweighted kappa"]
    case.near([plain.value, plain.low, plain.high], [of["kappa"], ci["lower"], ci["upper"]])
    squared = agreement.cohen_kappa_counts(table, near="quadratic", variance="psych")
    ci = of["ci"]["weighted kappa"]
    case.near(
        [squared.value, squared.low, squared.high],
        [of["weighted_kappa_quadratic"], ci["lower"], ci["upper"]],
    )
    linear = agreement.cohen_kappa_counts(table, near="linear")
    case.near(linear.value, of["weighted_kappa_linear"])


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_krippendorff(level):
    case = Case("q03_krippendorff_alpha")
    ratings = case.matrix(list(case.rows()[0]))
    case.near(agreement.krippendorff_alpha(ratings, level), case.expected[level], atol=0)


def test_careless_answers():
    case = Case("d01_response_quality")
    x = case.matrix([f"q{at}" for at in range(1, 13)])
    seconds, of = case.column("seconds"), case.expected
    case.near(quality.longest_run_rows(x), of["longstring"])
    case.near(quality.variability_rows(x), of["irv"])
    outlying = quality.outlying_rows(x)
    case.near(outlying.distance, of["mahalanobis_d2"])
    assert (outlying.flagged() + 1).tolist() == of["mahalanobis_flag_p001"]
    case.near(quality.percent_match_rows(x), of["max_percent_match"])
    assert (quality.straightliners_rows(x) + 1).tolist() == of["straightliners"]
    assert (quality.speeders_rows(seconds) + 1).tolist() == of["speeders_lt_third_median"]
    slow = quality.speeders_rows(seconds, share_of_median=0.4)
    assert (slow + 1).tolist() == of["speeders_0.4_median"]
    assert (quality.duplicates_rows(x) + 1).tolist() == of["exact_duplicates"]


def test_outcome_rates():
    case = Case("d02_aapor_outcome_rates")
    for row, of in zip(case.rows(), case.expected["rows"], strict=True):
        counts = Outcomes(*(int(row[k]) for k in ("I", "P", "R", "NC", "O", "UH", "UO", "NE")))
        case.near(counts.e, float(row["e"]))
        rates = {name: (one.value or 0) / 100 for name, one in counts.estimates().items()}
        for key, value in of.items():
            if key in rates:
                case.near(rates[key], value)
        assert sum(key in rates for key in of) >= 15
    assert Outcomes(438, 22).response_rate().value == 100


def test_the_published_variance_of_weighted_kappa():
    # Fleiss, Cohen & Everitt (1969) on the same table: 0.0044161, not psych's 0.0041400.
    case = Case("q02_cohen_kappa")
    found = agreement.cohen_kappa_counts(case.matrix(list(case.rows()[0])), near="quadratic")
    assert (found.half_width / 1.959963985) ** 2 == pytest.approx(0.0044160918)
