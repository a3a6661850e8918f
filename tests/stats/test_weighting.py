import numpy as np
import pytest

from manyi.kit.problems import Problem
from manyi.kit.scale import Scale
from manyi.stats import moments
from manyi.stats.metrics import estimate
from manyi.stats.survey.rake import margins_of, rake_rows
from manyi.stats.survey.weighting import rake_moments

FIVE = Scale(1, 5)


def answered(seed=1, n=600):
    rng = np.random.default_rng(seed)
    codes = np.column_stack([rng.choice(2, n, p=[0.8, 0.2]), rng.integers(0, 3, n)])
    x = np.clip(rng.integers(1, 6, n) + codes[:, 0], 1, 5).astype(float)
    return codes, x, np.arange(n)


def by_cell(codes, x, ids):
    cells = {}
    for cell in {tuple(row) for row in codes.tolist()}:
        here = (codes == cell).all(axis=1)
        cells[cell] = moments.from_values(x[here], cluster=ids[here])
    return cells


def test_raking_cells_equals_raking_rows():
    codes, x, ids = answered()
    totals = [[0.5, 0.5], [0.2, 0.3, 0.5]]
    found = rake_moments(by_cell(codes, x, ids), totals)
    rows = rake_rows(codes, np.ones(len(x)), margins_of([np.array(t) * len(x) for t in totals]))
    mine = estimate("csat_mean", found.moments, FIVE)
    theirs = estimate("csat_mean", moments.from_values(x, rows.factors, ids), FIVE)
    assert (mine.value, mine.low, mine.high, mine.n_effective) == pytest.approx(
        (theirs.value, theirs.low, theirs.high, theirs.n_effective)
    )
    assert mine.n == 600 and found.deff > 1.1
    assert found.moments.n_customers == 600


def test_weighting_mends_a_lopsided_sample():
    codes, x, ids = answered()
    truth = 0.5 * x[codes[:, 0] == 0].mean() + 0.5 * x[codes[:, 0] == 1].mean()
    cells = {cell[:1]: moments.empty() for cell in by_cell(codes, x, ids)}
    for cell, one in by_cell(codes, x, ids).items():
        cells[cell[:1]] = moments.merge_disjoint(cells[cell[:1]], one)
    found = rake_moments(cells, [[1, 1]])
    assert estimate("csat_mean", found.moments, FIVE).value == pytest.approx(truth)


def test_huge_weights_are_capped_and_noted():
    cells = {(0,): moments.from_counts([5], [99]), (1,): moments.from_counts([1], [1])}
    found = rake_moments(cells, [[50, 50]])
    assert [note.code for note in found.warnings] == ["weights_capped"]
    assert found.moments.w.max() <= 100


def test_a_kind_of_people_that_nobody_stands_for():
    with pytest.raises(Problem) as refused:
        rake_moments({(0,): moments.from_counts([5], [9])}, [[1, 1]])
    assert refused.value.code == "rake_empty_level"
