"""Analyses of a survey: the findings of the analyst's pages, with intervals, n and method."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from ninja import Router

from manyi.accounts.permissions import require
from manyi.api import shapes
from manyi.api.auth import Caller
from manyi.api.metrics import NULLABLE
from manyi.api.wire import answer, selection
from manyi.kit.problems import FieldProblem, Problem
from manyi.kit.selection import Selection
from manyi.metrics.rows import Row
from manyi.reports.analysis import drivers as driven
from manyi.reports.analysis import explained as explaining
from manyi.reports.analysis.variables import Variable
from manyi.stats.result import Estimate, Note
from manyi.surveys import queries as surveys
from manyi.surveys.models import Survey

router = Router(tags=["analysis"])
ESTIMATE = shapes.obj(
    {
        "value": NULLABLE,
        "low": NULLABLE,
        "high": NULLABLE,
        "level": shapes.NUMBER,
        "n": shapes.maybe(shapes.WHOLE),
        "n_effective": NULLABLE,
        "df": NULLABLE,
        "method": shapes.maybe(shapes.text()),
        "status": shapes.text(),
        "warnings": shapes.listed(shapes.FREE),
    },
    required=("value", "low", "high", "level", "n", "method", "warnings"),
)
NOTE = shapes.obj({"code": shapes.text(), "params": shapes.FREE}, required=("code", "params"))
SURVEY_NEEDED = {
    **shapes.query("survey", shapes.text(), "code or id of a published survey"),
    "required": True,
}


def chosen(request: Caller, own: tuple[str, ...]) -> tuple[Survey, Selection]:
    """Return the survey asked for and the rest of the selection."""
    require(request.member, "metric.read")
    wanted = selection(request, request.scope, own)
    codes = wanted.where.get("survey", ())
    if len(codes) != 1:
        wrong = FieldProblem("survey", "field_required", {"field": "survey"})
        raise Problem("parameters.invalid", errors=(wrong,))
    survey = surveys.by_ref(request.scope, codes[0])
    if survey.current is None:
        raise Problem("analysis.no_survey")
    where = {name: given for name, given in wanted.where.items() if name != "survey"}
    return survey, Selection(wanted.scope, where, wanted.answers, wanted.when)


def estimate(found: Estimate) -> dict[str, Any]:
    return found.to_dict()


def row(found: Row) -> dict[str, Any]:
    """Return a row's number as it may be shown."""
    return {**found.estimate.to_dict(), "n": found.n, "status": found.status}


def note(found: Note | None) -> dict[str, Any] | None:
    return found.to_dict() if found is not None else None


def one_of(request: Caller, name: str, known: tuple[str, ...]) -> str:
    given = request.GET.get(name, known[0])
    if given not in known:
        params = {"value": given[:40], "known": ", ".join(known)}
        wrong = FieldProblem(name, "analysis.choice", params)
        raise Problem("parameters.invalid", errors=(wrong,))
    return given


DRIVER = shapes.obj(
    {
        "item": shapes.text(),
        "title": shapes.FREE,
        "importance": ESTIMATE,
        "rank": shapes.listed(shapes.WHOLE),
        "performance": ESTIMATE,
        "field": shapes.text(),
        "beta": ESTIMATE,
        "correlation": ESTIMATE,
        "vif": ESTIMATE,
    },
    required=("item", "title", "importance", "rank", "performance", "field"),
)
DRIVERS = shapes.obj(
    {
        "survey": shapes.text(),
        "outcome": shapes.text(),
        "measure": {"type": "string", "enum": list(driven.MEASURES)},
        "n": shapes.WHOLE,
        "incomplete": shapes.WHOLE,
        "skipped": shapes.listed(shapes.text()),
        "r2": shapes.maybe(ESTIMATE),
        "rows": shapes.listed(DRIVER),
        "problem": shapes.maybe(NOTE),
        "warnings": shapes.listed(NOTE),
    },
    required=(
        "survey",
        "outcome",
        "measure",
        "n",
        "incomplete",
        "skipped",
        "r2",
        "rows",
        "problem",
    ),
)


MEASURE = shapes.query(
    "measure",
    {"type": "string", "enum": list(driven.MEASURES), "default": "lmg"},
    "how what all explain is shared out: lmg, or pmvd, which gives nothing to what adds nothing",
)


@router.get(
    "/drivers",
    operation_id="analysis.drivers",
    summary="What moves an outcome, and what to improve first",
    openapi_extra=shapes.describe(
        {200: DRIVERS},
        parameters=[
            SURVEY_NEEDED,
            shapes.query("outcome", shapes.text(), "code of a rating question or matrix row"),
            shapes.query("item", shapes.text(), "items that may move it", many=True),
            MEASURE,
            *shapes.OF_ONE_SURVEY,
        ],
        refusals=shapes.READS,
    ),
)
def drivers(request: Caller) -> HttpResponse:
    survey, wanted = chosen(request, ("outcome", "item", "measure"))
    items = [one for one in request.GET.getlist("item") if one]
    found = driven.drivers(
        survey,
        wanted,
        outcome=request.GET.get("outcome", ""),
        items=items,
        measure=request.GET.get("measure", "") or "lmg",
    )
    return answer(
        {
            "survey": survey.code,
            "outcome": found.outcome.code,
            "measure": found.measure,
            "n": found.n,
            "incomplete": found.incomplete,
            "skipped": [one.code for one in found.skipped],
            "r2": estimate(found.found.r2) if found.found else None,
            "rows": [_driver(one) for one in found.movers],
            "problem": note(found.problem),
            "warnings": [one.to_dict() for one in found.notes],
        }
    )


def _driver(one: driven.Mover) -> dict[str, Any]:
    return {
        "item": one.variable.code,
        "title": one.variable.title,
        "importance": estimate(one.driver.importance),
        "rank": list(one.driver.rank),
        "performance": row(one.performance),
        "field": str(one.quadrant),
        "beta": estimate(one.driver.beta),
        "correlation": estimate(one.driver.correlation),
        "vif": estimate(one.driver.vif),
    }


GROUP = shapes.obj({"group": shapes.text(), "estimate": ESTIMATE}, required=("group", "estimate"))
CONTRAST = shapes.obj(
    {
        "one": shapes.text(),
        "other": shapes.maybe(shapes.text()),
        "difference": ESTIMATE,
        "p": NULLABLE,
    },
    required=("one", "other", "difference", "p"),
)
EXPLAINED = shapes.obj(
    {
        "survey": shapes.text(),
        "outcome": shapes.text(),
        "by": shapes.text(),
        "analysis": shapes.maybe(shapes.text()),
        "real": shapes.maybe(shapes.FLAG),
        "measure": shapes.maybe(shapes.text()),
        "effect": shapes.maybe(ESTIMATE),
        "p": NULLABLE,
        "n": shapes.maybe(shapes.WHOLE),
        "missing": shapes.maybe(shapes.WHOLE),
        "notes": shapes.listed(NOTE),
        "groups": shapes.listed(GROUP),
        "contrasts": shapes.listed(CONTRAST),
        "problem": shapes.maybe(NOTE),
    },
    required=("survey", "outcome", "by", "notes", "groups", "contrasts", "problem"),
)


@router.get(
    "/explain",
    operation_id="analysis.explain",
    summary="Whether one variable depends on another, and how sure that is",
    openapi_extra=shapes.describe(
        {200: EXPLAINED},
        parameters=[
            SURVEY_NEEDED,
            shapes.query("outcome", shapes.text(), "code of a question, row or choice"),
            shapes.query("by_what", shapes.text(), "the same, or unit, channel, day, …"),
            *shapes.OF_ONE_SURVEY,
        ],
        refusals=shapes.READS,
    ),
)
def explain(request: Caller) -> HttpResponse:
    survey, wanted = chosen(request, ("outcome", "by_what"))
    found = explaining.explained(
        survey,
        wanted,
        outcome=request.GET.get("outcome", ""),
        by=request.GET.get("by_what", ""),
        title=_code,
        words=_codes,
    )
    return answer({"survey": survey.code, **_explained(found)})


def _code(one: Variable) -> str:
    return one.code


def _codes(one: Variable, codes: Sequence[str]) -> dict[str, str]:
    return {code: code for code in codes}


def _explained(found: explaining.Found) -> dict[str, Any]:
    told = found.explained
    head = {
        "outcome": found.outcome.code,
        "by": found.by.code,
        "problem": note(found.problem),
    }
    if told is None:
        return {**head, "notes": [], "groups": [], "contrasts": []}
    return {
        **head,
        "analysis": told.analysis,
        "real": told.real,
        "measure": told.measure,
        "effect": estimate(told.effect),
        "p": told.test.p if told.test else None,
        "n": told.n,
        "missing": told.missing,
        "notes": [one.to_dict() for one in told.notes],
        "groups": [{"group": g.label, "estimate": estimate(g.estimate)} for g in told.groups],
        "contrasts": [
            {"one": c.one, "other": c.other, "difference": estimate(c.test.effect), "p": c.test.p}
            for c in told.contrasts
        ],
    }
