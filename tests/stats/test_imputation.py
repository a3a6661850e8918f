import numpy as np
import pytest

from manyi.stats.survey import imputation


def test_pooling_by_hand():
    # Rubin 1987: T = U + (1 + 1/m)·B.
    found = imputation.pool([1.0, 2.0, 3.0], [0.5, 0.5, 0.5], n=100)
    assert found.estimate.value == 2
    assert found.total == pytest.approx(0.5 + 4 / 3)
    r = (4 / 3) / 0.5
    assert found.estimate.df == pytest.approx(2 * (1 + 1 / r) ** 2)
    assert found.missing_information == pytest.approx((r + 2 / (found.estimate.df + 3)) / (r + 1))


def test_barnard_and_rubin_never_exceed_the_complete_df():
    for spread in (0.0, 0.01, 1.0, 50.0):
        found = imputation.pool([1 - spread, 1.0, 1 + spread], [0.3] * 3, n=20, complete_df=19)
        assert found.estimate.df <= 19
    older = imputation.pool([0.9, 1.0, 1.1], [0.3] * 3, n=20, complete_df=19, df="rubin")
    assert older.estimate.df > 19


def test_no_gap_costs_nothing():
    found = imputation.pool([2.0] * 5, [0.1] * 5, n=50, complete_df=49)
    assert found.missing_information < 0.05 and found.between == 0
    assert found.share_between == 0


def table(rng, n=300):
    x = rng.normal(size=n)
    y = x + rng.normal(size=n)
    gone = rng.random(n) < 1 / (1 + np.exp(-x))
    return np.column_stack([x, np.where(gone, np.nan, y)])


@pytest.mark.parametrize("method", ["pmm", "normal"])
def test_what_is_missing_for_a_reason_is_made_up_for(method):
    rng = np.random.default_rng(5)
    hits, bias, naive = 0, [], []
    for _ in range(100):
        known = table(rng)
        done = imputation.impute_rows(known, rng=rng, imputations=10, rounds=3, method=method)
        means = done[:, :, 1].mean(axis=1)
        variances = done[:, :, 1].var(axis=1, ddof=1) / len(known)
        found = imputation.pool(means, variances, n=len(known), complete_df=len(known) - 1)
        hits += found.estimate.low <= 0 <= found.estimate.high
        bias.append(found.estimate.value)
        naive.append(np.nanmean(known[:, 1]))
    assert abs(np.mean(bias)) < 0.1 < 0.2 < abs(np.mean(naive))
    assert hits > 87


def test_answers_that_are_there_stay_and_the_seed_decides():
    rng = np.random.default_rng(6)
    x = rng.integers(1, 6, (80, 4)).astype(float)
    x[rng.random(x.shape) < 0.2] = np.nan
    a = imputation.impute_rows(x, rng=np.random.default_rng(1), imputations=4)
    b = imputation.impute_rows(x, rng=np.random.default_rng(1), imputations=4)
    assert (a == b).all() and not np.isnan(a).any()
    there = ~np.isnan(x)
    assert (a[:, there] == x[there]).all()
    assert np.isin(a, [1, 2, 3, 4, 5]).all()
    with pytest.raises(ValueError):
        imputation.impute_rows(np.full((4, 2), np.nan), rng=rng)


def test_pooling_beside_another_hand():
    # R's mice 3.15, pool.scalar, with n = 60 and with n = Inf.
    q, u = [3.2, 3.5, 2.9, 3.8, 3.1], np.array([0.2, 0.25, 0.22, 0.18, 0.3]) ** 2
    small = imputation.pool(q, u, n=60, complete_df=59)
    told = small.estimate.value, small.total, small.estimate.df, small.missing_information
    assert told == pytest.approx((3.3, 0.20466, 5.003226404, 0.7996652552))
    large = imputation.pool(q, u, n=60)
    assert large.estimate.df == pytest.approx(7.44634944)
    assert large.missing_information == pytest.approx(0.7840559943)
