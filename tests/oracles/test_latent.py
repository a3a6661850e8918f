import time

import numpy as np
import pytest

from manyi.kit.scale import Scale
from manyi.stats.errors import NormalTheory
from manyi.stats.intervals import t_quantile
from manyi.stats.latent import index, pls, validity
from manyi.stats.latent.consistent import consistent
from manyi.stats.latent.measured import measured
from tests.oracles.reference import Case


def loaded(name):
    case = Case(name)
    listed = {k: [v] if isinstance(v, str) else v for k, v in case.spec["blocks"].items()}
    return case, listed


def named(solution, of, what):
    names = solution.model.latents
    pairs = [key.split(" -> ") for key in of]
    return [what[names.index(end), names.index(start)] for start, end in pairs]


def test_smartpls():
    case, blocks = loaded("s01_pls_ecsi_mobi_path_scheme")
    model = pls.Model(blocks, [tuple(p) for p in case.spec["paths"]])
    items = case.matrix(model.items)
    found, of = pls.fit(pls.covariance_rows(items), model), case.expected
    case.near(
        named(found, of["path_coefficients"], found.paths), list(of["path_coefficients"].values())
    )
    case.near(
        named(found, of["total_effects"], found.total_effects()), list(of["total_effects"].values())
    )
    for item, theirs in of["outer_weights"].items():
        at = model.items.index(item), model.latents.index(theirs["lv"])
        case.near(found.weights[at], theirs["weight"])
    for item, theirs in of["cross_loadings"].items():
        mine = [found.loadings[model.items.index(item), model.latents.index(lv)] for lv in theirs]
        case.near(mine, list(theirs.values()))
    weights = index.normalised_weights(found, items.std(axis=0))
    scores = index.index_rows(items, model, weights, Scale(1, 10))
    for latent, theirs in of["index_scores_0_100"].items():
        case.near(weights[latent], list(theirs["normalised_weights"].values()), rtol=1e-5)
        case.near(scores[latent].value, theirs["index_mean"], rtol=1e-5)
        assert scores[latent].low < scores[latent].value < scores[latent].high


def test_the_published_raw_solution():
    case, blocks = loaded("s01_pls_ecsi_mobi_path_scheme")
    model = pls.Model(blocks, [tuple(p) for p in case.spec["paths"]])
    s = pls.covariance_rows(case.matrix(model.items))
    found = pls.fit(s, model, scheme="centroid", metric="raw")
    of = case.expected["raw_metric_centroid_tenenhaus_2005"]
    case.near(named(found, of["path"], found.paths), list(of["path"].values()), rtol=0, atol=0.0006)
    r2 = [found.r2[model.latents.index(name)] for name in of["r2"]]
    case.near(r2, list(of["r2"].values()), rtol=0, atol=0.0006)


def test_validity():
    case, blocks = loaded("s02_pls_validity_mobi_seminr")
    paths = [(name, "Satisfaction") for name in ("Image", "Expectation", "Value")]
    model = pls.Model(blocks, paths)
    s = pls.covariance_rows(case.matrix(model.items))
    sd = np.sqrt(np.diag(s))
    r = s / np.outer(sd, sd)
    found, of, names = pls.fit(s, model, tolerance=1e-9), case.expected, model.latents
    for start, _ in paths:
        case.near(
            found.path(start, "Satisfaction"),
            of["path_coefficients_path_weighting"][start]["Satisfaction"],
        )
    for item, theirs in of["outer_weights"].items():
        mine = [found.weights[model.items.index(item), names.index(lv)] for lv in theirs]
        case.near(mine, list(theirs.values()))
    told = measured(NormalTheory(s, len(case.rows())), model)
    for name, block in told.latents.items():
        theirs = of["reliability"][name]
        if block.alpha is None:
            assert len(model.blocks[name]) == 1
            continue
        each = (block.alpha, block.rho_c, block.ave, block.rho_a)
        case.near(
            [one.value for one in each], [theirs[k] for k in ("alpha", "rhoC", "AVE", "rhoA")]
        )
        assert all(one.low < one.value < one.high for one in each)
    table = validity.fornell_larcker(found)
    for name, theirs in of["fornell_larcker_diag_sqrtAVE"].items():
        case.near(
            [table[names.index(name), names.index(lv)] for lv in theirs], list(theirs.values())
        )
    mine = dict(zip(model.items, validity.item_vif(r, model), strict=True))
    for key, value in of["vif_items"].items():
        case.near(mine[key.split("*")[1]], value)
    antecedents = validity.antecedent_vif(found, "Satisfaction")
    for key, value in of["vif_antecedents"].items():
        case.near(antecedents[key.split("*")[1]], value)
    ratios = validity.htmt(r, model)
    for key, value in of["htmt"]["values"].items():
        one, two = key.split("~")
        case.near(ratios[names.index(one), names.index(two)], value)
    assert set(validity.effect_sizes(found, "Satisfaction")) == {"Image", "Expectation", "Value"}
    freed = consistent(NormalTheory(s, len(case.rows())), model).correlations
    for (one, two), estimate in freed.items():
        plain = found.correlations[names.index(one), names.index(two)]
        assert abs(estimate.value) >= abs(plain) - 1e-6


def test_plspm():
    case, blocks = loaded("s03_pls_satisfaction_plspm")
    model = pls.Model(blocks, [tuple(p) for p in case.spec["paths"]])
    s = pls.covariance_rows(case.matrix(model.items))
    of, names = case.expected, model.latents
    sd = np.sqrt(np.diag(s))
    r = s / np.outer(sd, sd)
    options = {"metric": "raw", "tolerance": 1e-6, "stop": "squares"}
    found = pls.fit(s, model, scheme="centroid", **options)
    by_path = pls.fit(s, model, scheme="path", **options)
    for solution, key in ((found, "outer_model"), (by_path, "outer_model_path_scheme")):
        for item, theirs in of[key].items():
            at = model.items.index(item), names.index(theirs["block"])
            case.near(
                [solution.weights[at], solution.loadings[at]], [theirs["weight"], theirs["loading"]]
            )
    total = found.total_effects()
    for theirs in of["effects"].values():
        at = names.index(theirs["to"]), names.index(theirs["from"])
        case.near([found.paths[at], total[at]], [theirs["direct"], theirs["total"]])
    for name, theirs in of["inner_summary"].items():
        case.near(found.r2[names.index(name)], theirs["r_squared"])
    for name, block in validity.block_values(found, r).items():
        theirs = of["unidimensionality"][name]
        kinds = ("alpha", "dillon_goldstein", "eigenvalue", "eigenvalue_next")
        case.near(
            [block[kind] for kind in kinds],
            [theirs[k] for k in ("cronbach_alpha", "dillon_goldstein_rho", "eig_1st", "eig_2nd")],
        )
    case.near(validity.goodness_of_fit(found), of["gof"])
    errors = validity.path_tests_unweighted(found, "SAT", len(case.rows()))
    for name, theirs in of["inner_model_SAT"].items():
        one = errors[name]
        se = one.effect.half_width / t_quantile(0.95, one.df)
        case.near([one.effect.value, se, one.statistic, one.p], list(theirs.values()))


def test_bootstrap_is_quick_and_reproducible():
    case, blocks = loaded("s01_pls_ecsi_mobi_path_scheme")
    model = pls.Model(blocks, [tuple(p) for p in case.spec["paths"]])
    items = case.matrix(model.items)
    start = time.thread_time()
    draws = pls.bootstrap_rows(items, model, rng=np.random.default_rng(1), draws=1000)
    assert time.thread_time() - start < 10
    again = pls.bootstrap_rows(items, model, rng=np.random.default_rng(1), draws=1000)
    np.testing.assert_array_equal(draws.paths, again.paths)
    path = draws.path("Image", "Expectation")
    whole = pls.fit(pls.covariance_rows(items), model).path("Image", "Expectation")
    low, high = np.percentile(path, [2.5, 97.5])
    assert low < whole < high and len(path) == 1000


def test_mode_b_and_wrong_order():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(200, 6)) + rng.normal(size=(200, 1))
    model = pls.Model(
        {"a": ["1", "2", "3"], "b": ["4", "5", "6"]}, [("a", "b")], {"a": "B", "b": "B"}
    )
    found = pls.fit(pls.covariance_rows(x), model)
    # Two blocks in mode B: the greatest possible correlation (canonical correlation).
    a, b = x[:, :3] - x[:, :3].mean(0), x[:, 3:] - x[:, 3:].mean(0)
    q1, q2 = np.linalg.qr(a)[0], np.linalg.qr(b)[0]
    greatest = np.linalg.svd(q1.T @ q2)[1][0]
    assert abs(found.correlations[0, 1]) == pytest.approx(greatest, rel=1e-6)
    with pytest.raises(ValueError):
        pls.Model({"a": ["1"], "b": ["2"]}, [("b", "a")]).inner()
