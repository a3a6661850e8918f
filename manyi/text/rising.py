"""What rose in the last period: rates compared exactly, false discoveries held down.

Given all voices of a candidate, those of the last period are binomial where its rate has not
changed, with the last period's share of all voices as the chance (the conditional comparison of
two Poisson rates; Przyborowski and Wilenski 1940). Where counts vary from period to period more
than Poisson would, both are divided by that dispersion. Benjamini and Hochberg (1995) adjust
over all candidates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # its large parts are loaded when they are first asked for
from numpy.typing import NDArray

LEVEL = 0.95
_EXPECTED = 1.0
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rise:
    """The last period against those before.

    `now` and `before` are voices; `ratio` is that of their shares of all voices, with its
    interval (None: without bound, or of nothing); `p` is adjusted for all that were looked at.
    """

    now: int
    before: int
    ratio: float | None
    low: float
    high: float | None
    p: float


@dataclass(frozen=True)
class Counts:
    """Voices of each candidate (a row) in each period (a column), and all voices in each."""

    table: Ints
    voices: Ints

    @staticmethod
    def of(rows: Sequence[Ints], voices: Ints) -> Counts:
        """Return the rows as a table, also where there is none."""
        return Counts(np.array(rows, np.int64).reshape(len(rows), len(voices)), voices)


def rises(*candidates: Counts) -> list[Rise]:
    """Return how each candidate stands in the last period, all of them adjusted together.

    Every part has to have the same periods.
    """
    whole = Counts(np.concatenate([one.table for one in candidates]), candidates[0].voices)
    if not len(whole.table):
        return []
    now, before = whole.table[:, -1], whole.table[:, :-1].sum(axis=1)
    share = float(whole.voices[-1] / max(1, whole.voices.sum()))
    wider = dispersion(whole)
    p = adjusted(_chance(now / wider, before / wider, share))
    low, high = _interval(now / wider, before / wider)
    odds = (1 - share) / max(share, 1e-12)
    return [
        Rise(
            int(now[k]),
            int(before[k]),
            float(now[k] / before[k] * odds) if before[k] else None,
            float(low[k] * odds),
            float(high[k] * odds) if np.isfinite(high[k]) else None,
            float(p[k]),
        )
        for k in range(len(now))
    ]


def dispersion(counts: Counts) -> float:
    """Return by how much counts vary more than Poisson in the periods before; at least 1."""
    table, voices = counts.table[:, :-1], counts.voices[:-1]
    if table.shape[1] < 2:
        return 1.0
    expected = table.sum(axis=1, keepdims=True) * voices / max(1, voices.sum())
    usual = expected.mean(axis=1) >= _EXPECTED
    if not usual.any():
        return 1.0
    off = (table - expected)[usual] ** 2 / np.maximum(expected[usual], 1e-9)
    return max(1.0, float(off.sum() / (usual.sum() * (table.shape[1] - 1))))


def _chance(now: Floats, before: Floats, share: float) -> Floats:
    """Return the chance of so many now, or more, where nothing has changed."""
    tail = scipy.special.betainc(np.maximum(now, 1e-9), before + 1, share)
    return np.where(now > 0, tail, 1.0)


def _interval(now: Floats, before: Floats) -> tuple[Floats, Floats]:
    """Return the exact interval of the odds of being said now (Clopper and Pearson 1934)."""
    tail = (1 - LEVEL) / 2
    low = scipy.special.betaincinv(np.maximum(now, 1e-9), before + 1, tail)
    high = scipy.special.betaincinv(now + 1, np.maximum(before, 1e-9), 1 - tail)
    low = np.where(now > 0, low / (1 - low), 0.0)
    with np.errstate(divide="ignore"):
        return low, np.where(before > 0, high / (1 - high), np.inf)


def adjusted(p: Floats) -> Floats:
    """Return p adjusted for the false discovery rate (Benjamini and Hochberg 1995)."""
    order = np.argsort(-p, kind="stable")
    rank = np.arange(len(p), 0, -1)
    found = np.empty(len(p))
    found[order] = np.minimum(1.0, np.minimum.accumulate(p[order] * len(p) / rank))
    return found
