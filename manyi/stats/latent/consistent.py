"""Path models freed from measurement error: consistent PLS, each figure with its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from manyi.stats.errors import Errors
from manyi.stats.latent.pls import Metric, Model, Scheme, Solution, fit
from manyi.stats.latent.validity import places, rho_a
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate

Pair = tuple[str, str]


@dataclass(frozen=True)
class Consistent:
    """A path model freed from measurement error: `correlations` of latents by pair, `paths` by
    (from, to), R² in percent of each latent that a path leads to, and `loadings` of the items
    on their own latent."""

    correlations: dict[Pair, Estimate]
    paths: dict[Pair, Estimate]
    r2: dict[str, Estimate]
    loadings: dict[str, Estimate]


def consistent(
    errors: Errors, model: Model, *, scheme: Scheme = "path", metric: Metric = "standardised"
) -> Consistent:
    """Return consistent PLS (Dijkstra & Henseler 2015) with the intervals that `errors` finds:
    correlations over √(ρA·ρA), paths anew from them, loadings as weights·√ρA/(w'w); blocks in
    mode B and single items stay. Raises Problem("pls_not_converged")."""
    names, inner = model.latents, model.inner()
    pairs = list(zip(*np.triu_indices(len(names), 1), strict=True))
    ends = [at for at in range(len(names)) if inner[at].any()]
    ways = [(names.index(start), names.index(end)) for start, end in model.paths]

    def values(many: FloatArray) -> FloatArray:
        rows = []
        for covariance in many:
            sd = np.sqrt(np.diag(covariance))
            one = fit(covariance, model, scheme=scheme, metric=metric, tolerance=1e-8)
            freed, paths, r2, loadings = _freed(one, covariance / np.outer(sd, sd))
            rows.append(
                [
                    *(freed[a, b] for a, b in pairs),
                    *(paths[end, start] for start, end in ways),
                    *(100 * r2[at] for at in ends),
                    *loadings,
                ]
            )
        return np.array(rows)

    told = iter(errors.estimates(values))
    return Consistent(
        {(names[a], names[b]): next(told) for a, b in pairs},
        {(start, end): next(told) for start, end in model.paths},
        {names[at]: next(told) for at in ends},
        {item: next(told) for item in model.items},
    )


def _freed(
    solution: Solution, correlation: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return correlations of latents (m, m), paths [to, from] (m, m), R² (m,), loadings (p,)."""
    model = solution.model
    roots = _reliabilities(solution, correlation)
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
    return freed, paths, r2, np.asarray(loadings)


def _reliabilities(solution: Solution, correlation: FloatArray) -> FloatArray:
    """Return ρA of each block; 1 of single items and of blocks in mode B."""
    formative = solution.model.formative()
    return np.array(
        [
            1.0
            if len(rows) == 1 or at in formative
            else rho_a(solution.weights[rows, at], correlation[np.ix_(rows, rows)])
            for at, rows in enumerate(places(solution.model).values())
        ]
    )
