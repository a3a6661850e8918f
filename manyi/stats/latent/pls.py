"""PLS path modelling on a covariance matrix, many matrices at once.

Lohmöller 1989; Tenenhaus et al. 2005. Software disagrees on two things, which are options:
the metric (standardised items as SmartPLS and seminr, or raw covariances as plspm with
scaled = FALSE and as the published ECSI example) and the inner scheme.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from manyi.kit.problems import Problem
from manyi.stats.errors import Bootstrap
from manyi.stats.moments import FloatArray

Mode = Literal["A", "B"]
Scheme = Literal["path", "centroid", "factorial"]
Metric = Literal["standardised", "raw"]
Stop = Literal["largest", "squares"]
Sign = Literal["weights", "loadings", "none"]
_BLOCK = 500


@dataclass(frozen=True)
class Model:
    """Latent variables with their items, and the paths between them (from, to).

    Latent variables stand in causal order: a path goes from an earlier one to a later one.
    `modes` defaults to A (reflective) for every block.
    """

    blocks: Mapping[str, Sequence[str]]
    paths: Sequence[tuple[str, str]]
    modes: Mapping[str, Mode] | None = None

    @property
    def latents(self) -> list[str]:
        return list(self.blocks)

    @property
    def items(self) -> list[str]:
        return [item for block in self.blocks.values() for item in block]

    def inner(self) -> FloatArray:
        """Return 1 at [to, from] for each path (m, m)."""
        at = {name: i for i, name in enumerate(self.latents)}
        found = np.zeros((len(at), len(at)))
        for start, end in self.paths:
            found[at[end], at[start]] = 1.0
        if np.triu(found).any():
            raise ValueError("a path goes from an earlier latent variable to a later one")
        return found

    def outer(self) -> FloatArray:
        """Return 1 at [item, latent] for each item of a block (p, m)."""
        found, row = np.zeros((len(self.items), len(self.blocks))), 0
        for column, block in enumerate(self.blocks.values()):
            found[row : row + len(block), column] = 1.0
            row += len(block)
        return found

    def formative(self) -> list[int]:
        """Return the places of blocks in mode B."""
        modes = self.modes or {}
        return [at for at, name in enumerate(self.latents) if modes.get(name, "A") == "B"]


@dataclass(frozen=True, eq=False)
class Solution:
    """Outer weights (…, p, m) that give latents of variance 1, loadings as correlations
    (…, p, m), correlations of latents (…, m, m), paths [to, from] (…, m, m) and R² (…, m)."""

    model: Model
    weights: FloatArray
    loadings: FloatArray
    correlations: FloatArray
    paths: FloatArray
    r2: FloatArray
    iterations: int

    def total_effects(self) -> FloatArray:
        """Return direct and indirect effects together [to, from]."""
        size = self.paths.shape[-1]
        return np.asarray(np.linalg.inv(np.eye(size) - self.paths) - np.eye(size))

    def path(self, start: str, end: str) -> FloatArray:
        """Return one path coefficient (…)."""
        at = self.model.latents
        return np.asarray(self.paths[..., at.index(end), at.index(start)])


def fit(
    covariance: FloatArray,
    model: Model,
    *,
    scheme: Scheme = "path",
    metric: Metric = "standardised",
    tolerance: float = 1e-10,
    stop: Stop = "largest",
    most_iterations: int = 500,
    sign: Sign = "weights",
) -> Solution:
    """Fit the model to item covariances (p, p) or many of them (B, p, p), items as in
    `model.items`. The sign of a latent makes the sum of its weights positive ("weights"), most
    of its items load positively ("loadings", as plspm), or stays as it came ("none").

    `stop` is the largest change of the weights or, as in plspm, the sum of squared changes before
    they are scaled.
    Raises Problem("pls_not_converged").
    """
    s = np.atleast_3d(covariance.T).T if covariance.ndim == 2 else covariance
    if metric == "standardised":
        sd = np.sqrt(np.diagonal(s, axis1=-2, axis2=-1))
        s = s / (sd[..., :, None] * sd[..., None, :])
    outer, inner, formative = model.outer(), model.inner(), _inverses(s, model)
    w = _unit(np.broadcast_to(outer, (len(s), *outer.shape)), s)
    before, iterations, far = w, 0, np.inf
    while far >= tolerance:
        if iterations == most_iterations:
            raise Problem("pls_not_converged")
        proxies = s @ w @ _inner_weights(_between(w, s), inner, scheme)
        plain = _outer_weights(proxies, outer, formative)
        w = _unit(plain, s)
        now = plain if stop == "squares" else w
        far = _far(np.abs(now) - np.abs(before), stop)
        before, iterations = now, iterations + 1
    w = w * _signs(w, s, outer, sign)
    return _solution(w, s, inner, model, iterations, squeeze=covariance.ndim == 2)


def _signs(w: FloatArray, s: FloatArray, outer: FloatArray, sign: Sign) -> FloatArray:
    if sign == "none":
        return np.ones((1, 1, 1))
    told = w.sum(axis=-2, keepdims=True)
    if sign == "loadings":
        told = (np.sign(s @ w) * outer).sum(axis=-2, keepdims=True)
    return np.where(told < 0, -1.0, 1.0)


def _far(change: FloatArray, stop: Stop) -> float:
    if stop == "largest":
        return float(np.abs(change).max())
    return float((change**2).sum(axis=(-2, -1)).max())


def _unit(w: FloatArray, s: FloatArray) -> FloatArray:
    variance = np.einsum("bpj,bpq,bqj->bj", w, s, w, optimize=True)
    return np.asarray(w / np.sqrt(np.maximum(variance, 1e-300))[:, None, :])


def _between(w: FloatArray, s: FloatArray) -> FloatArray:
    return np.asarray(np.swapaxes(w, -2, -1) @ s @ w)


def _inverses(s: FloatArray, model: Model) -> dict[int, tuple[slice, FloatArray]]:
    """Return, for blocks in mode B, their rows and the inverse of their covariances."""
    found: dict[int, tuple[slice, FloatArray]] = {}
    row = 0
    formative = model.formative()
    for at, block in enumerate(model.blocks.values()):
        rows = slice(row, row + len(block))
        if at in formative:
            found[at] = (rows, np.asarray(np.linalg.pinv(s[:, rows, rows]), np.float64))
        row += len(block)
    return found


def _outer_weights(
    proxies: FloatArray, outer: FloatArray, formative: dict[int, tuple[slice, FloatArray]]
) -> FloatArray:
    w = proxies * outer
    for at, (rows, inverse) in formative.items():
        w[:, rows, at] = (inverse @ proxies[:, rows, at, None])[..., 0]
    return np.asarray(w)


def _inner_weights(r: FloatArray, inner: FloatArray, scheme: Scheme) -> FloatArray:
    linked = inner + inner.T
    if scheme == "centroid":
        return np.asarray(np.sign(r) * linked)
    if scheme == "factorial":
        return np.asarray(r * linked)
    # Path weighting: what follows counts by its correlation, what precedes by regression.
    found = r * inner
    for at in range(len(inner)):
        before = np.flatnonzero(inner[at])
        if len(before):
            found[:, before, at] = _regress(r, before, at)
    return np.asarray(found)


def _regress(r: FloatArray, before: np.ndarray, at: int) -> FloatArray:
    inside = r[:, before[:, None], before]
    return np.asarray(np.linalg.solve(inside, r[:, before, at][..., None])[..., 0])


def _solution(
    w: FloatArray, s: FloatArray, inner: FloatArray, model: Model, iterations: int, *, squeeze: bool
) -> Solution:
    r = _between(w, s)
    sd = np.sqrt(np.diagonal(s, axis1=-2, axis2=-1))
    loadings = s @ w / sd[..., :, None]
    paths, r2 = np.zeros_like(r), np.zeros(r.shape[:2])
    for at in range(len(inner)):
        before = np.flatnonzero(inner[at])
        if len(before):
            beta = _regress(r, before, at)
            paths[:, at, before] = beta
            r2[:, at] = (beta * r[:, before, at]).sum(axis=-1)
    parts = (w, loadings, r, paths, r2)
    first = [part[0] if squeeze else part for part in parts]
    return Solution(model, first[0], first[1], first[2], first[3], first[4], iterations)


def covariance_rows(items: ArrayLike, weights: ArrayLike | None = None) -> FloatArray:
    """Return the (weighted) covariance (divisor n, Σw) of complete rows (n, p)."""
    x = np.asarray(items, np.float64)
    there = ~np.isnan(x).any(axis=1)
    w = None if weights is None else np.asarray(weights, np.float64)[there]
    return np.asarray(np.cov(x[there], rowvar=False, ddof=0, aweights=w))


def fill_by_means(items: ArrayLike) -> FloatArray:
    """Return the items (n, p) with each NaN replaced by the mean of its column."""
    x = np.asarray(items, np.float64)
    return np.where(np.isnan(x), np.nanmean(x, axis=0), x)


def bootstrap_rows(
    items: ArrayLike,
    model: Model,
    *,
    rng: np.random.Generator,
    draws: int = 1000,
    scheme: Scheme = "path",
    metric: Metric = "standardised",
    sign: Sign = "weights",
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> Solution:
    """Return the solutions of bootstrap draws of complete rows, stacked (draws, …); whole
    customers are drawn where `cluster` names them.

    The covariances of all draws come from one product of counts and item products.
    """
    drawn = Bootstrap(items, rng=rng, draws=draws, weights=weights, cluster=cluster).drawn
    blocks = [
        fit(drawn[at : at + _BLOCK], model, scheme=scheme, metric=metric, sign=sign, tolerance=1e-7)
        for at in range(0, draws, _BLOCK)
    ]
    return _stacked(blocks, model)


def _stacked(blocks: list[Solution], model: Model) -> Solution:
    def joined(name: str) -> FloatArray:
        return np.concatenate([getattr(block, name) for block in blocks])

    names = ("weights", "loadings", "correlations", "paths", "r2")
    parts = [joined(name) for name in names]
    most = max(block.iterations for block in blocks)
    return Solution(model, parts[0], parts[1], parts[2], parts[3], parts[4], most)
