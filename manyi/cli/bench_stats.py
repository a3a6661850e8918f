"""How fast the statistics are, beside what they are meant to reach, on made-up answers."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from shutil import which
from typing import Any

import numpy as np

from manyi.stats import reliability
from manyi.stats.churn import cox, survival
from manyi.stats.churn.model import churn_model_rows
from manyi.stats.drivers import bootstrap, importance
from manyi.stats.drivers.trees import tree_drivers_rows
from manyi.stats.latent import pls
from manyi.stats.logistic import logistic_rows
from manyi.stats.moments import Moments, from_values
from manyi.stats.monitor import changepoint
from manyi.stats.survey import design, rake

LEVELS = (2, 6, 8, 12, 31)
# The European satisfaction index: who leads to whom, and the number of items of each.
ITEMS = {
    **{"Image": 5, "Expectation": 3, "Quality": 7, "Value": 2},
    **{"Satisfaction": 3, "Complaints": 1, "Loyalty": 3},
}
PATHS = [
    *(("Image", "Expectation"), ("Image", "Satisfaction"), ("Image", "Loyalty")),
    *(("Expectation", "Quality"), ("Expectation", "Value"), ("Expectation", "Satisfaction")),
    *(("Quality", "Value"), ("Quality", "Satisfaction"), ("Value", "Satisfaction")),
    *(("Satisfaction", "Complaints"), ("Satisfaction", "Loyalty"), ("Complaints", "Loyalty")),
]
IN_R = {
    "stratified mean of rows, R survey": (
        "suppressMessages(library(survey)); d <- data.frame(y = sample(5, n, TRUE),"
        " h = sample(31, n, TRUE), w = runif(n, .5, 2));"
        " s <- svydesign(~1, strata = ~h, weights = ~w, data = d);"
        " call <- function() svymean(~y, s)"
    ),
    "Kaplan-Meier, R survival": (
        "suppressMessages(library(survival)); t <- pmin(ceiling(rexp(n, 1 / 400)), 730);"
        " e <- as.integer(t < 730); call <- function() survfit(Surv(t, e) ~ 1)"
    ),
    "Cox regression, 6 variables, R survival": (
        "suppressMessages(library(survival)); x <- matrix(rnorm(6 * n), n);"
        " t <- pmin(ceiling(rexp(n, exp(.2 * x[, 1]) / 400)), 730); e <- as.integer(t < 730);"
        " call <- function() coxph(Surv(t, e) ~ x)"
    ),
}


@dataclass(frozen=True)
class Task:
    """What is timed: `call` on data that is ready; `target` in milliseconds where one is set."""

    name: str
    target: float | None
    call: Callable[[], Any]
    repeats: int = 7


def run(*, records: int | None = None, **options: Any) -> dict[str, dict[str, Any]]:
    """Return for every task its best and its median time in milliseconds, its best processor time,
    and its target, which is reached if either is within it: on a busy machine a task waits, and
    with several threads it uses more processor time than time.

    `records` is the number of rows of the large tables (100,000). Libraries that do the same
    are timed too where they happen to be installed; none is needed.
    """
    rng = np.random.default_rng(11)
    rows = records or 100_000
    found = {}
    for make in (_samples, _drivers, _trees, _latent, _lives, _series):
        for task in make(rng, rows):
            found[task.name] = _measured(task)
    # R is timed on data of the same size that it makes itself.
    told = {name: _r(lines, rows) for name, lines in IN_R.items()}
    return found | {name: one for name, one in told.items() if one is not None}


def _measured(task: Task) -> dict[str, Any]:
    task.call()
    times, used = zip(*(_milliseconds(task.call) for _ in range(task.repeats)), strict=True)
    best = min(*times, *used)
    shown = {
        "best_ms": round(min(times), 3),
        "median_ms": round(statistics.median(times), 3),
        "cpu_ms": round(min(used), 3),
    }
    if task.target is None:
        return {**shown, "runs": task.repeats}
    return {
        **shown,
        "runs": task.repeats,
        "target_ms": task.target,
        "reached": best <= task.target,
    }


def _milliseconds(call: Callable[[], Any]) -> tuple[float, float]:
    """Return how long a call takes, and how much of the processor."""
    began, used = time.perf_counter(), time.process_time()
    call()
    return (time.perf_counter() - began) * 1000, (time.process_time() - used) * 1000


def _samples(rng: np.random.Generator, rows: int) -> Iterator[Task]:
    codes = np.column_stack([rng.integers(0, size, rows) for size in LEVELS])
    weights = rng.uniform(0.5, 2, rows)
    totals = [rng.uniform(1, 2, size) for size in LEVELS]
    margins = rake.margins_of([one / one.sum() * weights.sum() for one in totals])
    yield Task("raking, 5 margins", 10, lambda: rake.rake_rows(codes, weights, margins), 15)
    y = rng.integers(1, 6, rows).astype(float)
    drawn = design.design_rows(weights, strata=codes[:, 4])
    yield Task("stratified mean of rows", None, lambda: design.mean_rows(y, drawn))
    moments = _strata(codes[:, 4], y)
    sizes = [1000.0 * (1 + at) for at in range(len(moments))]
    yield Task("stratified mean of moments", 5, lambda: design.stratified_mean(moments, sizes), 15)


def _drivers(rng: np.random.Generator, rows: int) -> Iterator[Task]:
    x, y = _answers(rng, 50_000, 12)
    yield Task("LMG of 12 drivers, 50,000 rows", 10, lambda: importance.lmg(_correlation(x, y)), 15)
    if find_spec("pingouin"):
        yield Task("LMG of 12 drivers, pingouin", None, lambda: _pingouin(x, y), 1)
    wide = _correlation(*_answers(rng, 50_000, 20))
    yield Task("LMG of 20 drivers", 1000, lambda: importance.lmg(wide), 3)
    small = _answers(rng, 5000, 12)
    yield Task(
        "LMG of 12 drivers, 1000 bootstraps, 5000 rows",
        2000,
        lambda: bootstrap.lmg_bootstrap_rows(*small, rng=np.random.default_rng(1)),
        2,
    )


def _trees(rng: np.random.Generator, rows: int) -> Iterator[Task]:
    few = max(rows // 20, 400)
    x, y = _answers(rng, few, 8)
    yield Task(
        f"drivers by trees, 8 items, {few:,} rows",
        2000,
        lambda: tree_drivers_rows(x, y, rng=np.random.default_rng(1)),
        2,
    )
    left = (rng.random(few) < np.where(x[:, 0] <= 3, 0.25, 0.1)).astype(float)
    yield Task(
        f"churn by trees, 8 items, {few:,} rows",
        2000,
        lambda: churn_model_rows(x, left, rng=np.random.default_rng(1)),
        2,
    )
    if find_spec("sklearn"):
        yield Task("boosted trees, scikit-learn", None, lambda: _boosted(x, y), 2)


def _latent(rng: np.random.Generator, rows: int) -> Iterator[Task]:
    names = {k: [f"{k}{i}" for i in range(n)] for k, n in ITEMS.items()}
    model = pls.Model(names, PATHS)
    items = _index_answers(rng, 250)
    covariance = pls.covariance_rows(items)
    yield Task("PLS path model", 5, lambda: pls.fit(covariance, model), 15)
    yield Task(
        "PLS path model, 1000 bootstraps of 250 rows",
        300,
        lambda: pls.bootstrap_rows(items, model, rng=np.random.default_rng(1)),
        5,
    )
    scale, _ = _answers(rng, 50_000, 20)
    yield Task(
        "Cronbach's alpha, 20 items, 50,000 rows", 10, lambda: reliability.reliability_rows(scale)
    )


def _lives(rng: np.random.Generator, rows: int) -> Iterator[Task]:
    x = rng.normal(size=(rows, 6))
    days = np.ceil(rng.exponential(400 * np.exp(-0.2 * x[:, 0]))).clip(1, 730)
    left = (days < 730) & (rng.random(rows) < 0.8)
    yield Task(
        "Kaplan-Meier",
        5,
        lambda: survival.kaplan_meier(days, left),
        15,
    )
    yield Task("Cox regression, 6 variables", 690, lambda: cox.cox_rows(days, left, x), 3)
    if find_spec("lifelines"):
        yield Task("Kaplan-Meier, lifelines", None, lambda: _lifelines(days, left), 3)
    yield Task(
        "logistic regression, 6 variables", None, lambda: logistic_rows(_with_constant(x), left), 3
    )
    if find_spec("statsmodels"):
        yield Task("logistic regression, statsmodels", None, lambda: _statsmodels(x, left), 3)
    if find_spec("sklearn"):
        yield Task("logistic regression, scikit-learn", None, lambda: _sklearn(x, left), 3)


def _series(rng: np.random.Generator, rows: int) -> Iterator[Task]:
    series = rng.normal(size=1000)
    series[300:] += 1
    series[650:] -= 2
    yield Task("change points, 1000 points", 50, lambda: changepoint.change_points(series), 9)
    if find_spec("ruptures"):
        yield Task("change points, ruptures", None, lambda: _ruptures(series), 1)


def _correlation(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.corrcoef(np.column_stack([x, y]), rowvar=False)


def _answers(rng: np.random.Generator, rows: int, p: int) -> tuple[np.ndarray, np.ndarray]:
    """Return answers 1 to 5 that go together, and an outcome."""
    common = rng.normal(size=(rows, 1))
    x = np.clip(np.round(3.4 + 0.7 * common + 0.8 * rng.normal(size=(rows, p))), 1, 5)
    return x, x @ np.linspace(0.1, 0.5, p) + rng.normal(size=rows)


def _index_answers(rng: np.random.Generator, rows: int) -> np.ndarray:
    """Return answers 1 to 10 to the items of the index, each latent led by those before it."""
    latent: dict[str, np.ndarray] = {}
    columns = []
    for name, size in ITEMS.items():
        led = [latent[start] for start, end in PATHS if end == name]
        own = rng.normal(size=rows)
        latent[name] = 0.8 * np.mean(led, axis=0) + 0.6 * own if led else own
        noise = rng.normal(size=(rows, size))
        columns.append(np.clip(np.round(7 + 1.4 * latent[name][:, None] + noise), 1, 10))
    return np.column_stack(columns)


def _strata(codes: np.ndarray, y: np.ndarray) -> list[Moments]:
    return [from_values(y[codes == one]) for one in np.unique(codes)]


def _r(lines: str, rows: int) -> dict[str, Any] | None:
    """Return what R takes in milliseconds for `lines`, best of three, timed inside R; None where
    R, or a package it needs, is not there."""
    program = which("Rscript")
    if program is None:
        return None
    timed = f"{{set.seed(1); n <- {rows}; {lines}; once <- function() system.time(call())[[3]]}}"
    script = f"{timed}; cat(1000 * c(once(), once(), once()))"
    done = subprocess.run(  # noqa: S603
        [program, "--vanilla", "-e", script],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode:
        return None
    times = [float(word) for word in done.stdout.split()]
    return {
        "best_ms": round(min(times), 3),
        "median_ms": round(statistics.median(times), 3),
        "runs": len(times),
    }


def _pingouin(x: np.ndarray, y: np.ndarray) -> Any:
    import pingouin  # type: ignore[import-not-found,unused-ignore]

    return pingouin.linear_regression(x, y, relimp=True)


def _with_constant(x: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(x)), x])


def _statsmodels(x: np.ndarray, y: np.ndarray) -> Any:
    from statsmodels.api import Logit  # type: ignore[import-not-found,import-untyped,unused-ignore]

    return Logit(y, _with_constant(x)).fit(disp=0)


def _sklearn(x: np.ndarray, y: np.ndarray) -> Any:
    from sklearn.linear_model import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
        LogisticRegression,
    )

    return LogisticRegression(C=1e9, tol=1e-8).fit(x, y)


def _boosted(x: np.ndarray, y: np.ndarray) -> Any:
    """Fit as often as our drivers do: once for all rows, and without each of ten groups."""
    from sklearn.ensemble import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
        HistGradientBoostingRegressor,
    )

    group = np.arange(len(y)) % 10
    grown = HistGradientBoostingRegressor(max_depth=3, max_iter=60, early_stopping=False)
    return [grown.fit(x[group != at], y[group != at]) for at in range(-1, 10)]


def _lifelines(days: np.ndarray, left: np.ndarray) -> Any:
    import lifelines  # type: ignore[import-not-found,unused-ignore]

    return lifelines.KaplanMeierFitter().fit(days, left)


def _ruptures(series: np.ndarray) -> Any:
    import ruptures  # type: ignore[import-not-found,unused-ignore]

    return ruptures.Pelt(model="l2", min_size=150, jump=1).fit_predict(series, pen=14)
