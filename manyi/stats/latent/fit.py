"""How well a model of factors fits: chi-square, and the indices that are made of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

from manyi.stats.result import Estimate, Note, Test

_USUAL = 0.9


@dataclass(frozen=True)
class Fit:
    """The chi-square `test` that the model holds, whose effect is the RMSEA with its interval at
    90 %, as is usual for it (Steiger 1990); CFI and TLI beside the model in which nothing goes
    together, and the SRMR, of which no interval is known but by drawing anew."""

    test: Test
    cfi: Estimate
    tli: Estimate
    rmsea: Estimate
    srmr: Estimate


@dataclass(frozen=True)
class Misfit:
    """What the indices are made of: chi-square and df of the model and of the one in which
    nothing goes together, what each chi-square is to be divided by (`scaling`, `base_scaling`:
    1 where answers are normal), the SRMR, `n` rows that count as `people`."""

    chi: float
    df: int
    base: float
    base_df: float
    srmr: float
    n: int
    people: int
    scaling: float = 1.0
    base_scaling: float = 1.0
    told: float | None = None  # the n that the RMSEA is over, where it is another

    def fit(self, method: str) -> Fit:
        """Return the indices; CFI, TLI and RMSEA are the robust ones of Brosseau-Liard and
        Savalei (2014) where there is a scaling."""
        over = self.chi - self.scaling * self.df
        worst = max(self.base - self.base_scaling * self.base_df, over, 1e-12)
        tli = 1.0
        if self.df > 0:
            tli = 1 - over / self.df / (self.base / self.base_df - self.base_scaling)
        rmsea = self._rmsea(max(over, 0.0))
        statistic = self.chi / self.scaling
        p = float(special.chdtrc(self.df, statistic)) if self.df > 0 else 1.0
        return Fit(
            Test(statistic, p, float(self.df), rmsea, method, self.n),
            self._alone(1 - max(over, 0.0) / worst, "cfi"),
            self._alone(tli, "tli"),
            rmsea,
            self._alone(self.srmr, "srmr"),
        )

    def _rmsea(self, over: float) -> Estimate:
        size, statistic = self.df * (self.told or self.n), self.chi / self.scaling
        ends = (0.0, 0.0)
        if self.df > 0:
            low, high = (1 + _USUAL) / 2, (1 - _USUAL) / 2
            ends = (self._end(statistic, low, size), self._end(statistic, high, size))
        value = math.sqrt(over / size) if self.df > 0 else 0.0
        people = float(self.people)
        return Estimate(value, *ends, _USUAL, self.n, people, float(self.df), "noncentral")

    def _end(self, statistic: float, share: float, size: float) -> float:
        return math.sqrt(self.scaling * _noncentrality(statistic, self.df, share) / size)

    def _alone(self, value: float, method: str) -> Estimate:
        note, people = Note("no_known_interval"), float(self.people)
        return Estimate(value, None, None, 0.95, self.n, people, None, method, (note,))


def _noncentrality(chi: float, df: int, share: float) -> float:
    """Return the noncentrality under which that share of chances lies below chi."""
    if float(special.chdtr(df, chi)) <= share:
        return 0.0
    return float(special.chndtrinc(chi, df, share))
