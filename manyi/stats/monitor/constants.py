"""The constants of control charts: d2, d3 and c4 of normal samples of n."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from scipy import special

# As printed in the books and used by most software; the exact values differ in the 4th digit.
ROUNDED_D2 = {
    2: 1.128,
    3: 1.693,
    4: 2.059,
    5: 2.326,
    6: 2.534,
    7: 2.704,
    8: 2.847,
    9: 2.970,
    10: 3.078,
}
ROUNDED_D4_OF_2 = 3.267


@cache
def range_moments(n: int) -> tuple[float, float]:
    """Return d2 and d3: the mean and standard deviation of the range of n standard normals."""
    x, wx = np.polynomial.legendre.leggauss(200)
    r, wr = np.polynomial.legendre.leggauss(200)
    x, wx, r, wr = 8 * x, 8 * wx, 8 * (r + 1), 8 * wr
    density = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    inside = special.ndtr(x[:, None] + r[None, :]) - special.ndtr(x)[:, None]
    below = n * (wx * density) @ inside ** (n - 1)
    mean = float(wr @ (1 - below))
    square = 2 * float((wr * r) @ (1 - below))
    return mean, math.sqrt(square - mean**2)


def c4(n: int) -> float:
    """Return the mean of the sample standard deviation of n standard normals."""
    return math.sqrt(2 / (n - 1)) * math.exp(
        float(special.gammaln(n / 2) - special.gammaln((n - 1) / 2))
    )
