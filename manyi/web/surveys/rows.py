"""The list of surveys: what each is, how it goes, where it leads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from manyi.accounts.permissions import beside
from manyi.feedback.models import FeedbackRecord
from manyi.kit.selection import Scope, Selection
from manyi.lake import queries as lake
from manyi.metrics import guard
from manyi.metrics import queries as metrics
from manyi.metrics.rows import SUPPRESSED
from manyi.surveys import wire
from manyi.surveys.models import Survey, SurveyVersion

STATES: dict[str, tuple[str | Promise, str]] = {
    "draft": (pgettext_lazy("a survey", "Draft"), ""),
    "open": (pgettext_lazy("a survey", "Open"), "badge-accent"),
    "not_yet": (pgettext_lazy("a survey", "Not open yet"), "badge-warn"),
    "closed": (pgettext_lazy("a survey", "Closed"), ""),
}


def state(survey: Survey, now: datetime) -> str:
    """Return draft, open, not_yet or closed: the state as respondents meet it at `now`."""
    if survey.state == Survey.State.OPEN and survey.closes_at and now >= survey.closes_at:
        return "closed"
    if survey.state == Survey.State.OPEN and survey.opens_at and now < survey.opens_at:
        return "not_yet"
    return str(survey.state)


def badge(survey: Survey, now: datetime) -> dict[str, Any]:
    label, css = STATES[state(survey, now)]
    return {"label": label, "css": css}


def rows(
    scope: Scope, surveys: Iterable[Survey], language: str, now: datetime
) -> list[dict[str, Any]]:
    """Return what the list shows of each survey; answers are counted inside `scope`."""
    found = list(surveys)
    counts = _counts(scope, [s.pk for s in found])
    return [
        {
            "survey": s,
            "title": s.title_in(language),
            "unit": s.unit.name_in(language) if s.unit else "",
            "badge": badge(s, now),
            "is_closed": state(s, now) == "closed",
            "url": wire.address(s) if s.current_id else "",
            **_progress(counts.get(s.pk)),
        }
        for s in found
    ]


def progress(scope: Scope, surveys: Iterable[Survey]) -> dict[int, dict[str, Any]]:
    """Return of each survey how many began and finished, and the day of the last answer."""
    ids = [s.pk for s in surveys]
    counts = _counts(scope, ids)
    return {pk: _progress(counts.get(pk)) for pk in ids}


def counted(scope: Scope, survey: Survey) -> dict[str, Any]:
    """Return how many began and finished a survey, and the day of the last answer."""
    return _progress(_counts(scope, [survey.pk]).get(survey.pk))


def _counts(scope: Scope, ids: list[int]) -> dict[int, dict[str, Any]]:
    """Return counts by survey: of all that counts from the lake, which need not walk through
    every answer for it, and of what is under way from the database."""
    asked = Selection(scope, {"survey": tuple(map(str, ids))}, by=("survey",), interval="day")
    known = dict(Survey.objects.filter(pk__in=ids).values_list("code", "pk"))
    found: dict[int, dict[str, Any]] = {
        pk: {"begun": 0, "ended": 0, "done": 0, "last": None} for pk in ids
    }
    for one in lake.counts(asked) if ids else ():
        row = found[known[one.group["survey"] or ""]]
        row["ended"] += one.records
        _add(row, one.records, one.complete, one.period)
    # By neither survey nor unit, the database takes the short list of what no file holds yet.
    open_ones = FeedbackRecord.objects.filter(lake_part=None, completed_at=None, is_partial=False)
    by_survey = beside(open_ones, scope).order_by().values_list("survey_id")
    for pk, n, last in by_survey.annotate(n=Count("pk"), last=Max("day")):
        if pk in found:
            _add(found[pk], n, 0, last)
    hidden = _hidden(scope, found)
    return {pk: row | {"hidden": pk in hidden} for pk, row in found.items() if row["begun"]}


def _hidden(scope: Scope, found: dict[int, dict[str, Any]]) -> set[int]:
    """Return the surveys of which the overview hides how many finished: so few began them."""
    least = guard.limits(scope).privacy_n
    small = [pk for pk, row in found.items() if 0 < row["ended"] < least]
    anonymous = SurveyVersion.objects.filter(survey__in=small, is_anonymous=True)
    ids = dict(anonymous.values_list("survey__code", "survey_id"))
    if not ids:
        return set()
    where = {"kind": ("survey",), "survey": tuple(ids)}
    rows = metrics.completion(Selection(scope, where, by=("survey",)))
    return {ids[str(row.group["survey"])] for row in rows if row.status == SUPPRESSED}


def _add(row: dict[str, Any], begun: int, done: int, last: date | None) -> None:
    row["begun"] += begun
    row["done"] += done
    row["last"] = max(filter(None, (row["last"], last)), default=None)


def _progress(row: dict[str, Any] | None) -> dict[str, Any]:
    if row is None:
        return {"begun": 0, "done": 0, "share": None, "last": None, "hidden": False}
    return row | {"share": None if row["hidden"] else 100.0 * row["done"] / row["begun"]}


def results_link(survey: Survey) -> str:
    """Return the address of the survey's results, or nothing where there is no such page."""
    for name in ("surveys-results", "results-one", "results"):
        try:
            return reverse(name, args=[survey.code])
        except NoReverseMatch:
            continue
    return ""
