"""Nelson's rules: patterns that chance seldom makes though every point is within the limits."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats.moments import FloatArray, IntArray

RULES = (
    "outside",
    "same_side",
    "trend",
    "alternating",
    "two_of_three",
    "four_of_five",
    "hugging",
    "avoiding",
)


def nelson(z: ArrayLike) -> dict[str, IntArray]:
    """Return, for each rule, the places (from 0) at which it is met.

    `z` holds points less centre in standard errors. 1 one beyond 3; 2 nine on one side;
    3 six rising or falling; 4 fourteen alternating; 5 two of three beyond 2 on one side;
    6 four of five beyond 1 on one side; 7 fifteen within 1; 8 eight beyond 1 on both sides.
    """
    x = np.asarray(z, np.float64)
    step = np.sign(np.diff(x, prepend=np.nan))
    turn = np.where(step * np.roll(step, 1) < 0, 1.0, 0.0)
    found = [
        np.abs(x) > 3,
        _all(x > 0, 9) | _all(x < 0, 9),
        _all(step > 0, 5) | _all(step < 0, 5),
        _all(turn > 0, 12),
        _many(x > 2, 2, 3) | _many(x < -2, 2, 3),
        _many(x > 1, 4, 5) | _many(x < -1, 4, 5),
        _all(np.abs(x) < 1, 15),
        _all(np.abs(x) > 1, 8) & (_any(x > 0, 8) & _any(x < 0, 8)),
    ]
    return {name: np.flatnonzero(one) for name, one in zip(RULES, found, strict=True)}


def _sums(mark: np.ndarray, window: int) -> FloatArray:
    total = np.concatenate([[0.0], np.cumsum(mark.astype(np.float64))])
    found = np.full(len(mark), -1.0)
    found[window - 1 :] = total[window:] - total[:-window]
    return found


def _all(mark: np.ndarray, window: int) -> np.ndarray:
    return np.asarray(_sums(mark, window) == window)


def _any(mark: np.ndarray, window: int) -> np.ndarray:
    return np.asarray(_sums(mark, window) > 0)


def _many(mark: np.ndarray, least: int, window: int) -> np.ndarray:
    padded = np.concatenate([np.zeros(window - 1, bool), mark])
    return np.asarray((_sums(padded, window)[window - 1 :] >= least) & mark)
