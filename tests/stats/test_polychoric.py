import numpy as np
import pytest
from scipy import stats

from manyi.stats.latent import polychoric as poly


@pytest.mark.parametrize("r", [-0.95, -0.3, 0.0, 0.6, 0.99])
def test_the_normal_square_is_that_of_scipy(r):
    rng = np.random.default_rng(1)
    for h, k in rng.normal(size=(20, 2)):
        theirs = stats.multivariate_normal(cov=[[1, r], [r, 1]]).cdf([h, k])
        assert poly.normal_square(h, k, r) == pytest.approx(theirs, abs=2e-6)
    assert poly.normal_square(np.inf, 0.5, r) == pytest.approx(stats.norm.cdf(0.5))
    assert poly.normal_square(-np.inf, 0.5, r) == 0
    assert poly.normal_square(0, 0, r) == pytest.approx(0.25 + np.arcsin(r) / (2 * np.pi))


def test_tetrachoric_of_even_halves_has_a_closed_form():
    # Cut at the medians: P(both) = 1/4 + asin(r)/2π, so r = sin(2π·(p - 1/4)).
    found = poly.polychoric_counts([[400, 100], [100, 400]])
    assert found.correlation.value == pytest.approx(np.sin(2 * np.pi * (0.4 - 0.25)), abs=1e-7)
    np.testing.assert_allclose([one.value for one in (*found.rows, *found.columns)], 0, atol=1e-12)


def test_exact_tables_give_back_their_correlation():
    rows, columns = (
        np.array([-np.inf, -1, 0.2, 1.3, np.inf]),
        np.array([-np.inf, -0.5, 0.9, np.inf]),
    )
    for r in (-0.7, 0.15, 0.85):
        square = poly.normal_square(rows[:, None], columns[None, :], r)
        table = 1e5 * np.diff(np.diff(square, axis=0), axis=1)
        found = poly.polychoric_counts(table)
        assert found.correlation.value == pytest.approx(r, abs=1e-6)
        np.testing.assert_allclose([one.value for one in found.rows], rows[1:-1], atol=1e-9)


def test_intervals_cover_and_transposing_changes_nothing():
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(300):
        x, y = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], 300).T
        table = poly._crossed(np.digitize(x, [-1, 0, 1]), np.digitize(y, [-0.5, 0.8]), np.ones(300))
        found = poly.polychoric_counts(table).correlation
        hits += found.low <= 0.5 <= found.high
    assert 0.92 < hits / 300 < 0.98
    assert poly.polychoric_counts(table.T).correlation.value == pytest.approx(found.value, abs=1e-7)


def test_matrices_levels_nobody_chose_and_one_level():
    rng = np.random.default_rng(3)
    z = rng.normal(size=(400, 1)) + rng.normal(size=(400, 3))
    x = np.digitize(z, [-2, 0, 1.5]).astype(float)
    x[:20, 0] = np.nan
    r = poly.polychoric_rows(x)
    assert np.linalg.eigvalsh(r)[0] > 0 and (np.diag(r) == 1).all()
    assert r[np.triu_indices(3, 1)] == pytest.approx([0.5] * 3, abs=0.12)
    with_gap = poly.polychoric_counts([[30, 10, 0], [0, 0, 0], [10, 30, 0]])
    assert with_gap.correlation.value == pytest.approx(
        poly.polychoric_counts([[30, 10], [10, 30]]).correlation.value
    )
    with pytest.raises(ValueError):
        poly.polychoric_counts([[5, 6]])
