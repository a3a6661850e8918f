"""All that a path model says, each figure with its interval."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from manyi.stats.errors import Errors
from manyi.stats.latent import validity
from manyi.stats.latent.pls import Metric, Model, Scheme, Sign, Solution, fit
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate


@dataclass(frozen=True)
class Latent:
    """One latent: its reliabilities, average variance extracted, the first two eigenvalues of
    its items' correlations, and R² in percent (None where no path leads to it). Of a single
    item nothing can be told but R²."""

    alpha: Estimate | None
    rho_c: Estimate | None
    rho_a: Estimate | None
    ave: Estimate | None
    dillon_goldstein: Estimate | None
    eigenvalue: Estimate | None
    eigenvalue_next: Estimate | None
    r2: Estimate | None


@dataclass(frozen=True)
class Measured:
    """A fitted path model. `weights` and `loadings` of each item, `paths` and `effects` (direct
    and indirect together) by (from, to), `f2` of each path, `latents`, their `correlations`
    and heterotrait–monotrait ratios `htmt` by pair (those of two with several items)."""

    weights: dict[str, Estimate]
    loadings: dict[str, Estimate]
    paths: dict[tuple[str, str], Estimate]
    effects: dict[tuple[str, str], Estimate]
    f2: dict[tuple[str, str], Estimate]
    latents: dict[str, Latent]
    correlations: dict[tuple[str, str], Estimate]
    htmt: dict[tuple[str, str], Estimate]


def measured(
    errors: Errors,
    model: Model,
    *,
    scheme: Scheme = "path",
    metric: Metric = "standardised",
    sign: Sign = "weights",
) -> Measured:
    """Return the model fitted to the covariance of `errors`, with the intervals that it finds:
    draws or groups of customers, as `errors` is made. Raises Problem("pls_not_converged")."""
    names: list[Key] = []

    def values(many: FloatArray) -> FloatArray:
        solved = fit(many, model, scheme=scheme, metric=metric, sign=sign, tolerance=1e-8)
        told = [_told(one, s) for one, s in zip(_each(solved), many, strict=True)]
        names[:] = told[0]
        return np.array([list(one.values()) for one in told])

    estimates = errors.estimates(values)
    found = dict(zip(names, estimates, strict=True))

    def items(kind: str) -> dict[str, Estimate]:
        return {key[1]: one for key, one in found.items() if key[0] == kind}

    def pairs(kind: str) -> dict[tuple[str, str], Estimate]:
        return {(key[1], key[2]): one for key, one in found.items() if key[0] == kind}

    return Measured(
        items("weight"),
        items("loading"),
        pairs("path"),
        pairs("effect"),
        pairs("f2"),
        {name: Latent(*(found.get((kind, name, "")) for kind in _KINDS)) for name in model.latents},
        pairs("correlation"),
        pairs("htmt"),
    )


_KINDS = (*validity.KINDS, "r2")
Key = tuple[str, str, str]


def _each(solved: Solution) -> Iterator[Solution]:
    for at in range(len(solved.paths)):
        yield Solution(
            solved.model,
            solved.weights[at],
            solved.loadings[at],
            solved.correlations[at],
            solved.paths[at],
            solved.r2[at],
            solved.iterations,
        )


def _told(one: Solution, covariance: FloatArray) -> dict[Key, float]:
    sd = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(sd, sd)
    return _outer(one) | _blocks(one, correlation) | _inner(one) | _apart(one, correlation)


def _outer(one: Solution) -> dict[Key, float]:
    found: dict[Key, float] = {}
    for at, rows in enumerate(validity.places(one.model).values()):
        for row in rows:
            item = one.model.items[row]
            found["weight", item, ""] = float(one.weights[row, at])
            found["loading", item, ""] = float(one.loadings[row, at])
    return found


def _blocks(one: Solution, correlation: FloatArray) -> dict[Key, float]:
    ends = one.model.inner().sum(axis=1) > 0
    found: dict[Key, float] = {}
    for name, block in validity.block_values(one, correlation).items():
        for kind, value in block.items():
            found[kind, name, ""] = value
    for at in np.flatnonzero(ends).tolist():
        found["r2", one.model.latents[at], ""] = 100 * float(one.r2[at])
    return found


def _inner(one: Solution) -> dict[Key, float]:
    names, total = one.model.latents, one.total_effects()
    found: dict[Key, float] = {}
    for start, end in one.model.paths:
        found["path", start, end] = float(one.path(start, end))
    for end in dict.fromkeys(end for _, end in one.model.paths):
        for start, size in validity.effect_sizes(one, end).items():
            found["f2", start, end] = size
    ways = np.linalg.inv(np.eye(len(names)) - one.model.inner()) - np.eye(len(names))
    for end, start in zip(*np.nonzero(ways > 0.5), strict=True):
        found["effect", names[start], names[end]] = float(total[end, start])
    return found


def _apart(one: Solution, correlation: FloatArray) -> dict[Key, float]:
    names, ratios = one.model.latents, validity.htmt(correlation, one.model)
    found: dict[Key, float] = {}
    for a, b in combinations(range(len(names)), 2):
        found["correlation", names[a], names[b]] = float(one.correlations[a, b])
        if np.isfinite(ratios[a, b]):
            found["htmt", names[a], names[b]] = float(ratios[a, b])
    return found
