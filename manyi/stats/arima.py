"""Seasonal ARIMA by exact maximum likelihood, and forecasts that say how sure they are."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, signal, special
from scipy.linalg import cho_factor, cho_solve, cholesky_banded, solve_banded, toeplitz

from manyi.stats import intervals
from manyi.stats.moments import FloatArray
from manyi.stats.result import Estimate, Test

Order = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Arima:
    """A fitted model (p, d, q)(P, D, Q)_period: coefficients of ar, ma, seasonal ar and ma (as
    R signs them), the mean of the differenced series (0 where there was differencing), σ²,
    the log-likelihood, and the one-step errors of the differenced series."""

    values: FloatArray
    order: Order
    seasonal: Order
    period: int
    ar: FloatArray
    ma: FloatArray
    seasonal_ar: FloatArray
    seasonal_ma: FloatArray
    mean: float
    variance: float
    log_likelihood: float
    residuals: FloatArray

    @property
    def parameters(self) -> int:
        """Return how many numbers were fitted, σ² among them."""
        parts = (self.ar, self.ma, self.seasonal_ar, self.seasonal_ma)
        return sum(len(one) for one in parts) + 1 + int(not _differenced(self.order, self.seasonal))

    @property
    def aic(self) -> float:
        return 2 * self.parameters - 2 * self.log_likelihood

    def ahead(self, steps: int, *, level: float = 0.95) -> tuple[Estimate, ...]:
        """Return the forecasts 1 to `steps` ahead with normal intervals."""
        middle, spread = self._told(steps)
        se = np.sqrt(self.variance * spread)
        z, n = intervals.normal_quantile(level), len(self.values)
        return tuple(
            Estimate(m, *intervals.around(m, s, z), level, n, float(n), None, "arima")
            for m, s in zip(middle.tolist(), se.tolist(), strict=True)
        )

    def _told(self, steps: int) -> tuple[FloatArray, FloatArray]:
        """Return E[y] ahead and its variance over σ², given the finite past: exact for the
        differenced series, then summed up again."""
        phi, theta = _polynomials(self)
        w = _differences(self.values, self.order, self.seasonal, self.period) - self.mean
        n = len(w)
        gamma = _autocovariance(phi, theta, n + steps)
        factor = cho_factor(toeplitz(gamma[:n]))
        reach = toeplitz(gamma)[n:, :n]
        told = reach @ cho_solve(factor, w) + self.mean
        left = toeplitz(gamma[:steps]) - reach @ cho_solve(factor, reach.T)
        poly = _difference_polynomial(self.order, self.seasonal, self.period)
        known = self.values.tolist()
        for one in told.tolist():
            back = sum(-c * known[-at] for at, c in enumerate(poly.tolist()) if at > 0)
            known.append(one + back)
        sums = toeplitz(_psi(poly, np.ones(1), steps), np.zeros(steps))
        spread = np.einsum("ij,jk,ik->i", sums, left, sums)
        return np.array(known[len(self.values) :]), np.asarray(np.maximum(spread, 0.0))

    def ljung_box(self, lags: int) -> Test:
        """Return Ljung and Box's statistic of the errors and its p: small p means that
        something is left to tell."""
        return ljung_box(self.residuals, lags, fitted=self.parameters - 1)


def arima(
    values: ArrayLike, order: Order, *, seasonal: Order = (0, 0, 0), period: int = 1
) -> Arima:
    """Fit by exact Gaussian likelihood of the differenced series (R's `arima`, method "ML").

    A mean is fitted only where nothing is differenced. Stationary and invertible throughout
    (partial autocorrelations are what is searched over).
    """
    y = np.asarray(values, np.float64)
    w = _differences(y, order, seasonal, period)
    sizes = (order[0], order[2], seasonal[0], seasonal[2])
    with_mean = not _differenced(order, seasonal)

    def parts(free: FloatArray) -> list[FloatArray]:
        cuts = np.split(np.tanh(free), np.cumsum(sizes)[:-1])
        # Signs: ma as 1 + θB (R), ar as 1 - φB.
        return [_stable(cuts[0]), -_stable(cuts[1]), _stable(cuts[2]), -_stable(cuts[3])]

    def loss(free: FloatArray) -> float:
        return -_likelihood(w, parts(free), period, with_mean=with_mean)[0]

    best = np.zeros(sum(sizes))
    if len(best):
        # From three places: far out the hyperbolic tangent is flat.
        fits = [
            optimize.minimize(
                loss, np.full(len(best), start), method="L-BFGS-B", bounds=[(-4, 4)] * len(best)
            )
            for start in (-0.4, 0.1, 0.6)
        ]
        best = np.asarray(min(fits, key=lambda fit: float(fit.fun)).x, np.float64)
    found = parts(best)
    likelihood, mean, variance, errors = _likelihood(w, found, period, with_mean=with_mean)
    fitted = (found[0], found[1], found[2], found[3], mean, variance, likelihood, errors)
    return Arima(y, order, seasonal, period, *fitted)


def _differenced(order: Order, seasonal: Order) -> bool:
    return order[1] + seasonal[1] > 0


def _difference_polynomial(order: Order, seasonal: Order, period: int) -> FloatArray:
    found = np.ones(1)
    for _ in range(order[1]):
        found = np.convolve(found, [1.0, -1.0])
    for _ in range(seasonal[1]):
        found = np.convolve(found, np.concatenate([[1.0], np.zeros(period - 1), [-1.0]]))
    return found


def _differences(y: FloatArray, order: Order, seasonal: Order, period: int) -> FloatArray:
    poly = _difference_polynomial(order, seasonal, period)
    return np.convolve(y, poly, mode="valid")


def _stable(partial: FloatArray) -> FloatArray:
    """Return the autoregression with these partial autocorrelations (Durbin and Levinson)."""
    phi = np.zeros(0)
    for one in partial.tolist():
        phi = np.append(phi - one * phi[::-1], one)
    return phi


def _products(
    ar: FloatArray, ma: FloatArray, sar: FloatArray, sma: FloatArray, period: int
) -> tuple[FloatArray, FloatArray]:
    def spread(seasonal: FloatArray) -> FloatArray:
        found = np.zeros(len(seasonal) * period + 1)
        found[0] = 1.0
        found[period::period] = seasonal
        return found

    phi = np.convolve(np.concatenate([[1.0], -ar]), spread(-sar))
    theta = np.convolve(np.concatenate([[1.0], ma]), spread(sma))
    return phi, theta


def _polynomials(model: Arima) -> tuple[FloatArray, FloatArray]:
    return _products(model.ar, model.ma, model.seasonal_ar, model.seasonal_ma, model.period)


def _psi(phi: FloatArray, theta: FloatArray, size: int) -> FloatArray:
    impulse = np.zeros(size)
    impulse[0] = 1.0
    return np.asarray(signal.lfilter(theta, phi, impulse), np.float64)


def _autocovariance(phi: FloatArray, theta: FloatArray, size: int) -> FloatArray:
    """Return the autocovariances 0 … size-1 of the ARMA process with errors of variance 1.

    Yule and Walker's equations for the first lags exactly, then the recursion.
    """
    p, q = len(phi) - 1, len(theta) - 1
    psi = _psi(phi, theta, q + 1)
    right = np.array([float(theta[j:] @ psi[: q + 1 - j]) if j <= q else 0.0 for j in range(p + 1)])
    matrix = np.zeros((p + 1, p + 1))
    for row in range(p + 1):
        for lag in range(p + 1):
            matrix[row, abs(row - lag)] += phi[lag]
    gamma = np.zeros(max(size, p + 1))
    gamma[: p + 1] = np.linalg.solve(matrix, right)
    for k in range(p + 1, len(gamma)):
        own = float(theta[k:] @ psi[: q + 1 - k]) if k <= q else 0.0
        gamma[k] = own - float(phi[1:] @ gamma[k - 1 :: -1][:p]) if p else own
    return gamma[:size]


def _likelihood(
    w: FloatArray, parts: list[FloatArray], period: int, *, with_mean: bool
) -> tuple[float, float, float, FloatArray]:
    """Return the log-likelihood at the best mean and variance, both, and the errors."""
    phi, theta = _products(parts[0], parts[1], parts[2], parts[3], period)
    n = len(w)
    lower = cholesky_banded(_banded(phi, theta, n), lower=True)
    both = np.column_stack([w, np.ones(n)])
    m = max(len(phi), len(theta)) - 1
    after = signal.lfilter(phi, [1.0], both, axis=0)
    moved = np.concatenate([both[:m], after[m:]])
    told = solve_banded((len(lower) - 1, 0), lower, moved)
    mean = float(told[:, 1] @ told[:, 0] / (told[:, 1] @ told[:, 1])) if with_mean else 0.0
    errors = told[:, 0] - mean * told[:, 1]
    variance = float(errors @ errors) / n
    logs = float(np.log(lower[0]).sum())
    likelihood = -n / 2 * (math.log(2 * math.pi * max(variance, 1e-300)) + 1) - logs
    return likelihood, mean, variance, np.asarray(errors, np.float64)


def _banded(phi: FloatArray, theta: FloatArray, n: int) -> FloatArray:
    """Return, in lower banded form, the covariance of the first m values followed by φ(B)w of
    the rest (Ansley 1979), which reaches no further than m = max(p, q)."""
    p, q = len(phi) - 1, len(theta) - 1
    m = max(p, q)
    psi = _psi(phi, theta, q + 1)
    own = np.array([float(theta[k:] @ theta[: q + 1 - k]) for k in range(q + 1)])
    cross = np.array([float(theta[k:] @ psi[: q + 1 - k]) for k in range(q + 1)])
    gamma = _autocovariance(phi, theta, m + 1)
    band = np.zeros((m + 1, n))
    band[: q + 1] = own[:, None]
    for column in range(min(m, n)):
        inside = min(m - column, m + 1)
        band[:inside, column] = gamma[:inside]
        band[inside:, column] = 0.0
        band[inside : q + 1, column] = cross[inside : q + 1]
    for row in range(1, m + 1):
        band[row, n - row :] = 0.0
    return band


def ljung_box(errors: ArrayLike, lags: int, *, fitted: int = 0, level: float = 0.95) -> Test:
    """Return Ljung and Box's statistic over `lags` autocorrelations and its p, with the number
    of coefficients that were `fitted` taken off the degrees of freedom; its effect is the first
    autocorrelation."""
    e = np.asarray(errors, np.float64)
    n = len(e)
    e = e - e.mean()
    r = np.array([float(e[k:] @ e[:-k]) for k in range(1, lags + 1)]) / float(e @ e)
    statistic = n * (n + 2) * float((r**2 / (n - np.arange(1, lags + 1))).sum())
    ends = intervals.around(float(r[0]), 1 / math.sqrt(n), intervals.normal_quantile(level))
    first = Estimate(float(r[0]), *ends, level, n, float(n), None, "bartlett")
    df = float(max(lags - fitted, 1))
    p = float(special.chdtrc(df, statistic))
    return Test(statistic, p, df, first, "ljung_box", n)


@dataclass(frozen=True, eq=False)
class BackTest:
    """Forecasts made at earlier times, with what came: how often the intervals held it, and the
    mean absolute error, itself and over that of saying "as a period ago" (below 1 is better).
    Errors of forecasts that overlap go together, and their intervals know that."""

    coverage: Estimate
    absolute_error: Estimate
    scaled_error: Estimate


def back_test(
    values: ArrayLike,
    order: Order,
    *,
    seasonal: Order = (0, 0, 0),
    period: int = 1,
    steps: int = 1,
    origins: int = 12,
    level: float = 0.95,
) -> BackTest:
    """Return how forecasts `steps` ahead from the last `origins` starting points turned out;
    coefficients are fitted anew at each, from what was known then."""
    y = np.asarray(values, np.float64)
    held, errors, plain = 0, [], []
    for back in range(origins, 0, -1):
        end = len(y) - back - steps + 1
        told = arima(y[:end], order, seasonal=seasonal, period=period).ahead(steps, level=level)
        came = float(y[end + steps - 1])
        one = told[-1]
        assert one.value is not None and one.low is not None and one.high is not None
        held += one.low <= came <= one.high
        errors.append(abs(came - one.value))
        ago = end + steps - 1 - period * math.ceil(steps / period)
        plain.append(abs(came - float(y[ago])))
    ends = intervals.wilson(held, origins, 0.95)
    share = Estimate(
        100 * held / origins,
        100 * ends.low,
        100 * ends.high,
        0.95,
        origins,
        float(origins),
        None,
        "wilson",
    )
    sizes, others = np.array(errors), np.array(plain)
    mean, base = float(sizes.mean()), max(float(others.mean()), 1e-300)
    ratio = mean / base
    return BackTest(
        share,
        _overlapping(mean, sizes - mean, steps, level),
        _overlapping(ratio, (sizes - ratio * others) / base, steps, level),
    )


def _overlapping(value: float, pulls: FloatArray, steps: int, level: float) -> Estimate:
    """Return a mean whose rows pull it so, each `steps` ahead and so alike to as many: the
    variance of Diebold and Mariano (1995) with the correction of Harvey, Leybourne and Newbold
    (1997), and t."""
    n = len(pulls)
    square = float(pulls @ pulls)
    ahead = square + 2 * sum(float(pulls[k:] @ pulls[:-k]) for k in range(1, min(steps, n)))
    room = (n + 1 - 2 * steps + steps * (steps - 1) / n) / n
    variance = (ahead if ahead > 0 else square) / n**2 / max(room, 1 / n)
    df = float(max(n - 1, 1))
    ends = intervals.around(value, math.sqrt(variance), intervals.t_quantile(level, df))
    return Estimate(value, max(ends.low, 0.0), ends.high, level, n, float(n), df, "overlapping")


def conformal(errors: ArrayLike, told: ArrayLike, *, level: float = 0.95) -> tuple[Estimate, ...]:
    """Return forecasts with split-conformal intervals from absolute `errors` of forecasts made
    before: right at least `level` of the time whatever the distribution, if errors are alike.

    Half-width: the ⌈(n + 1)·level⌉-th smallest error; no interval where n is too small for it.
    """
    sizes = np.sort(np.abs(np.asarray(errors, np.float64)))
    n = len(sizes)
    rank = math.ceil((n + 1) * level - 1e-9)
    half = None if rank > n else float(sizes[rank - 1])
    return tuple(
        Estimate(
            value,
            None if half is None else value - half,
            None if half is None else value + half,
            level,
            n,
            float(n),
            None,
            "conformal",
        )
        for value in np.asarray(told, np.float64).tolist()
    )
