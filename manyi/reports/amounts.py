"""Answers that are numbers or days: their middle and spread, and when they lie."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db.models import Count

from manyi.feedback import queries as feedback
from manyi.kit.period import Period, bucket, buckets, fitting_interval, label
from manyi.kit.selection import Selection
from manyi.lake.variables import NumberOf, side_by_side
from manyi.stats.metrics import mean_of
from manyi.stats.moments import from_values
from manyi.stats.result import Estimate

_Z = 1.959964
_MOST_PERIODS = 60


@dataclass(frozen=True)
class Amounts:
    """The mean and the median with their intervals; between which numbers the answers lie."""

    mean: Estimate
    median: Estimate
    low: float
    quarter: float
    three_quarters: float
    high: float


def amounts(selection: Selection, question: str) -> Amounts | None:
    """Return how the numbers given to a question lie; None where there are none.

    Several answers of one customer count as one person's. Of very many answers these are
    those of a sample, the same one every time.
    """
    asked = NumberOf(question)
    lines = side_by_side(selection, [asked])
    values = lines.columns[asked]
    there = ~np.isnan(values)
    if not there.any():
        return None
    known = lines.customer >= 0
    # Whoever is not known stands for themselves.
    people = np.where(known, lines.customer, -1 - np.arange(len(lines)))
    mean = mean_of(from_values(values, cluster=people))
    given = np.sort(values[there])
    low, quarter, three_quarters, high = _quantiles(given, (0.05, 0.25, 0.75, 0.95))
    return Amounts(mean, _median(given, mean), low, quarter, three_quarters, high)


def _median(given: np.ndarray, mean: Estimate) -> Estimate:
    """Return the median between two of the answers, by their ranks at the effective n."""
    half = _Z * 0.5 / math.sqrt(max(mean.n_effective, 1.0))
    low, middle, high = _quantiles(given, (max(0.5 - half, 0.0), 0.5, min(0.5 + half, 1.0)))
    n, n_effective = mean.n, mean.n_effective
    return Estimate(middle, low, high, 0.95, n, n_effective, None, "order_statistics")


def _quantiles(given: np.ndarray, shares: tuple[float, ...]) -> list[float]:
    return [float(q) for q in np.quantile(given, shares, method="median_unbiased")]


def days_named(selection: Selection, question: str) -> list[tuple[str, int]]:
    """Return how often each week (or day, month, …) was named, empty ones between included."""
    named = _named(selection, question)
    if not named:
        return []
    whole = Period(min(named), max(named))
    interval = fitting_interval(whole)
    if len(buckets(whole, interval)) > _MOST_PERIODS:
        interval = "year"
    counts: dict[date, int] = {}
    for day, n in named.items():
        first = bucket(day, interval).first
        counts[first] = counts.get(first, 0) + n
    if len(counts) > _MOST_PERIODS:
        return [(label(day, interval), n) for day, n in sorted(counts.items())][-_MOST_PERIODS:]
    span = buckets(whole, interval)
    if len(span) > _MOST_PERIODS:
        return [(label(day, interval), n) for day, n in sorted(counts.items())]
    return [(label(one.first, interval), counts.get(one.first, 0)) for one in span]


def _named(selection: Selection, question: str) -> Mapping[date, int]:
    given = feedback.records(selection).filter(answers__question=question, answers__text__gt="")
    rows = given.order_by().values_list("answers__text").annotate(n=Count("pk"))
    found: dict[date, int] = {}
    for text, n in rows:
        try:
            found[date.fromisoformat(text)] = n
        except ValueError:
            continue  # an older version of the question asked for words
    return found
