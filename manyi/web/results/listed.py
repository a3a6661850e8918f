"""All surveys with how many answered and their first number."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from manyi.kit.selection import Selection
from manyi.lake import queries as lake
from manyi.metrics import queries
from manyi.metrics.guard import limits
from manyi.metrics.rows import Row
from manyi.reports.dashboards import attempt, kind_of
from manyi.surveys import queries as surveys
from manyi.surveys.models import Survey
from manyi.web import numbers
from manyi.web.context import language

_FIRST = ("csat", "nps", "ces")
MOST = 200


def listed(request: Any, selection: Selection) -> dict[str, Any]:
    """Return the surveys that have been published, those with most answers first."""
    mine = surveys.surveys(selection.scope).filter(current__isnull=False)[:MOST]
    part = attempt(lambda: _numbers(selection))
    counts, firsts = part.value or ({}, {})
    rows = [_row(survey, counts, firsts) for survey in mine]
    return {
        "surveys": sorted(rows, key=lambda row: -row["total"]),
        "failed": part.failed,
        "limits": limits(selection.scope),
    }


def _numbers(selection: Selection) -> tuple[dict[str | None, int], dict[str | None, Any]]:
    everything = lake.counts(Selection(selection.scope).split("survey"))
    counts = {one.group["survey"]: one.records for one in everything}
    firsts: dict[str | None, tuple[str, Row]] = {}
    for metric in _FIRST:
        for row in queries.estimate(selection.split("survey"), metric):
            firsts.setdefault(row.group.get("survey"), (metric, row))
    return counts, firsts | _weighted(selection, firsts)


def _weighted(
    selection: Selection, firsts: dict[str | None, tuple[str, Row]]
) -> dict[str | None, tuple[str, Row]]:
    """Return the numbers of surveys whose own pages weight them, as those do."""
    mine = surveys.surveys(selection.scope).filter(is_weighted=True, code__in=[*firsts])[:MOST]
    found: dict[str | None, tuple[str, Row]] = {}
    for survey in mine:
        metric = firsts[survey.code][0]
        alone = selection.narrowed(survey=survey.code)
        found[survey.code] = (metric, queries.estimate(alone, metric)[0])
    return found


def _row(survey: Survey, counts: dict[str | None, int], firsts: dict[str | None, Any]) -> Any:
    metric, row = firsts.get(survey.code, ("", None))
    return {
        "title": survey.title_in(language()),
        "href": reverse("results-one", args=[survey.code]),
        "state": survey.state,
        "total": counts.get(survey.code, 0),
        "metric": str(numbers.METRIC_NAMES[metric]) if metric else "",
        "kind": kind_of(metric),
        "row": numbers.figure_of(row) if row is not None else None,
    }
