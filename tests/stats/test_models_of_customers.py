"""Models of people who answer several times, or weigh unequally: beside R 4.2.2 (survey 4.1.1,
survival 3.5.3, lavaan 0.6.14) on data made here, and by how often intervals hold the truth."""

import numpy as np
import pytest

from manyi.kit.scale import Scale
from manyi.stats import kano, maxdiff, reliability
from manyi.stats.churn import calibration, cohorts
from manyi.stats.churn.weibull import weibull_rows
from manyi.stats.drivers.ordinal import ordinal_rows
from manyi.stats.latent import index, missing, pls
from manyi.stats.survey.design import design_rows, share_rows
from manyi.stats.survey.late import late_rows
from tests.stats.test_against_peers import near


def people():
    rng = np.random.default_rng(31)
    n = 240
    x = np.round(rng.normal(size=(n, 2)), 2)
    cluster, w = rng.integers(0, 40, n), np.round(rng.gamma(2, 1, n) + 0.2, 2)
    y = x @ [0.8, -0.5] + rng.logistic(size=n) + rng.normal(size=40)[cluster]
    y = np.digitize(y, [-1, 0.5, 2])
    own = np.exp(1 + x @ [0.3, -0.2] + 0.7 * np.log(rng.exponential(size=n)))
    t, s = np.round(own + 0.01, 3), np.round(rng.exponential(6, n) + 0.01, 3)
    m = [x @ [1, 0.5] + rng.normal(size=n), x @ [0.5, 1] + rng.normal(size=n), x]
    m = np.column_stack([*m, rng.normal(size=n)]).round(3)
    gaps = rng.random(m.shape) < 0.15
    gaps[:, 2] = False
    m[gaps] = np.nan
    return x, cluster, w, y, np.minimum(t, s), t <= s, m, rng


X, CLUSTER, W, Y, T, LEFT, GAPS, REST = people()


def tasks():
    rng = REST
    sets = np.array([rng.choice(6, 4, replace=False) for _ in range(200)])
    u, who = np.array([1, 0.5, 0.2, -0.3, 0.6, 0]), np.repeat(np.arange(40), 5)
    own = u + np.repeat(rng.normal(size=(40, 6)), 5, axis=0)
    pairs = list(zip(sets, own, strict=True))
    best = np.array([s[np.argmax(o[s] + rng.gumbel(size=4))] for s, o in pairs])
    worst = []
    for s, o, b in zip(sets, own, best, strict=True):
        rest = s[s != b]
        worst.append(rest[np.argmax(-o[rest] + rng.gumbel(size=3))])
    return sets, best, np.array(worst), who, np.repeat(np.round(rng.gamma(3, 1, 40) + 0.2, 2), 5)


SETS, BEST, WORST, WHO, HEAVY = tasks()


def test_ordinal_regression():
    found = ordinal_rows(X, Y, W, cluster=CLUSTER)
    near(found.coefficients, [0.597747279, -0.406704006], 3e-5)
    near(found.thresholds, [-1.24266038, -0.0583879634, 1.60227983], 3e-4)
    near(found.se, [0.147856741, 0.121465032, 0.247378822, 0.186861545, 0.220885663], 3e-5)


def test_lifetimes():
    x = np.column_stack([np.ones(len(T)), X])
    plain = weibull_rows(T, LEFT, x, cluster=CLUSTER)
    near(plain.coefficients, [1.05972761, 0.312325599, -0.165418402], 1e-6)
    near(plain.se, [0.0432474151, 0.0457573926, 0.0638803176], 1e-6)
    # survreg's robust variance forgets the weights; its weighted dfbeta residuals do not.
    weighted = weibull_rows(T, LEFT, x, W, cluster=CLUSTER)
    near(np.sqrt(np.diag(weighted.covariance))[:3], [0.0532409201, 0.0584348629, 0.0821655044])


@pytest.mark.parametrize(
    ("given", "utility", "se"),
    [
        (
            {},
            [0.674327913, 0.602247943, 0.0167732862, -0.159469438, 0.443422941],
            [0.190003157, 0.189006777, 0.186241157, 0.188092839, 0.19217281],
        ),
        (
            {"cluster": WHO},
            [0.674327913, 0.602247943, 0.0167732862, -0.159469438, 0.443422941],
            [0.28570026, 0.208088211, 0.217590439, 0.214832395, 0.222716321],
        ),
        (
            {"cluster": WHO, "weights": HEAVY},
            [0.652179886, 0.709585228, 0.0996681783, -0.111666718, 0.372504121],
            [0.30686348, 0.239201711, 0.195660179, 0.237232832, 0.189038396],
        ),
    ],
)
def test_maxdiff(given, utility, se):
    # The clustered errors of coxph are times √(40/39) here, for there are few people.
    found = maxdiff.maxdiff_rows(SETS, BEST, WORST, items=6, **given)
    near([one.value for one in found.utilities[:5]], utility, 1e-7)
    near([one.half_width / 1.959963984540054 for one in found.utilities[:5]], se, 1e-7)
    assert found.people == (40 if given else 200)
    shares = found.preferences
    near(sum(one.value for one in shares), 100)
    assert all(0 < one.low < one.value < one.high < 100 for one in shares)


def test_missing_items():
    found = missing.em_covariance_rows(GAPS)
    near(found.means, [0.0355003236, 0.0356806352, 0.0957916667, 0.0268248883, -0.0380028878], 5e-5)
    theirs = [
        *(1.93728016, 0.837869117, 2.31450955, 0.928602444, 0.479448985),
        *(0.994984373, 0.290247536, 0.944252048, -0.0564296348, 0.908204317),
        *(-0.118616896, -0.0787312347, -0.0612148651, -0.0734300783, 0.909041929),
    ]
    near(found.covariance[np.tril_indices(5)], theirs, 2e-5)
    whole = GAPS[~np.isnan(GAPS).any(axis=1)]
    near(missing.em_covariance_rows(whole).covariance, pls.covariance_rows(whole), 1e-7)
    twice = missing.em_covariance_rows(np.vstack([GAPS, GAPS]))
    near(missing.em_covariance_rows(GAPS, np.full(240, 2.0)).covariance, twice.covariance, 1e-7)


def test_filling_in_is_right_where_means_are_not():
    rng = np.random.default_rng(8)
    a = rng.normal(size=20000)
    b = 0.7 * a + np.sqrt(0.51) * rng.normal(size=20000)
    b[a > 0] = np.nan
    x = np.column_stack([a, b])
    found = missing.em_covariance_rows(x)
    assert abs(found.covariance[0, 1] - 0.7) < 0.04 and abs(found.means[1]) < 0.03
    assert pls.covariance_rows(pls.fill_by_means(x))[0, 1] < 0.4


def kano_answers(rng, size, again):
    like = np.repeat(rng.random(size), again)
    f = np.where(like < 0.5, 1, rng.integers(1, 5, size * again))
    return f, np.where(like < 0.3, 5, rng.integers(2, 5, size * again))


def test_kano_of_weighted_answers_is_that_of_copies():
    f, d = kano_answers(np.random.default_rng(1), 80, 1)
    w = np.random.default_rng(2).integers(1, 4, 80)
    copies = kano.kano_counts(kano.cross_table(np.repeat(f, w), np.repeat(d, w)))
    found = kano.kano_rows(f, d, weights=w)
    assert found.category == copies.category and found.lee_newcomb == copies.lee_newcomb
    near(found.better.value, copies.better.value)
    near(found.worse.value, copies.worse.value)
    near(found.category_strength.value, copies.category_strength.value)
    near(found.total_strength.value, copies.total_strength.value)
    near(found.functional.value, copies.functional.value)
    assert found.better.high - found.better.low > copies.better.high - copies.better.low
    same = kano.kano_rows(f, d)
    assert same.counts == kano.kano_counts(kano.cross_table(f, d)).counts and same.shares == (
        kano.kano_counts(kano.cross_table(f, d)).shares
    )


def test_kano_of_people_who_say_it_thrice_is_no_surer():
    f, d = kano_answers(np.random.default_rng(3), 60, 1)
    once = kano.kano_rows(f, d, cluster=np.arange(60))
    thrice = kano.kano_rows(np.tile(f, 3), np.tile(d, 3), cluster=np.tile(np.arange(60), 3))
    near(thrice.better.high - thrice.better.low, once.better.high - once.better.low, 1e-6)
    near(thrice.leading.statistic, once.leading.statistic, 0.02)
    assert not kano.kano_rows([9], [9], cluster=[1])
    lone = kano.kano_rows([1, 1, 3, 1], [3, 3, 1, 1], cluster=[1, 1, 2, 3]).better
    assert (lone.value, lone.low, lone.high) == (100, 0, 100) and lone.warnings


def test_all_who_agree_are_as_many_as_they_are():
    alone = share_rows(np.ones(30), design_rows(np.ones(30)))
    again = share_rows(np.ones(90), design_rows(np.ones(90), psu=np.arange(90) % 30))
    near([again.low, again.n_effective], [alone.low, 30])


def alike(rng, size, again, items=4):
    own = np.repeat(rng.normal(size=(size, 1)), again, axis=0)
    habit = np.repeat(rng.normal(size=(size, items)), again, axis=0)
    noise = rng.normal(size=(size * again, items))
    return 5 + own + 0.8 * habit + 0.6 * noise, np.repeat(np.arange(size), again)


def hold(draw, truth, times=300):
    ends = [draw() for _ in range(times)]
    return np.mean([one.low <= truth <= one.high for one in ends])


def test_alpha_of_people_who_answer_again():
    rng, truth = np.random.default_rng(5), 4 / 3 * (1 - 8 / 20)

    def draw(cluster):
        x, who = alike(rng, 80, 4)
        return reliability.reliability_rows(x, cluster=who if cluster else None).alpha

    assert 0.92 <= hold(lambda: draw(True), truth) <= 0.98
    assert hold(lambda: draw(False), truth) < 0.85
    few = reliability.reliability_rows(*alike(rng, 80, 1)[:1], cluster=np.zeros(80)).alpha
    assert few.low is None and few.warnings


def test_index_of_people_who_answer_again():
    rng = np.random.default_rng(6)
    model = pls.Model({"a": ["1", "2"], "b": ["3", "4"]}, [("a", "b")])
    equal = {"a": np.array([0.5, 0.5]), "b": np.array([0.3, 0.7])}

    def draw(cluster):
        x, who = alike(rng, 80, 4)
        people = who if cluster else None
        return index.index_rows(x, model, equal, Scale(0, 10), cluster=people)["b"]

    assert 0.92 <= hold(lambda: draw(True), 50) <= 0.98
    assert hold(lambda: draw(False), 50) < 0.85


def test_index_of_weighted_answers():
    rng = np.random.default_rng(7)
    model = pls.Model({"a": ["1", "2"], "b": ["3", "4"]}, [("a", "b")])
    equal = {"a": np.array([0.5, 0.5]), "b": np.array([0.3, 0.7])}
    x, w = alike(rng, 200, 1)[0], rng.integers(1, 4, 200)
    heavy = index.index_rows(x, model, equal, Scale(0, 10), sample_weights=w)["a"]
    copies = index.index_rows(np.repeat(x, w, axis=0), model, equal, Scale(0, 10))["a"]
    near(heavy.value, copies.value)
    assert heavy.high - heavy.low > copies.high - copies.low


def test_forecasts_of_customers_who_are_forecast_again():
    rng = np.random.default_rng(11)
    y, p = rng.integers(0, 2, 90), rng.random(90).round(1)
    w = rng.integers(1, 4, 90)
    copies = calibration.auc_rows(np.repeat(y, w), np.repeat(p, w))
    heavy = calibration.auc_rows(y, p, weights=w)
    near(heavy.value, copies.value)
    assert heavy.high - heavy.low > copies.high - copies.low
    alone = calibration.auc_rows(y, p, cluster=np.arange(90))
    again = calibration.auc_rows(np.tile(y, 3), np.tile(p, 3), cluster=np.arange(270) % 90)
    near([again.value, again.low, again.high], [alone.value, alone.low, alone.high])
    plain = calibration.auc_rows(y, p)
    assert abs((alone.high - alone.low) / (plain.high - plain.low) - 1) < 0.05


def test_cohorts_of_customers_who_come_again():
    rng = np.random.default_rng(12)
    time, event = rng.exponential(5, 120), rng.random(120) < 0.8
    start = rng.integers(0, 2, 120)
    plain = cohorts.cohorts_rows(start, time, event, [3.0])
    again = cohorts.cohorts_rows(
        *(np.tile(one, 2) for one in (start, time, event)), [3.0], cluster=np.arange(240) % 120
    )
    for one, two in zip(plain, again, strict=True):
        near(two.retention[0].value, one.retention[0].value)
        width = two.retention[0].high - two.retention[0].low
        assert width > 0.8 * (one.retention[0].high - one.retention[0].low)


def test_late_answers_of_customers_who_answer_again():
    rng = np.random.default_rng(13)
    y, attempt = rng.integers(1, 6, 80), rng.integers(1, 4, 80)
    w = rng.integers(1, 4, 80)
    plain, whole = late_rows(y, attempt, response_rate=0.4)
    again, twice = late_rows(
        np.tile(y, 3), np.tile(attempt, 3), response_rate=0.4, cluster=np.arange(240) % 80
    )
    near([again.effect.value, twice.value], [plain.effect.value, whole.value])
    assert abs((twice.high - twice.low) / (whole.high - whole.low) - 1) < 0.05
    heavy, _ = late_rows(y, attempt, response_rate=0.4, weights=w)
    copies, _ = late_rows(np.repeat(y, w), np.repeat(attempt, w), response_rate=0.4)
    near(heavy.effect.value, copies.effect.value)
