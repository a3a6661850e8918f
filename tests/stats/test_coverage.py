"""How often intervals hold the truth: exactly where counting can tell, else by simulation."""

import numpy as np
import pytest
from scipy import stats

from manyi.kit.scale import NPS_SCALE, Scale
from manyi.stats import compare, composite, intervals, moments
from manyi.stats.metrics import estimate

FIVE = Scale(1, 5)
X = np.arange(1.0, 6.0)
SKEWED, FLAT, GOOD = ([0.02, 0.03, 0.1, 0.3, 0.55], [0.2] * 5, [0.01, 0.02, 0.05, 0.2, 0.72])
SIZES = [
    pytest.param(600, id="short"),
    pytest.param(6000, id="whole", marks=pytest.mark.slow),
]


def exact(method, n, p):
    """The coverage of an interval for shares, summed over all that can be counted."""
    ends = np.array([method(x, n, 0.95) for x in range(n + 1)])
    mass = stats.binom.pmf(np.arange(n + 1)[:, None], n, p[None, :])
    held = (ends[:, :1] <= p + 1e-12) & (p - 1e-12 <= ends[:, 1:])
    return (mass * held).sum(axis=0)


@pytest.mark.parametrize("n", [10, 30, 50, 200])
def test_shares_cover_95_percent_on_average(n):
    p = np.linspace(0.01, 0.99, 197)
    for method in (intervals.wilson, intervals.jeffreys):
        assert 0.94 <= exact(method, n, p).mean() <= 0.96
    assert exact(intervals.wilson, n, np.linspace(0.1, 0.9, 161)).min() > 0.91
    assert exact(intervals.agresti_coull, n, p).mean() > 0.94


def spans(n):
    """Shares to look at, with the places beside the ends of every interval, where it is worst."""
    ends = np.array([intervals.wilson(x, n) for x in range(n + 1)]).ravel()
    beside = np.concatenate([ends - 1e-9, ends + 1e-9, np.linspace(0.0005, 0.9995, 1999)])
    return np.sort(beside[(beside > 1e-6) & (beside < 1 - 1e-6)])


@pytest.mark.parametrize("n", [5, 10, 20, 50, 200])
def test_no_share_is_badly_covered(n):
    p = spans(n)
    held = exact(intervals.wilson, n, p)
    assert held.min() >= 0.83
    inner = held[(p >= 0.05) & (p <= 0.95)]
    assert inner.min() >= (0.91 if n >= 20 else 0.89 if n >= 10 else 0.83)


@pytest.mark.parametrize("n", [5, 10, 30, 100])
def test_clopper_and_pearson_never_cover_less(n):
    assert exact(intervals.clopper_pearson, n, np.linspace(0.001, 0.999, 500)).min() >= 0.95 - 1e-9


def covered(draw, truth, repeats):
    return np.mean([(e := draw()).low <= truth <= e.high for _ in range(repeats)])


def near_95(share, repeats, slack=0.01):
    assert abs(share - 0.95) < slack + 3 * np.sqrt(0.95 * 0.05 / repeats)


@pytest.mark.parametrize("repeats", SIZES)
@pytest.mark.parametrize("p", [SKEWED, FLAT, GOOD])
@pytest.mark.parametrize("n", [50, 150])
def test_means(repeats, p, n):
    rng = np.random.default_rng(1)
    share = covered(
        lambda: estimate("csat_mean", moments.from_counts(X, rng.multinomial(n, p)), FIVE),
        float(np.dot(p, X)),
        repeats,
    )
    near_95(share, repeats)


@pytest.mark.parametrize("n", [3, 10, 30])
def test_unanimous_means_never_mislead(n):
    # Whatever the one dissent of a hundred would have said, the bounds hold it.
    rng = np.random.default_rng(2)
    hits = []
    for odd in (1.0, 4.0):
        truth = 0.03 * odd + 0.97 * 5
        for _ in range(800):
            counts = rng.multinomial(n, [0.03, 0.97])
            if counts[0] == 0:
                found = estimate("csat_mean", moments.from_counts([odd, 5.0], counts), FIVE)
                hits.append(found.low <= truth <= found.high)
    assert all(hits)


@pytest.mark.parametrize("repeats", SIZES)
@pytest.mark.parametrize("p", [[0.1, 0.3, 0.6], [0.3, 0.4, 0.3], [0.2, 0.2, 0.6]])
@pytest.mark.parametrize("n", [20, 50, 200])
def test_nps(repeats, p, n):
    rng = np.random.default_rng(3)
    share = covered(
        lambda: estimate("nps", moments.from_counts([3, 7, 10], rng.multinomial(n, p)), NPS_SCALE),
        100 * (p[2] - p[0]),
        repeats,
    )
    near_95(share, repeats, slack=0.012)


@pytest.mark.parametrize("repeats", SIZES)
@pytest.mark.parametrize("metric", ["csat", "csat_mean"])
@pytest.mark.parametrize("n", [50, 200])
def test_differences(repeats, metric, n):
    rng = np.random.default_rng(4)
    truth = (np.array(SKEWED) - FLAT) @ X if metric == "csat_mean" else 100 * (0.85 - 0.4)
    share = covered(
        lambda: compare.difference(
            moments.from_counts(X, rng.multinomial(n, SKEWED)),
            moments.from_counts(X, rng.multinomial(n, FLAT)),
            metric,
            FIVE,
        ),
        float(truth),
        repeats,
    )
    near_95(share, repeats)


CUTS = [-1.8, -1.2, -0.5, 0.4]
P = np.diff(stats.norm.cdf([-np.inf, *CUTS, np.inf]))


def moods(rng, n, share=0.7):
    """Answers of customers who answer one to four times and are like themselves."""
    sizes = rng.integers(1, 5, n)
    sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), n)) + 1]
    own = np.repeat(rng.normal(size=len(sizes)), sizes)
    mood = share * own + np.sqrt(1 - share**2) * rng.normal(size=len(own))
    ids = np.repeat(rng.integers(0, 2**60, len(sizes)), sizes)
    return moments.from_values(np.digitize(mood, CUTS) + 1.0, cluster=ids)


@pytest.mark.parametrize("repeats", SIZES)
@pytest.mark.parametrize("metric", ["csat", "csat_mean"])
@pytest.mark.parametrize("n", [50, 300])
def test_customers_who_answer_again(repeats, metric, n):
    rng = np.random.default_rng(5)
    truth = float(P @ X) if metric == "csat_mean" else 100 * P[3:].sum()
    near_95(covered(lambda: estimate(metric, moods(rng, n), FIVE), truth, repeats), repeats, 0.015)


@pytest.mark.parametrize("repeats", SIZES)
def test_composites_of_the_same_people(repeats):
    rng = np.random.default_rng(6)
    truth = 0.25 * 100 * P[3:].sum() + 0.75 * 25 * (P @ X - 1)

    def draw():
        own, ids = rng.normal(size=120), rng.integers(0, 2**60, 120)
        asked = [
            moments.from_values(
                np.digitize(0.8 * own + 0.6 * rng.normal(size=120), CUTS) + 1.0, cluster=ids
            )
            for _ in range(2)
        ]
        return composite.combine(
            [
                composite.Leaf(1, asked[0], "csat", FIVE),
                composite.Leaf(3, asked[1], "csat_index", FIVE),
            ]
        )

    near_95(covered(draw, float(truth), repeats), repeats, 0.015)


@pytest.mark.parametrize("repeats", SIZES)
@pytest.mark.parametrize("metric", ["csat", "csat_mean", "nps"])
@pytest.mark.parametrize("n", [50, 200])
def test_weighted_answers(repeats, metric, n):
    # Half of the people answer three times as seldom, are other people, and weigh for it.
    rng = np.random.default_rng(7)
    scale = NPS_SCALE if metric == "nps" else FIVE
    points = np.array([3.0, 7, 10]) if metric == "nps" else X
    one, two = ([0.1, 0.3, 0.6], [0.3, 0.3, 0.4]) if metric == "nps" else (SKEWED, FLAT)
    both = (np.array(one) + two) / 2
    scores = {"csat": 100.0 * (X >= 4), "csat_mean": X, "nps": np.array([-100.0, 0, 100])}
    truth = float(both @ scores[metric])

    def draw():
        from_one = rng.random(n) < 0.75
        x = np.where(from_one, rng.choice(points, n, p=one), rng.choice(points, n, p=two))
        return estimate(metric, moments.from_values(x, np.where(from_one, 1.0, 3.0)), scale)

    near_95(covered(draw, truth, repeats), repeats, 0.015)


@pytest.mark.parametrize("n", [50, 200])
def test_weighted_shares_where_the_heavy_differ_most(n):
    # Kish's effective n alone would hold the truth in only 93 of 100 samples here.
    rng = np.random.default_rng(8)
    truth = 100 * float((np.array(SKEWED) + FLAT)[3:].sum()) / 2

    def draw():
        first = rng.random(n) < 0.75
        x = np.where(first, rng.choice(X, n, p=SKEWED), rng.choice(X, n, p=FLAT))
        return estimate("csat", moments.from_values(x, np.where(first, 1.0, 3.0)), FIVE)

    assert covered(draw, truth, 2500) > 0.94


def test_means_of_customers_miss_on_both_sides():
    rng = np.random.default_rng(10)
    truth, sides = float(P @ X), np.zeros(2)
    for _ in range(1500):
        found = estimate("csat_mean", moods(rng, 100), FIVE)
        sides += [truth < found.low, truth > found.high]
    below, above = sides / 1500
    assert below + above < 0.065 and below < 2.5 * above
