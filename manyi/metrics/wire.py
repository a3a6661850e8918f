"""Rows as `metric.query` answers them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from manyi.kit.period import label
from manyi.metrics.registry import OVERALL
from manyi.metrics.rows import Row
from manyi.metrics.weighted import Weights


def row(one: Row) -> dict[str, Any]:
    """Return one row; value, low and high are null unless its status is "ok"."""
    found = one.estimate
    return {
        "group": dict(one.group),
        "period": one.period,
        "status": one.status,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "n": one.n,
        "n_effective": found.n_effective if one.ok else None,
        "method": found.method if one.ok else None,
        "warnings": [note.to_dict() for note in found.warnings],
    }


def weights(one: Weights, interval: str | None) -> dict[str, Any]:
    """Return how a period was weighted; `balance` is empty unless people were counted."""
    return {
        "period": label(one.starts, interval) if one.starts and interval else None,
        "population": one.population,
        "deff": one.deff,
        "trimmed": one.trimmed,
        "balance": {
            name: {"r_indicator": found.r_indicator, "variation": found.variation}
            for name, found in one.balance.items()
        },
        "warnings": [note.to_dict() for note in one.notes],
    }


def answer(
    rows: Iterable[Row],
    *,
    metric: str,
    item: str | None = None,
    level: float = 0.95,
    weighting: str = "none",
) -> dict[str, Any]:
    """Return the whole answer of `metric.query`."""
    return {
        "metric": metric,
        "item": item or OVERALL,
        "level": level,
        "weighting": weighting,
        "rows": [row(one) for one in rows],
    }
