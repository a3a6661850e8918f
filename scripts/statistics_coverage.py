"""Measure how often intervals hold the truth, and how long alarms stay silent, by simulation.

Writes docs/reference/statistics/coverage.md. Takes about a quarter of an hour of one core.
`python scripts/statistics_coverage.py [draws]`
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from scipy import stats

from manyi.kit.scale import NPS_SCALE, Scale
from manyi.stats import compare, composite, intervals, moments, reliability
from manyi.stats.cross import cross_rows
from manyi.stats.drivers.linear import key_drivers
from manyi.stats.kano import kano_rows
from manyi.stats.metrics import estimate
from manyi.stats.monitor import arl
from manyi.stats.result import Estimate

PAGE = Path(__file__).resolve().parent.parent / "docs/reference/statistics/coverage.md"
FIVE, X = Scale(1, 5), np.arange(1.0, 6.0)
KINDS = {
    "skewed": np.array([0.02, 0.03, 0.1, 0.3, 0.55]),
    "flat": np.full(5, 0.2),
    "very good": np.array([0.01, 0.02, 0.05, 0.2, 0.72]),
}
NPS_KINDS = {
    "NPS 50": np.array([0.1, 0.3, 0.6]),
    "NPS 0": np.array([0.3, 0.4, 0.3]),
    "NPS 40": np.array([0.2, 0.2, 0.6]),
}
CUTS = np.array([-1.8, -1.2, -0.5, 0.4])
SHARES = np.diff(stats.norm.cdf(np.concatenate([[-np.inf], CUTS, [np.inf]])))
Draw = Callable[[np.random.Generator], Estimate]
Case = tuple[str, str, int, float, Draw]


def covered(draw: Draw, truth: float, draws: int) -> float:
    rng = np.random.default_rng(20261122)
    held = 0
    for _ in range(draws):
        found = draw(rng)
        held += bool(found.low is not None and found.low <= truth <= found.high)
    return held / draws


def exact(n: int, p: np.ndarray, method: Callable[..., intervals.Interval]) -> np.ndarray:
    ends = np.array([method(x, n, 0.95) for x in range(n + 1)])
    mass = stats.binom.pmf(np.arange(n + 1)[:, None], n, p[None, :])
    return (mass * ((ends[:, :1] <= p + 1e-12) & (p - 1e-12 <= ends[:, 1:]))).sum(axis=0)


def shares() -> Iterator[str]:
    yield "| n | mean over all p | least, any p | least, p 5 to 95 % | Clopper–Pearson, least |"
    yield "|---|---|---|---|---|"
    for n in (5, 10, 20, 30, 50, 100, 200, 500):
        even = np.linspace(0.0005, 0.9995, 1999)
        ends = np.array([intervals.wilson(x, n) for x in range(n + 1)]).ravel()
        worst = np.concatenate([ends - 1e-9, ends + 1e-9, even])
        worst = worst[(worst > 1e-6) & (worst < 1 - 1e-6)]
        held = exact(n, worst, intervals.wilson)
        inner = held[(worst >= 0.05) & (worst <= 0.95)]
        safe = exact(n, worst, intervals.clopper_pearson).min()
        mean = exact(n, even, intervals.wilson).mean()
        told = (mean, held.min(), inner.min(), safe)
        yield f"| {n} | " + " | ".join(f"{100 * one:.1f}" for one in told) + " |"


def counted(metric: str, n: int, p: np.ndarray, points: np.ndarray, scale: Scale) -> Draw:
    return lambda rng: estimate(metric, moments.from_counts(points, rng.multinomial(n, p)), scale)


def people(rng: np.random.Generator, n: int, share: float = 0.7) -> tuple[np.ndarray, np.ndarray]:
    """Return answers of customers who answer one to four times and are like themselves."""
    sizes = rng.integers(1, 5, n)
    sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), n)) + 1]
    own = np.repeat(rng.normal(size=len(sizes)), sizes)
    mood = share * own + np.sqrt(1 - share**2) * rng.normal(size=len(own))
    ids = np.repeat(rng.integers(0, 2**60, len(sizes)), sizes)
    return np.digitize(mood, CUTS) + 1.0, ids


def again(metric: str, n: int, *, weighted: bool = False) -> Draw:
    scale = NPS_SCALE if metric == "nps" else FIVE

    def draw(rng: np.random.Generator) -> Estimate:
        x, ids = people(rng, n)
        w = rng.choice([0.5, 1.0, 2.0], len(x)) if weighted else None
        if metric == "nps":
            x = np.array([3.0, 3, 7, 7, 10])[x.astype(int) - 1]
        return estimate(metric, moments.from_values(x, w, cluster=ids), scale)

    return draw


def weighed(metric: str, n: int) -> tuple[float, Draw]:
    """Half of the people answer three times as seldom, are other people, and weigh for it."""
    scale = NPS_SCALE if metric == "nps" else FIVE
    points = np.array([3.0, 7, 10]) if metric == "nps" else X
    one, two = list(NPS_KINDS.values())[:2] if metric == "nps" else list(KINDS.values())[:2]
    scores = {"csat": 100.0 * (X >= 4), "csat_mean": X, "nps": np.array([-100.0, 0, 100])}

    def draw(rng: np.random.Generator) -> Estimate:
        first = rng.random(n) < 0.75
        x = np.where(first, rng.choice(points, n, p=one), rng.choice(points, n, p=two))
        return estimate(metric, moments.from_values(x, np.where(first, 1.0, 3.0)), scale)

    return float((one + two) / 2 @ scores[metric]), draw


def changed(metric: str, n: int) -> tuple[float, Draw]:
    scale = NPS_SCALE if metric == "nps" else FIVE
    points = np.array([3.0, 7, 10]) if metric == "nps" else X
    one, two = list(NPS_KINDS.values())[:2] if metric == "nps" else list(KINDS.values())[:2]
    scores = {"csat": 100.0 * (X >= 4), "csat_mean": X, "nps": np.array([-100.0, 0, 100])}

    def draw(rng: np.random.Generator) -> Estimate:
        now, before = (moments.from_counts(points, rng.multinomial(n, p)) for p in (one, two))
        return compare.difference(now, before, metric, scale)

    return float((one - two) @ scores[metric]), draw


def panel(n: int) -> Draw:
    """The same customers in both waves, nothing changed."""

    def draw(rng: np.random.Generator) -> Estimate:
        own, ids = rng.normal(size=n), rng.integers(0, 2**60, n)
        waves = [
            np.digitize(0.7 * own + np.sqrt(0.51) * rng.normal(size=n), CUTS) + 1.0 for _ in "ab"
        ]
        one, two = (moments.from_values(x, cluster=ids) for x in waves)
        return compare.difference(one, two, "csat_mean", FIVE)

    return draw


def together(n: int) -> Draw:
    def draw(rng: np.random.Generator) -> Estimate:
        own, ids = rng.normal(size=n), rng.integers(0, 2**60, n)
        asked = [
            moments.from_values(
                np.digitize(0.8 * own + 0.6 * rng.normal(size=n), CUTS) + 1.0, cluster=ids
            )
            for _ in "ab"
        ]
        first = composite.Leaf(1, asked[0], "csat", FIVE)
        return composite.combine([first, composite.Leaf(3, asked[1], "csat_index", FIVE)])

    return draw


def scales(n: int, *, repeated: bool) -> Draw:
    def draw(rng: np.random.Generator) -> Estimate:
        many = 4 if repeated else 1
        size = n // many
        own = np.repeat(rng.normal(size=(size, 1)), many, axis=0)
        habit = np.repeat(rng.normal(size=(size, 4)), many, axis=0)
        x = own + 0.8 * habit + 0.6 * rng.normal(size=(size * many, 4))
        ids = np.repeat(rng.integers(0, 2**60, size), many)
        return reliability.reliability_rows(x, cluster=ids if repeated else None).alpha

    return draw


def features(n: int, *, repeated: bool) -> Draw:
    def draw(rng: np.random.Generator) -> Estimate:
        many = 3 if repeated else 1
        like = np.repeat(rng.random(n // many), many)
        f = np.where(like < 0.5, 1, rng.integers(2, 5, len(like)))
        d = np.where((like > 0.3) & (like < 0.6), 5, rng.integers(2, 5, len(like)))
        ids = np.repeat(np.arange(n // many), many)
        found = kano_rows(f, d, cluster=ids if repeated else None)
        assert found is not None
        return found.better

    return draw


def drivers(n: int) -> tuple[float, Draw]:
    """Three drivers that correlate by .5; the share of the first in what is explained."""
    r = np.full((3, 3), 0.5) + 0.5 * np.eye(3)
    beta = np.array([0.5, 0.3, 0.1])

    def sample(rng: np.random.Generator, size: int) -> np.ndarray:
        x = rng.multivariate_normal(np.zeros(3), r, size)
        return np.column_stack([x, x @ beta + rng.normal(size=size)])

    def share(rng: np.random.Generator, size: int) -> Estimate:
        ids = rng.integers(0, 2**60, size)
        cross = cross_rows(["a", "b", "c", "y"], sample(rng, size), cluster=ids)
        found = key_drivers(cross, "y").drivers
        return next(one.importance for one in found if one.name == "a")

    truth = share(np.random.default_rng(1), 2_000_000).value
    assert truth is not None
    return truth, lambda rng: share(rng, n)


def levels() -> Iterator[Case]:
    for n in (50, 150, 500):
        for kind, p in KINDS.items():
            yield "mean", kind, n, float(p @ X), counted("csat_mean", n, p, X, FIVE)
    for n in (20, 50, 200):
        for kind, p in NPS_KINDS.items():
            truth = 100 * float(p[2] - p[0])
            yield "NPS", kind, n, truth, counted("nps", n, p, np.array([3.0, 7, 10]), NPS_SCALE)


def differences() -> Iterator[Case]:
    for n in (50, 200):
        for metric in ("csat", "csat_mean", "nps"):
            yield "difference of two waves", metric, n, *changed(metric, n)
    for n in (50, 200):
        yield "difference, the same customers", "csat_mean", n, 0.0, panel(n)


TRUTHS = {
    "csat": float(100 * SHARES[3:].sum()),
    "csat_mean": float(SHARES @ X),
    "nps": float(100 * (SHARES[4] - SHARES[:2].sum())),
}


def dependent() -> Iterator[Case]:
    for n in (50, 300, 1000):
        for metric, truth in TRUTHS.items():
            yield "customers who answer again", metric, n, truth, again(metric, n)
    for n in (50, 200):
        for metric in TRUTHS:
            yield "weighted", metric, n, *weighed(metric, n)
    for n in (100, 300):
        for metric, truth in TRUTHS.items():
            draw = again(metric, n, weighted=True)
            yield "weighted, customers who answer again", metric, n, truth, draw
    whole = 0.25 * TRUTHS["csat"] + 0.75 * 25 * (TRUTHS["csat_mean"] - 1)
    for n in (50, 120, 400):
        yield "composite of two questions", "same people", n, whole, together(n)


def models() -> Iterator[Case]:
    for many, kind in ((1, "once each"), (4, "four times each")):
        for n in (100, 400):
            yield "Cronbach's alpha", kind, n, 4 / 3 * (1 - 8 / 20), scales(n, repeated=many > 1)
    for many, kind in ((1, "once each"), (3, "three times each")):
        for n in (60, 300):
            # Half of all like it where it is there; nobody is questionable or reverse.
            yield "Kano, better", kind, n, 50.0, features(n, repeated=many > 1)
    for n in (200, 1000):
        yield "importance of a driver (LMG)", "jackknife", n, *drivers(n)


def cases() -> Iterator[Case]:
    for some in (levels, differences, dependent, models):
        yield from some()


def run_lengths(paths: int, step: Callable[[np.ndarray, np.ndarray, int], np.ndarray]) -> float:
    """Return the mean run length of `paths` series, each until its first alarm."""
    rng = np.random.default_rng(6)
    state, total, t = np.zeros((2, paths)), 0, 0
    while state.shape[1]:
        t += 1
        total += state.shape[1]
        state = step(state, rng.normal(size=state.shape[1]), t)
    return total / paths


def ewma(weight: float, width: float, limits: str) -> Callable[..., np.ndarray]:
    def step(state: np.ndarray, z: np.ndarray, t: int) -> np.ndarray:
        now = (1 - weight) * state[0] + weight * z
        shrunk = 1 - (1 - weight) ** (2 * t) if limits == "exact" else 1.0
        inside = np.abs(now) <= width * np.sqrt(weight / (2 - weight) * shrunk)
        return np.vstack([now, state[1]])[:, inside]

    return step


def cusum(slack: float, decision: float) -> Callable[..., np.ndarray]:
    def step(state: np.ndarray, z: np.ndarray, t: int) -> np.ndarray:
        up = np.maximum(state[0] + z - slack, 0)
        down = np.maximum(state[1] - z - slack, 0)
        return np.vstack([up, down])[:, (up <= decision) & (down <= decision)]

    return step


def alarms(paths: int) -> Iterator[str]:
    yield "| chart | promised | simulated | off by |"
    yield "|---|---|---|---|"
    for promised in (370, 1000):
        for weight in (0.05, 0.1, 0.2, 0.4):
            for limits in ("fixed", "exact"):
                width = arl.ewma_width(weight, promised, limits=limits)
                seen = run_lengths(paths, ewma(weight, width, limits))
                name = f"EWMA λ = {weight}, {limits} limits ± {width:.4f}"
                yield f"| {name} | {promised} | {seen:.1f} | {100 * (seen / promised - 1):+.1f} % |"
        for slack in (0.25, 0.5, 1.0):
            decision = arl.cusum_decision(slack, promised)
            seen = run_lengths(paths, cusum(slack, decision))
            name = f"CUSUM k = {slack}, h = {decision:.4f}"
            yield f"| {name} | {promised} | {seen:.1f} | {100 * (seen / promised - 1):+.1f} % |"


HEAD = """# How often intervals hold the truth

Made by `scripts/statistics_coverage.py`; nothing here is written by hand. All intervals
are at 95 %.

## Shares

Wilson's interval, the default; in per cent of all samples, exact by summing over every count that
can come, with p beside the ends of every interval, where it is worst.
"""
MIDDLE = """
## Means, NPS, differences, weights and customers who answer again

{draws} samples each; a figure may be off by {off:.2f} by chance. “Customers who answer again”
answer one to four times and are like themselves (correlation of their moods .49).

| what | case | n | held, % |
|---|---|---|---|"""
TAIL = """
## Alarms

The mean number of points until a false alarm, over {paths} series of standard normal values; it
may be off by {off:.1f} % by chance.
"""


def page(draws: int) -> Iterator[str]:
    yield HEAD
    yield from shares()
    yield MIDDLE.format(draws=draws, off=196 * np.sqrt(0.95 * 0.05 / draws))
    for what, case, n, truth, draw in cases():
        line = f"| {what} | {case} | {n} | {100 * covered(draw, truth, draws):.1f} |"
        sys.stderr.write(line + "\n")
        yield line
    yield TAIL.format(paths=5 * draws, off=196 / np.sqrt(5 * draws))
    yield from alarms(5 * draws)


if __name__ == "__main__":
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    PAGE.write_text("\n".join(page(asked)) + "\n")
