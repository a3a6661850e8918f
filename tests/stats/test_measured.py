"""Figures of factor and path models with their intervals, against other hands."""

import numpy as np
import pytest

from manyi.stats.cross import coarser, cross_rows
from manyi.stats.errors import Bootstrap, ByCustomer, NormalTheory
from manyi.stats.latent import cfa, efa, pls
from manyi.stats.latent.measured import measured

LOADINGS = np.array([0.8, 0.7, 0.6, 0.75, 0.65, 0.55])
BLOCKS = {"a": [0, 1, 2], "b": [3, 4, 5]}
MODEL = pls.Model({"a": ["a1", "a2", "a3"], "b": ["b1", "b2", "b3"]}, [("a", "b")])


def answers(rng, n, r=0.5):
    f = rng.multivariate_normal([0, 0], [[1, r], [r, 1]], n)[:, [0, 0, 0, 1, 1, 1]]
    return f * LOADINGS + rng.normal(size=(n, 6)) * np.sqrt(1 - LOADINGS**2)


def test_standardised_loadings_hold_the_truth():
    rng, held = np.random.default_rng(1), np.zeros(6)
    for _ in range(60):
        found = cfa.confirm_unweighted_rows(answers(rng, 250), BLOCKS)
        each = [found.loading(at) for at in range(6)]
        held += [one.low <= t <= one.high for one, t in zip(each, LOADINGS, strict=True)]
    assert 0.9 < held.mean() / 60 < 0.98


def test_errors_of_standardised_loadings_are_those_of_normal_theory():
    s = np.cov(answers(np.random.default_rng(2), 4000), rowvar=False)
    found = cfa.confirm_covariance(s, 4000, BLOCKS)
    theirs = cfa.loading_estimates(NormalTheory(s, 4000), 4000, BLOCKS)
    for at in range(6):
        assert found.loading(at).half_width == pytest.approx(theirs[at].half_width, rel=0.06)
    low, high = found.reliability([0, 1, 2]).low, found.reliability([0, 1, 2]).high
    assert low < cfa.composite_reliability(LOADINGS[:3]) < high
    assert found.variance_extracted([3, 4, 5]).low < (LOADINGS[3:] ** 2).mean()


def test_loadings_of_customers_who_answered_again_are_less_sure():
    rng = np.random.default_rng(3)
    x = np.repeat(answers(rng, 120), 4, axis=0) + 0.05 * rng.normal(size=(480, 6))
    names = [f"x{at}" for at in range(6)]
    knows = ByCustomer(cross_rows(names, x, cluster=np.repeat(np.arange(120), 4)))
    plain = NormalTheory(np.cov(x, rowvar=False), 480)
    one, two = (cfa.loading_estimates(way, 480, BLOCKS) for way in (plain, knows))
    wider = [b.half_width / a.half_width for a, b in zip(one, two, strict=True)]
    assert np.mean(wider) > 1.5


def test_explored_loadings_keep_their_factors_and_signs():
    x = answers(np.random.default_rng(4), 600)
    errors = ByCustomer(coarser(cross_rows(list("abcdef"), x)))
    found = efa.loading_estimates(errors, 2)
    table = np.array([[one.value for one in row] for row in found])
    own = np.abs(table).argmax(axis=1)
    assert (own[:3] == own[0]).all() and (own[3:] == 1 - own[0]).all()
    each = [row[at] for row, at in zip(found, own, strict=True)]
    held = [one.low < truth < one.high for one, truth in zip(each, LOADINGS, strict=True)]
    assert sum(held) >= 5 and max(one.half_width for one in each) < 0.25
    told = efa.omega(errors, 2)
    total, general = told.total, told.hierarchical
    assert all(one.low < one.value < one.high for one in told.general)
    assert told.alpha.low < told.alpha.value < told.alpha.high
    assert total.low < total.value < total.high < 1
    assert general.low < general.value < total.value


def test_a_path_model_tells_each_figure_with_its_interval():
    x = answers(np.random.default_rng(5), 300)
    rng = np.random.default_rng(6)
    drawn = measured(Bootstrap(x, rng=rng, draws=200), MODEL)
    left_out = measured(ByCustomer(cross_rows(MODEL.items, x)), MODEL)
    alone = pls.fit(np.cov(x, rowvar=False, ddof=0), MODEL)
    for found in (drawn, left_out):
        assert found.paths["a", "b"].value == pytest.approx(float(alone.path("a", "b")))
        assert found.effects["a", "b"].value == pytest.approx(found.paths["a", "b"].value)
        assert found.htmt["a", "b"].low < 0.5 < found.htmt["a", "b"].high
        assert found.latents["a"].r2 is None and found.latents["b"].r2.low > 0
        every = [*found.weights.values(), *found.loadings.values(), *found.f2.values()]
        assert all(one.low < one.value < one.high for one in every)
    ratio = drawn.paths["a", "b"].half_width / left_out.paths["a", "b"].half_width
    assert 0.7 < ratio < 1.4


def test_single_items_tell_no_reliability():
    x = answers(np.random.default_rng(7), 200)[:, [0, 1, 2, 3]]
    model = pls.Model({"a": ["a1", "a2", "a3"], "b": ["b1"]}, [("a", "b")])
    found = measured(Bootstrap(x, rng=np.random.default_rng(8), draws=50), model)
    assert found.latents["b"].alpha is None and found.latents["a"].ave.low > 0.2
    assert found.htmt == {}
