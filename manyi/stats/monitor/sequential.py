"""EWMA and CUSUM: small lasting shifts, found by one step of arithmetic an observation."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats.moments import FloatArray, IntArray
from manyi.stats.monitor.arl import Limits


@dataclass(frozen=True)
class Ewma:
    """The state of an exponentially weighted mean of standardised values.

    `weight` is λ, `width` L; `value` and `steps` are where it stands. Limits are those of the
    exact variance λ/(2-λ)·(1-(1-λ)^2t), or "fixed" at where that leads.
    """

    weight: float = 0.2
    width: float = 2.859
    value: float = 0.0
    steps: int = 0
    limits: Limits = "exact"

    def update(self, z: float) -> Ewma:
        """Return the state after one more value, (x - centre)/standard error."""
        value = self.weight * z + (1 - self.weight) * self.value
        return replace(self, value=value, steps=self.steps + 1)

    @property
    def limit(self) -> float:
        left = 1.0
        if self.limits == "exact":
            left -= (1 - self.weight) ** (2 * self.steps)
        return self.width * math.sqrt(self.weight / (2 - self.weight) * left)

    @property
    def alarmed(self) -> bool:
        return self.steps > 0 and abs(self.value) > self.limit


@dataclass(frozen=True)
class Cusum:
    """The state of a two-sided tabular CUSUM: `slack` is k, `decision` h, both in standard
    errors; it signals where one of its sums exceeds h."""

    slack: float = 0.5
    decision: float = 5.0
    above: float = 0.0
    below: float = 0.0
    steps: int = 0

    def update(self, z: float) -> Cusum:
        """Return the state after one more value, (x - centre)/standard error."""
        above = max(0.0, self.above + z - self.slack)
        below = max(0.0, self.below - z - self.slack)
        return replace(self, above=above, below=below, steps=self.steps + 1)

    @property
    def alarmed(self) -> bool:
        return max(self.above, self.below) > self.decision


@dataclass(frozen=True, eq=False)
class Path:
    """A whole series of states: values (upper and lower sums for a CUSUM), limits, alarms."""

    upper: FloatArray
    lower: FloatArray
    limit: FloatArray
    signals: IntArray


def ewma_path(
    z: ArrayLike, *, weight: float = 0.2, width: float = 2.859, limits: Limits = "exact"
) -> Path:
    """Return the EWMA of standardised values (t,); upper and lower are the same series."""
    state, values, edges, alarms = Ewma(weight, width, limits=limits), [], [], []
    for one in np.asarray(z, np.float64):
        state = state.update(float(one))
        values.append(state.value)
        edges.append(state.limit)
        alarms.append(state.alarmed)
    line = np.array(values)
    return Path(line, line, np.array(edges), np.flatnonzero(alarms))


def cusum_path(z: ArrayLike, *, slack: float = 0.5, decision: float = 5.0) -> Path:
    """Return the upper and lower sums (both 0 or more) of standardised values (t,)."""
    state, above, below, alarms = Cusum(slack, decision), [], [], []
    for one in np.asarray(z, np.float64):
        state = state.update(float(one))
        above.append(state.above)
        below.append(state.below)
        alarms.append(state.alarmed)
    limit = np.full(len(above), decision)
    return Path(np.array(above), np.array(below), limit, np.flatnonzero(alarms))
