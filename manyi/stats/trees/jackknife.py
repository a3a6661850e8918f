"""Errors of any statistic from its values without each group of customers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from manyi.stats import intervals
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate


@dataclass(frozen=True, eq=False)
class Jackknife:
    """`whole` (k,) are statistics of all rows, `without` (g, k) those without each group.

    Leaving out groups, and not single rows, holds for statistics with jumps as well, such as
    those of trees (Shao & Wu 1989).
    """

    whole: FloatArray
    without: FloatArray
    n: int
    n_effective: float
    level: float

    @property
    def df(self) -> float:
        return float(len(self.without) - 1)

    def se(self, values: FloatArray) -> float:
        """Return the standard error of a statistic from its values without each group (g,)."""
        return math.sqrt(self.df / (self.df + 1) * float(((values - values.mean()) ** 2).sum()))

    def estimate(self, at: int, *, low: float = -math.inf, n: int | None = None) -> Estimate:
        """Return one statistic with its t interval, cut at `low`."""
        value, quantile = float(self.whole[at]), intervals.t_quantile(self.level, self.df)
        ends = intervals.around(value, self.se(self.without[:, at]), quantile)
        ends = intervals.clip(ends, low, math.inf)
        count = self.n if n is None else n
        effective = self.n_effective * count / self.n
        return Estimate(value, *ends, self.level, count, effective, self.df, "jackknife")

    def ranks(self, count: int) -> list[tuple[int, int]]:
        """Return for each of the first `count` statistics the places it may have, 1 the largest:
        two whose difference may be 0 may change places."""
        quantile = intervals.t_quantile(self.level, self.df)
        sure = np.zeros((count, count), bool)
        for a in range(count):
            for b in range(count):
                gap = float(self.whole[a] - self.whole[b])
                sure[a, b] = gap > quantile * self.se(self.without[:, a] - self.without[:, b])
        np.fill_diagonal(sure, val=False)
        above, below = sure.sum(axis=0), sure.sum(axis=1)
        return [(1 + int(u), count - int(d)) for u, d in zip(above, below, strict=True)]
