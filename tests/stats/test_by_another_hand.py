"""What only the reference cases checked, on other answers: Kano, SERVQUAL, Laney and NPS worked
out by hand in base R 4.2.2 (weighted ones by survey 4.1.1)."""

import numpy as np
from scipy import special

from manyi.stats.kano import cross_table, kano_counts, kano_rows
from manyi.stats.metrics import nps_of_counts
from manyi.stats.monitor import charts
from manyi.stats.servqual import servqual_rows
from tests.stats.test_against_peers import near

N = 150


def drawn():
    rng = np.random.default_rng(2026)
    f = rng.choice(5, N, p=[0.45, 0.15, 0.2, 0.1, 0.1]) + 1
    d = rng.choice(5, N, p=[0.1, 0.15, 0.25, 0.15, 0.35]) + 1
    e = np.clip(np.round(5.5 + rng.normal(size=(N, 5))), 1, 7)
    p = np.clip(np.round(e - 0.6 + 1.1 * rng.normal(size=(N, 5))), 1, 7)
    points = rng.multinomial(100, [0.5, 0.3, 0.2], N)
    w, who = np.round(rng.gamma(3, 1, N) + 0.3, 2), rng.integers(0, 50, N)
    sizes = rng.integers(200, 3000, 24)
    counts = rng.binomial(sizes, np.clip(0.8 + 0.03 * rng.normal(size=24), 0, 1))
    return f, d, e, p, points, w, who, sizes, counts


F, D, E, P, POINTS, W, WHO, SIZES, COUNTS = drawn()
DIMENSIONS = {"one": [0, 1], "two": [2, 3], "three": [4]}


def ends(found):
    return found.value, found.low, found.high


def middle_and_error(found):
    return found.value, (found.high - found.low) / 2 / special.stdtrit(found.df, 0.975)


def test_kano():
    found = kano_counts(cross_table(F, D))
    assert found.counts == {"A": 39, "O": 23, "M": 23, "I": 41, "R": 13, "Q": 11}
    assert (found.category, found.lee_newcomb, found.sure) == ("I", "A", False)
    near([found.better.value, found.worse.value], [49.20634921, -36.50793651])
    near([found.better.low, found.better.high], [40.63062495, 57.82903499])
    near(found.leading.statistic, 1.65 * 2 / 12.63803782)
    near([found.category_strength.value, found.total_strength.value], [1.333333333, 56.66666667])
    near(
        [*middle_and_error(found.functional), *middle_and_error(found.dysfunctional)],
        [1.813333333, 0.1795810852, 1.393333333, 0.179708107],
    )
    near(found.shares["A"].value, 26)


def test_kano_of_weighted_customers():
    found = kano_rows(F, D, weights=W, cluster=WHO)
    both = [middle_and_error(one) for one in (found.functional, found.dysfunctional)]
    middle, errors = zip(*both, strict=True)
    near([*middle, *errors], [1.798342426, 1.312356836, 0.249787069, 0.178936869])
    near(ends(found.better), [49.85336496, 39.30870975, 60.41107988])
    near(ends(found.shares["M"]), [12.62754571, 7.627917354, 20.18794369])


def test_servqual():
    found = servqual_rows(E, P, DIMENSIONS, importance=POINTS)
    near(ends(found.dimensions["one"]), [-0.7633333333, -0.8829126295, -0.6437540371])
    near(ends(found.dimensions["two"]), [-0.6633333333, -0.788201326, -0.5384653407])
    near(ends(found.dimensions["three"]), [-0.7866666667, -0.959596183, -0.6137371504])
    near(ends(found.overall), [-0.7377777778, -0.8187991319, -0.6567564237])
    near(ends(found.weighted), [-0.7410666667, -0.8217028741, -0.6604304592])
    near(found.alpha["one"].value, -0.02883381865)
    assert found.alpha["three"].value is None


def test_servqual_of_weighted_customers():
    found = servqual_rows(E, P, DIMENSIONS, importance=POINTS, weights=W, cluster=WHO)
    near(ends(found.dimensions["one"]), [-0.7491254009, -0.8926855577, -0.605565244])
    near(ends(found.weighted), [-0.7273900504, -0.8319937614, -0.6227863394])


def test_laney():
    found = charts.laney_chart(COUNTS, SIZES)
    near(found.center, 0.7996466847)
    near(found.low[[0, 11]], [0.5748658071, 0.7210131865])
    near(found.high[[0, 11]], [1, 0.878280183])
    plain = charts.p_chart(COUNTS, SIZES)
    wider = (found.high - found.center)[11] / (plain.high - plain.center)[11]
    near(wider, 3.098603821)
    exact = charts.laney_chart(COUNTS, SIZES, d2="exact")
    near((exact.high - exact.center)[11] / (plain.high - plain.center)[11], 3.097562603)


def test_nps():
    counts = 67, 51, 32
    wald = nps_of_counts(*counts, method="wald", divisor="n")
    near(ends(wald), [23.33333333, 10.88017649, 35.78649018])
    near(ends(nps_of_counts(*counts))[1:], [10.73614278, 35.93052388])
    near(ends(nps_of_counts(*counts, method="adjusted_wald"))[1:], [10.55577516, 35.19585883])
