"""Rows as `metric.query` answers them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from manyi.kit.period import label
from manyi.metrics.indicators import IndicatorResult
from manyi.metrics.models import Indicator, Target
from manyi.metrics.registry import OVERALL
from manyi.metrics.rows import Row
from manyi.metrics.weighted import Weights
from manyi.stats.result import Estimate


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
            name: {
                "r_indicator": found.r_indicator.to_dict(),
                "variation": found.variation.to_dict(),
            }
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


def indicator(one: Indicator) -> dict[str, Any]:
    """Return an indicator; `metric` is null where it is the composite of those below it."""
    return {
        "code": one.code,
        "name": one.name,
        "parent": one.parent.code if one.parent else None,
        "metric": one.metric or None,
        "item": (one.item or OVERALL) if one.metric else None,
        "query": one.query,
        "weight": one.weight,
        "is_headline": one.is_headline,
        "targets": [_target(target) for target in one.targets.all()],
    }


def _target(one: Target) -> dict[str, Any]:
    return {
        "unit": one.unit.code if one.unit else None,
        "value": one.value,
        "due_on": one.due_on.isoformat() if one.due_on else None,
    }


def indicator_result(found: IndicatorResult) -> dict[str, Any]:
    """Return an indicator's number with its changes, its target and its parts."""
    one = found.indicator
    return {
        "code": one.code,
        "metric": one.metric or None,
        "weight": one.weight,
        "row": row(found.row),
        "delta": _change(found.delta),
        "delta_year": _change(found.delta_year),
        "target": found.target.value if found.target else None,
        "standing": found.standing,
        "parts": [indicator_result(child) for child in found.children],
    }


def _change(found: Estimate | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"value": found.value, "low": found.low, "high": found.high}
