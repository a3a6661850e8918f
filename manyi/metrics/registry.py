"""Which metrics there are, and which stored scores each is made from."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from manyi.kit.problems import NotFound, Problem
from manyi.kit.scale import Scale
from manyi.kit.selection import Selection
from manyi.questionnaire.model import items
from manyi.stats.metrics import named
from manyi.stats.moments import FloatArray
from manyi.stats.scoring import METRICS, Box, Metric
from manyi.surveys import queries as surveys

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
_BOXED = frozenset({"csat", "top_box"})


def metrics() -> tuple[Metric, ...]:
    """Return every metric that gives one number, in the order they are offered."""
    return tuple(metric for metric in METRICS.values() if metric.form != "distribution")


def family(metric: str) -> str | None:
    """Return the family of scores a metric is made from; None where any will do."""
    return _FAMILY.get(metric)


def meant(metric: Metric, selection: Selection, item: str) -> Metric:
    """Return the metric as the one survey asked for counts it: by its own top box, if it has one.

    Over several surveys, or over answers to an older scale, the scale's own top box counts.
    """
    refs = selection.where.get("survey", ())
    if metric.code not in _BOXED or len(refs) != 1:
        return metric
    try:
        published = surveys.by_ref(selection.scope, refs[0]).current
    except NotFound:
        return metric
    family_of = family(metric.code)
    for one in items(surveys.questionnaire(published)) if published else ():
        if one.item == item and family_of in (None, one.metric) and one.top_box is not None:
            return _counting(metric, one.top_box, Scale(one.worst, one.best))
    return metric


@lru_cache(maxsize=256)
def _counting(metric: Metric, box: frozenset[float], its: Scale) -> Metric:
    def score(values: FloatArray, scale: Scale, given: Box) -> FloatArray:
        return metric.score(values, scale, box if given is None and scale == its else given)

    return replace(metric, score=score)


def asked(metric: str, item: str | None) -> tuple[Metric, str]:
    """Return the metric and the item meant; raises Problem where either cannot be known."""
    found = named(metric)
    if item is None and found.needs_item:
        raise Problem("metric_needs_item", metric=metric)
    return found, item or OVERALL
