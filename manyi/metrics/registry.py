"""Which metrics there are, and which stored scores each is made from."""

from __future__ import annotations

from manyi.kit.problems import Problem
from manyi.stats.metrics import named
from manyi.stats.scoring import METRICS, Metric

# Where a metric may be asked of any item, the first of these families that it has is taken.
FAMILIES = ("score", "csat", "ces", "nps")
_FAMILY = {
    "csat": "csat",
    "csat_mean": "csat",
    "csat_index": "csat",
    "nps": "nps",
    "promoters": "nps",
    "passives": "nps",
    "detractors": "nps",
    "ces": "ces",
    "ces_share": "ces",
}
OVERALL = "overall"


def metrics() -> tuple[Metric, ...]:
    """Return every metric that gives one number, in the order they are offered."""
    return tuple(metric for metric in METRICS.values() if metric.form != "distribution")


def family(metric: str) -> str | None:
    """Return the family of scores a metric is made from; None where any will do."""
    return _FAMILY.get(metric)


def asked(metric: str, item: str | None) -> tuple[Metric, str]:
    """Return the metric and the item meant; raises Problem where either cannot be known."""
    found = named(metric)
    if item is None and found.needs_item:
        raise Problem("metric_needs_item", metric=metric)
    return found, item or OVERALL
