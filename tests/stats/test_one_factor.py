"""Omega of one factor: against the fitted model, and on items made to have it."""

from __future__ import annotations

import time

import numpy as np
import pytest

from manyi.stats.cross import cross_rows
from manyi.stats.latent.efa import extract
from manyi.stats.one_factor import loadings, omega, omega_of


def rows(n: int, weights: list[float], seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(n, 1))
    lam = np.array(weights)
    return factor * lam + rng.normal(size=(n, len(lam))) * np.sqrt(1 - lam**2)


def test_loadings_are_those_of_minres() -> None:
    r = np.corrcoef(rows(400, [0.8, 0.7, 0.6, 0.5]).T)
    fitted = np.abs(extract(r, 1).loadings[:, 0])
    assert loadings(r) == pytest.approx(fitted, abs=2e-4)


def test_omega_is_that_of_the_model() -> None:
    lam = np.array([0.9, 0.7, 0.5])
    r = np.outer(lam, lam) + np.diag(1 - lam**2)
    whole = lam.sum() ** 2
    assert omega_of(r) == pytest.approx(whole / (whole + (1 - lam**2).sum()), abs=1e-6)


def test_the_interval_covers_and_counts_customers() -> None:
    lam = np.array([0.8, 0.7, 0.6, 0.5])
    true = lam.sum() ** 2 / (lam.sum() ** 2 + (1 - lam**2).sum())
    inside = 0
    for seed in range(200):
        found = omega(cross_rows("abcd", rows(250, lam.tolist(), seed)))
        assert found.low is not None and found.high is not None
        inside += found.low <= true <= found.high
    assert 178 <= inside <= 199
    doubled = np.repeat(rows(150, lam.tolist()), 2, axis=0)
    apart = omega(cross_rows("abcd", doubled))
    once = omega(cross_rows("abcd", doubled, cluster=np.repeat(np.arange(150), 2)))
    assert (once.half_width or 0) > (apart.half_width or 0)


def test_it_is_quick() -> None:
    cross = cross_rows("abcdefgh", rows(5000, [0.7] * 8))
    began = time.thread_time()
    omega(cross)
    assert time.thread_time() - began < 5
