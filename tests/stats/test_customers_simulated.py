"""No difference, customers who answer one to eight times, answers alike by .5: how often tests
cry wolf at 5 %, and how often intervals hold the truth."""

import numpy as np
import pytest
from scipy.special import ndtr

from manyi.stats import segments
from manyi.stats.churn import survival
from manyi.stats.effect import series, waves
from manyi.stats.logistic import logistic_rows
from manyi.stats.moments import from_values

REPEATS = [
    pytest.param(300, id="short"),
    pytest.param(3000, id="whole", marks=pytest.mark.slow),
]
PLACES = [pytest.param(False, id="of one group"), pytest.param(True, id="in several groups")]
N, K = 80, 3
CUTS = [-1.8, -1.2, -0.5, 0.4]


def drawn(rng, *, crossed, groups=K):
    """Return the customer, the group, a normal mood and the weight of each answer."""
    often = rng.integers(1, 9, N)
    who = np.repeat(np.arange(N), often)
    mood = np.sqrt(0.5) * rng.normal(size=N)[who] + np.sqrt(0.5) * rng.normal(size=len(who))
    group = rng.integers(0, groups, len(who)) if crossed else rng.integers(0, groups, N)[who]
    return rng.integers(0, 2**60, N)[who], group, mood, rng.choice([0.5, 1.0, 2.0], N)[who]


def parts(y, group, weights, ids):
    return {
        g: from_values(y[group == g], weights[group == g], ids[group == g])
        for g in np.unique(group).tolist()
    }


def by_groups(rng, *, crossed):
    """Return the p of every test of groups, and of one that takes answers for people."""
    ids, group, mood, w = drawn(rng, crossed=crossed)
    answers = np.digitize(mood, CUTS) + 1.0
    of, marks = parts(answers, group, w, ids), parts((answers >= 4) * 1.0, group, w, ids)
    naive = {g: from_values(answers[group == g]) for g in of}
    pair = {g: of[g] for g in (0, 1)}
    return {
        "naive": segments.welch_anova(naive).p,
        "welch": segments.welch_anova(of).p,
        "ranks": segments.kruskal(of).p,
        "chi_square": segments.chi_square(marks).p,
        "pair": segments.pairwise_means(pair)[0, 1].p,
        "pair of shares": segments.pairwise_shares({g: marks[g] for g in (0, 1)})[0, 1].p,
        "wilcoxon": waves.wilcoxon(of[0], of[1]).p,
        "trend": series.share_trend(list(marks.values())).p,
    }


def by_rows(rng, *, crossed):
    """Return the p of every test that needs rows."""
    ids, group, mood, w = drawn(rng, crossed=crossed)
    left = np.ceil(-8 * np.log(np.clip(ndtr(mood), 1e-9, 1)))
    seen, gone = np.minimum(left, 12), (left <= 12) * 1
    before, after = (mood + 0.7 * rng.normal(size=len(mood)) > 0 for _ in range(2))
    x = np.column_stack([np.ones(len(mood)), group == 1, group == 2]).astype(float)
    fit = logistic_rows(x, mood > 0, w, cluster=ids)
    z = fit.coefficients[1] / fit.se[1]
    return {
        "naive": survival.log_rank(seen, gone, group).p,
        "log_rank": survival.log_rank(seen, gone, group, weights=w, cluster=ids).p,
        "peto": survival.peto(seen, gone, group, cluster=ids).p,
        "mcnemar": waves.mcnemar_rows(before, after, weights=w, cluster=ids).p,
        "logistic": 0.01 if abs(z) > 2 else 1.0,  # t with some fifty customers' worth
    }


@pytest.mark.parametrize("repeats", REPEATS)
@pytest.mark.parametrize("crossed", PLACES)
@pytest.mark.parametrize("draw", [by_groups, by_rows])
def test_repeated_customers_do_not_fake_differences(repeats, crossed, draw):
    rng = np.random.default_rng(11)
    found = [draw(rng, crossed=crossed) for _ in range(repeats)]
    wrong = {name: np.mean([one[name] < 0.05 for one in found]) for name in found[0]}
    naive = wrong.pop("naive")
    chance = 3 * np.sqrt(0.05 * 0.95 / repeats)
    assert {name for name, p in wrong.items() if not 0.03 - chance <= p <= 0.075 + chance} == set()
    assert crossed or naive > 0.2


@pytest.mark.parametrize("repeats", REPEATS)
@pytest.mark.parametrize("crossed", PLACES)
def test_intervals_of_repeated_customers_hold_the_truth(repeats, crossed):
    rng = np.random.default_rng(12)
    truth = 100 * np.exp(-5 / 8)
    held = {"gap": 0, "share": 0, "wave": 0, "slope": 0, "retention": 0}
    for _ in range(repeats):
        ids, group, mood, w = drawn(rng, crossed=crossed)
        of = parts(np.digitize(mood, CUTS) + 1.0, group, w, ids)
        marks = parts((mood > 0.1) * 1.0, group, w, ids)
        left = np.ceil(-8 * np.log(ndtr(mood)) * 10) / 10
        curve = survival.kaplan_meier(
            np.minimum(left, 9), left <= 9, weights=w, cluster=ids, transform="log-log"
        )
        for name, (effect, true) in {
            "gap": (segments.pairwise_means(of)[0, 2].effect, 0.0),
            "share": (segments.pairwise_shares({g: marks[g] for g in (0, 1)})[0, 1].effect, 0.0),
            "wave": (waves.welch(of[0], of[1]).effect, 0.0),
            "slope": (series.mean_trend(list(of.values())).effect, 0.0),
            "retention": (curve.at(5), truth),
        }.items():
            held[name] += effect.low <= true <= effect.high
    chance = 3 * np.sqrt(0.05 * 0.95 / repeats)
    share = {name: n / repeats for name, n in held.items()}
    assert {name: s for name, s in share.items() if not 0.93 - chance <= s <= 0.97 + chance} == {}
