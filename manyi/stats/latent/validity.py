"""Whether latent variables measure what they should, and apart from each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from manyi.stats.latent.pls import Model, Solution
from manyi.stats.moments import FloatArray
from manyi.stats.reliability import alpha_of_covariance


@dataclass(frozen=True)
class Block:
    """One latent: alpha of standardised items, composite reliability ρC, Dijkstra and
    Henseler's ρA, average variance extracted (AVE), Dillon and Goldstein's ρ, and the first
    two eigenvalues of its items' correlations."""

    alpha: float
    rho_c: float
    rho_a: float
    ave: float
    dillon_goldstein: float
    eigenvalues: tuple[float, float]


def blocks(solution: Solution, correlation: FloatArray) -> dict[str, Block]:
    """Return the reliability of each latent; a single item is 1 throughout."""
    return {
        name: _block(solution, correlation, at, rows)
        for at, (name, rows) in enumerate(places(solution.model).items())
    }


def places(model: Model) -> dict[str, np.ndarray]:
    """Return the rows of each block's items."""
    found, row = {}, 0
    for name, block in model.blocks.items():
        found[name] = np.arange(row, row + len(block))
        row += len(block)
    return found


def _block(solution: Solution, correlation: FloatArray, at: int, rows: np.ndarray) -> Block:
    if len(rows) == 1:
        return Block(1.0, 1.0, 1.0, 1.0, 1.0, (1.0, 0.0))
    r = correlation[np.ix_(rows, rows)]
    loadings = solution.loadings[rows, at]
    values, vectors = np.linalg.eigh(r)
    first = vectors[:, -1] * np.sqrt(values[-1])
    return Block(
        alpha_of_covariance(r),
        _composite(loadings),
        rho_a(solution.weights[rows, at], r),
        float((loadings**2).mean()),
        _composite(first * np.sign(first.sum())),
        (float(values[-1]), float(values[-2])),
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


@dataclass(frozen=True)
class PathError:
    """A path with the standard error, t and p of least squares. It takes the latents as if they
    were observed; bootstrap intervals do not."""

    path: float
    se: float
    t: float
    p: float


def path_errors(solution: Solution, latent: str, n: int) -> dict[str, PathError]:
    """Return the errors of the paths to `latent` among n people, as plspm prints them."""
    names, vifs = solution.model.latents, antecedent_vif(solution, latent)
    end, df = names.index(latent), n - len(vifs) - 1
    left = (1 - float(solution.r2[end])) / df
    found = {}
    for name, vif in vifs.items():
        path, se = float(solution.paths[end, names.index(name)]), float(np.sqrt(left * vif))
        found[name] = PathError(path, se, path / se, 2 * float(special.stdtr(df, -abs(path / se))))
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


def consistent(solution: Solution, correlation: FloatArray) -> FloatArray:
    """Return the correlations of latents freed from measurement error (PLSc, by ρA)."""
    roots = np.sqrt([one.rho_a for one in blocks(solution, correlation).values()])
    found = solution.correlations / np.outer(roots, roots)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


@dataclass(frozen=True, eq=False)
class Consistent:
    """A solution freed from measurement error: correlations of latents (m, m), paths [to, from]
    (m, m), R² (m,), and loadings of reflective items on their own latent (p,)."""

    correlations: FloatArray
    paths: FloatArray
    r2: FloatArray
    loadings: FloatArray


def consistent_solution(solution: Solution, correlation: FloatArray) -> Consistent:
    """Return consistent PLS (Dijkstra & Henseler 2015): correlations over √(ρA·ρA), paths anew
    from them, loadings as weights·√ρA/(w'w); blocks in mode B and single items stay."""
    model = solution.model
    roots = np.array([one.rho_a for one in blocks(solution, correlation).values()])
    roots[model.formative()] = 1.0
    freed = solution.correlations / np.sqrt(np.outer(roots, roots))
    np.fill_diagonal(freed, 1.0)
    inner = model.inner()
    paths, r2 = np.zeros_like(freed), np.zeros(len(freed))
    for end in range(len(inner)):
        before = np.flatnonzero(inner[end])
        if len(before):
            beta = np.linalg.solve(freed[np.ix_(before, before)], freed[before, end])
            paths[end, before], r2[end] = beta, float(beta @ freed[before, end])
    loadings = (solution.loadings * model.outer()).sum(axis=1)
    for at, rows in enumerate(places(model).values()):
        if len(rows) > 1 and at not in model.formative():
            r = correlation[np.ix_(rows, rows)]
            w = solution.weights[rows, at]
            w = w / np.sqrt(w @ r @ w)
            loadings[rows] = w * np.sqrt(roots[at]) / float(w @ w)
    return Consistent(freed, paths, r2, loadings)
