import numpy as np
import pytest

from manyi.stats.cross import cross_rows
from manyi.stats.errors import ByCustomer, NormalTheory
from manyi.stats.latent import groups, index, pls
from manyi.stats.latent.consistent import consistent

BLOCKS = {"a": ["a1", "a2", "a3"], "b": ["b1", "b2", "b3"], "c": ["c1", "c2"]}
MODEL = pls.Model(BLOCKS, [("a", "b"), ("a", "c"), ("b", "c")])


def answers(rng, n=400, slope=0.6):
    a = rng.normal(size=n)
    b = slope * a + np.sqrt(1 - slope**2) * rng.normal(size=n)
    c = 0.5 * b + np.sqrt(0.75) * rng.normal(size=n)
    latent = np.column_stack([a] * 3 + [b] * 3 + [c] * 2)
    return 0.8 * latent + 0.6 * rng.normal(size=latent.shape)


def test_consistent_paths_are_freed_from_error():
    x = answers(np.random.default_rng(1), 60_000)
    solution = pls.fit(pls.covariance_rows(x), MODEL)
    freed = consistent(NormalTheory(pls.covariance_rows(x), 60_000), MODEL)
    assert solution.path("a", "b") < 0.55
    assert freed.paths["a", "b"].value == pytest.approx(0.6, abs=0.02)
    assert freed.paths["b", "c"].value == pytest.approx(0.5, abs=0.03)
    assert all(one.value == pytest.approx(0.8, abs=0.02) for one in freed.loadings.values())
    assert freed.r2["b"].value == pytest.approx(36, abs=2)


def test_consistent_paths_hold_the_truth():
    rng, held = np.random.default_rng(7), 0
    for _ in range(40):
        x = answers(rng, 300)
        found = consistent(ByCustomer(cross_rows(MODEL.items, x)), MODEL).paths["a", "b"]
        held += found.low <= 0.6 <= found.high
    assert held >= 34


@pytest.mark.parametrize("scheme", ["path", "centroid", "factorial"])
@pytest.mark.parametrize("metric", ["standardised", "raw"])
@pytest.mark.parametrize("modes", [None, {"a": "B"}, {"b": "B", "c": "B"}])
def test_what_every_solution_must_meet(scheme, metric, modes):
    x = answers(np.random.default_rng(2))
    model = pls.Model(BLOCKS, MODEL.paths, modes)
    s = pls.covariance_rows(x)
    found = pls.fit(s, model, scheme=scheme, metric=metric)
    z = (x - x.mean(axis=0)) / (x.std(axis=0) if metric == "standardised" else 1)
    latent = z @ found.weights
    np.testing.assert_allclose(latent.std(axis=0), 1, rtol=1e-6)
    np.testing.assert_allclose(np.corrcoef(latent, rowvar=False), found.correlations, atol=1e-7)
    beta = np.linalg.lstsq(latent[:, :2], latent[:, 2], rcond=None)[0]
    np.testing.assert_allclose(found.paths[2, :2], beta, atol=1e-6)
    if modes is None and metric == "standardised":
        # A fixed point of mode A: weights go with the covariances of items and inner proxy.
        again = pls.fit(s * 4, model, scheme=scheme, metric=metric)
        np.testing.assert_allclose(again.weights, found.weights, atol=1e-8)


def test_one_block_against_one_other_is_known():
    # Two latents in mode B are the first canonical pair.
    x = answers(np.random.default_rng(3))[:, :6]
    model = pls.Model({"a": BLOCKS["a"], "b": BLOCKS["b"]}, [("a", "b")], {"a": "B", "b": "B"})
    found = pls.fit(pls.covariance_rows(x), model)
    qa, qb = (np.linalg.qr(part - part.mean(axis=0))[0] for part in (x[:, :3], x[:, 3:]))
    first = np.linalg.svd(qa.T @ qb)[1][0]
    assert abs(found.path("a", "b")) == pytest.approx(first, abs=1e-6)


def test_signs_are_an_option():
    x = answers(np.random.default_rng(4))
    x[:, :3] *= -1
    s = pls.covariance_rows(x)
    for sign in ("weights", "loadings"):
        found = pls.fit(s, MODEL, sign=sign)
        assert (found.loadings[:3, 0] > 0).all() and found.path("a", "b") < 0


def test_groups_with_other_paths_are_told_apart():
    rng = np.random.default_rng(5)
    one, two = answers(rng, 300, 0.7), answers(rng, 300, 0.2)
    fits = [pls.fit(pls.covariance_rows(x), MODEL) for x in (one, two)]
    draws = [pls.bootstrap_rows(x, MODEL, rng=rng, draws=300) for x in (one, two)]
    found = groups.multigroup(*fits, *draws, (300, 300))
    assert found["a", "b"].p < 0.01 < 0.05 < found["b", "c"].p
    told = groups.path_estimates(fits[0], draws[0], 300)
    assert told["a", "b"].low > 0.4
    effects = groups.total_effect_estimates(fits[0], draws[0], 300)
    assert set(effects) == set(MODEL.paths)


def test_customers_are_drawn_whole_and_weights_count():
    rng = np.random.default_rng(6)
    x = np.repeat(answers(rng, 80), 4, axis=0)
    ids = np.repeat(np.arange(80), 4)
    wide = pls.bootstrap_rows(x, MODEL, rng=np.random.default_rng(1), draws=200, cluster=ids)
    narrow = pls.bootstrap_rows(x, MODEL, rng=np.random.default_rng(1), draws=200)
    assert wide.path("a", "b").std() > 1.6 * narrow.path("a", "b").std()
    w = rng.integers(1, 4, 320)
    one = pls.fit(pls.covariance_rows(x, w), MODEL)
    two = pls.fit(pls.covariance_rows(np.repeat(x, w, axis=0)), MODEL)
    np.testing.assert_allclose(one.paths, two.paths, atol=1e-8)


def test_the_chinese_index_has_a_causal_order():
    names = ["image", "expectation", "quality", "value", "satisfaction", "loyalty"]
    pls.Model({name: [name] for name in names}, index.CCSI_PATHS).inner()
