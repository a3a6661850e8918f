"""Cox's proportional hazards: what makes customers leave sooner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from manyi.stats.moments import FloatArray

Ties = Literal["efron", "breslow"]


@dataclass(frozen=True, eq=False)
class Cox:
    """Log hazard ratios (p,), their covariance, the likelihood without and with them, and the
    concordance: how often the one at higher risk leaves first (.5 is chance)."""

    coefficients: FloatArray
    covariance: FloatArray
    null_log_likelihood: float
    log_likelihood: float
    concordance: float
    n: int
    events: int

    @property
    def se(self) -> FloatArray:
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def hazard_ratios(self) -> FloatArray:
        return np.asarray(np.exp(self.coefficients))

    @property
    def p(self) -> FloatArray:
        return np.asarray(2 * special.ndtr(-np.abs(self.coefficients / self.se)))


def cox_rows(time: ArrayLike, event: ArrayLike, x: ArrayLike, *, ties: Ties = "efron") -> Cox:
    """Fit by Newton's method; rows with a NaN are left out. `x` (n, p) has no constant."""
    t, e, a = (np.asarray(one, np.float64) for one in (time, event, x))
    there = ~(np.isnan(t) | np.isnan(e) | np.isnan(a).any(axis=1))
    order = np.argsort(t[there], kind="stable")
    t, e, a = t[there][order], e[there][order], a[there][order]
    centred = a - a.mean(axis=0)
    sets = _risk_sets(t, e, ties)
    beta, null = np.zeros(a.shape[1]), 0.0
    likelihood, gradient, information = _slopes(beta, centred, e, sets)
    null = likelihood
    for _ in range(50):
        step = np.linalg.solve(information, gradient)
        beta = beta + step
        likelihood, gradient, information = _slopes(beta, centred, e, sets)
        if np.abs(step).max() < 1e-10:
            break
    found = _concordance(t, e, centred @ beta)
    covariance = np.asarray(np.linalg.inv(information), np.float64)
    return Cox(beta, covariance, null, likelihood, found, len(t), int(e.sum()))


@dataclass(frozen=True, eq=False)
class _Sets:
    first: np.ndarray  # of each event: where its risk set begins
    tied: np.ndarray  # of each event: the number of its time among the distinct event times
    share: FloatArray  # of each event: how much of the tied ones has left the risk set
    group: np.ndarray  # of each row: the number of its time, -1 without an event
    groups: int


def _risk_sets(time: FloatArray, event: FloatArray, ties: Ties) -> _Sets:
    times = np.unique(time[event > 0])
    group = np.where(event > 0, np.searchsorted(times, time), -1)
    at = group[event > 0]
    counts = np.bincount(at, minlength=len(times))
    begin = np.cumsum(counts) - counts
    rank = np.arange(len(at)) - begin[at]
    share = rank / counts[at] if ties == "efron" else np.zeros(len(at))
    first = np.searchsorted(time, times, side="left")[at]
    return _Sets(first, at, share, group, len(times))


def _slopes(
    beta: FloatArray, x: FloatArray, event: FloatArray, sets: _Sets
) -> tuple[float, FloatArray, FloatArray]:
    """Return the log-likelihood, its gradient and its information."""
    p = x.shape[1]
    eta = x @ beta
    size = np.exp(eta)
    squares = (x[:, :, None] * x[:, None, :]).reshape(len(x), p * p)
    columns = size[:, None] * np.column_stack([np.ones(len(x)), x, squares])
    later = columns[::-1].cumsum(axis=0)[::-1]
    left = event > 0
    tied = np.zeros((sets.groups, columns.shape[1]))
    np.add.at(tied, sets.group[left], columns[left])
    sums = later[sets.first] - sets.share[:, None] * tied[sets.tied]
    total = sums[:, 0]
    mean = sums[:, 1 : p + 1] / total[:, None]
    second = (sums[:, p + 1 :] / total[:, None]).sum(axis=0).reshape(p, p)
    likelihood = float(eta[left].sum() - np.log(total).sum())
    gradient = x[left].sum(axis=0) - mean.sum(axis=0)
    return likelihood, np.asarray(gradient), np.asarray(second - mean.T @ mean)


def _concordance(time: FloatArray, event: FloatArray, risk: FloatArray) -> float:
    """Return Harrell's concordance; ties of risk count half."""
    right = wrong = equal = 0
    for at in np.flatnonzero(event > 0):
        later = (time > time[at]) | ((time == time[at]) & (event == 0))
        others = risk[later]
        right += int((others < risk[at]).sum())
        wrong += int((others > risk[at]).sum())
        equal += int((others == risk[at]).sum())
    total = right + wrong + equal
    return (right + equal / 2) / total if total else 0.5
