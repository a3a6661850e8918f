"""Whether latent variables measure what they should, and apart from each other."""

from __future__ import annotations

import numpy as np
from scipy import special

from manyi.stats import intervals
from manyi.stats.latent.pls import Model, Solution
from manyi.stats.moments import FloatArray
from manyi.stats.reliability import alpha_of_covariance
from manyi.stats.result import Estimate, Test

KINDS = ("alpha", "rho_c", "rho_a", "ave", "dillon_goldstein", "eigenvalue", "eigenvalue_next")
Value = dict[str, float]


def block_values(solution: Solution, correlation: FloatArray) -> dict[str, Value]:
    """Return of each latent of several items, by the names in `KINDS`: alpha of standardised
    items, composite reliability ρC, Dijkstra and Henseler's ρA, average variance extracted,
    Dillon and Goldstein's ρ, and the first two eigenvalues of its items' correlations.

    `measured.measured` tells each with its interval.
    """
    return {
        name: dict(zip(KINDS, _block(solution, correlation, at, rows), strict=True))
        for at, (name, rows) in enumerate(places(solution.model).items())
        if len(rows) > 1
    }


def places(model: Model) -> dict[str, np.ndarray]:
    """Return the rows of each block's items."""
    found, row = {}, 0
    for name, block in model.blocks.items():
        found[name] = np.arange(row, row + len(block))
        row += len(block)
    return found


def _block(
    solution: Solution, correlation: FloatArray, at: int, rows: np.ndarray
) -> tuple[float, ...]:
    r = correlation[np.ix_(rows, rows)]
    loadings = solution.loadings[rows, at]
    values, vectors = np.linalg.eigh(r)
    first = vectors[:, -1] * np.sqrt(values[-1])
    return (
        alpha_of_covariance(r),
        _composite(loadings),
        rho_a(solution.weights[rows, at], r),
        float((loadings**2).mean()),
        _composite(first * np.sign(first.sum())),
        float(values[-1]),
        float(values[-2]),
    )


def _composite(loadings: FloatArray) -> float:
    top = float(loadings.sum()) ** 2
    return top / (top + float((1 - loadings**2).sum()))


def rho_a(weights: FloatArray, r: FloatArray) -> float:
    """Return Dijkstra and Henseler's reliability (2015) of standardised weights."""
    w = weights / np.sqrt(weights @ r @ weights)
    own = np.outer(w, w)
    off = 1 - np.eye(len(w))
    return float((w @ w) ** 2 * (w @ (r * off) @ w) / (w @ (own * off) @ w))


def fornell_larcker(solution: Solution) -> FloatArray:
    """Return correlations of latents with √AVE on the diagonal, which should be the largest."""
    found = solution.correlations.copy()
    for at, rows in enumerate(places(solution.model).values()):
        found[at, at] = np.sqrt((solution.loadings[rows, at] ** 2).mean())
    return found


def htmt(correlation: FloatArray, model: Model) -> FloatArray:
    """Return the heterotrait–monotrait ratios (m, m), of absolute correlations: above .9 two
    latents are hardly apart (Henseler, Ringle & Sarstedt 2015). A single item gives NaN."""
    r, rows = np.abs(correlation), list(places(model).values())
    within = np.array([_mean_off(r[np.ix_(at, at)]) for at in rows])
    between = np.array([[r[np.ix_(a, b)].mean() for b in rows] for a in rows])
    found = between / np.sqrt(np.outer(within, within))
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


def htmt2(correlation: FloatArray, model: Model) -> FloatArray:
    """Return the same ratios of geometric means, for items that do not weigh alike in their
    latent (Roemer, Schuberth & Henseler 2021)."""
    logs, rows = np.log(np.maximum(np.abs(correlation), 1e-300)), list(places(model).values())
    within = np.array([_mean_off(logs[np.ix_(at, at)]) for at in rows])
    between = np.array([[logs[np.ix_(a, b)].mean() for b in rows] for a in rows])
    found = np.exp(between - np.add.outer(within, within) / 2)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


def _mean_off(r: FloatArray) -> float:
    k = len(r)
    return float((r.sum() - np.trace(r)) / (k * (k - 1))) if k > 1 else float("nan")


def item_vif(correlation: FloatArray, model: Model) -> FloatArray:
    """Return the variance inflation of each item among those of its block."""
    parts = [np.diag(np.linalg.pinv(correlation[np.ix_(at, at)])) for at in places(model).values()]
    return np.concatenate(parts)


def antecedent_vif(solution: Solution, latent: str) -> dict[str, float]:
    """Return the variance inflation of each latent that points to `latent`."""
    names = solution.model.latents
    before = [names.index(start) for start, end in solution.model.paths if end == latent]
    inside = solution.correlations[np.ix_(before, before)]
    values = np.diag(np.linalg.pinv(inside))
    return {names[at]: float(v) for at, v in zip(before, values, strict=True)}


def path_tests_unweighted(
    solution: Solution, latent: str, n: int, *, level: float = 0.95
) -> dict[str, Test]:
    """Return the tests of the paths to `latent` by least squares among n people, as plspm prints
    them. They take the latents as if they were observed, and people as of equal weight and
    answering once: the intervals of `measured.measured` do not."""
    names, vifs = solution.model.latents, antecedent_vif(solution, latent)
    end, df = names.index(latent), n - len(vifs) - 1
    left = (1 - float(solution.r2[end])) / df
    quantile, found = intervals.t_quantile(level, df), {}
    for name, vif in vifs.items():
        path, se = float(solution.paths[end, names.index(name)]), float(np.sqrt(left * vif))
        ends = intervals.around(path, se, quantile)
        effect = Estimate(path, *ends, level, n, float(n), float(df), "least_squares")
        p = 2 * float(special.stdtr(df, -abs(path / se)))
        found[name] = Test(path / se, p, float(df), effect, "least_squares", n)
    return found


def effect_sizes(solution: Solution, latent: str) -> dict[str, float]:
    """Return f² of each antecedent: .02 small, .15 middling, .35 large."""
    names = solution.model.latents
    end = names.index(latent)
    full = float(solution.r2[end])
    vifs = antecedent_vif(solution, latent)
    return {
        name: float(solution.paths[end, names.index(name)]) ** 2 / vif / (1 - full)
        for name, vif in vifs.items()
    }


def communalities(solution: Solution) -> FloatArray:
    """Return the squared loading of each item on its own latent."""
    return np.asarray(((solution.loadings * solution.model.outer()) ** 2).sum(axis=1))


def goodness_of_fit(solution: Solution) -> float:
    """Return √(mean communality · mean R²) (Tenenhaus et al. 2005), of blocks of several items."""
    rows = [at for at in places(solution.model).values() if len(at) > 1]
    mean = float(communalities(solution)[np.concatenate(rows)].mean())
    ends = solution.model.inner().any(axis=1)
    return float(np.sqrt(mean * solution.r2[ends].mean()))
