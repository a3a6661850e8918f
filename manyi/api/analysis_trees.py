"""Drivers by trees and who will leave: the findings of the two pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router

from manyi.api import shapes
from manyi.api.analysis import ESTIMATE, NOTE, SURVEY_NEEDED, chosen, estimate, note
from manyi.api.auth import Caller
from manyi.api.wire import answer
from manyi.kit.problems import FieldProblem, Problem
from manyi.reports.analysis import by_trees
from manyi.reports.analysis import churn as leaving
from manyi.stats.churn.model import ChurnModel

router = Router(tags=["analysis"])
STEP = shapes.obj(
    {"low": shapes.maybe(shapes.NUMBER), "high": shapes.maybe(shapes.NUMBER), "effect": ESTIMATE},
    required=("low", "high", "effect"),
)
MOVER = shapes.obj(
    {
        "item": shapes.text(),
        "title": shapes.FREE,
        "importance": ESTIMATE,
        "rank": shapes.listed(shapes.WHOLE),
        "shape": shapes.listed(STEP),
    },
    required=("item", "title", "importance", "rank", "shape"),
)
_HEAD: dict[str, Any] = {
    "survey": shapes.text(),
    "n": shapes.WHOLE,
    "problem": shapes.maybe(NOTE),
    "warnings": shapes.listed(NOTE),
    "rows": shapes.listed(MOVER),
}
TREES = shapes.obj(
    {
        **_HEAD,
        "outcome": shapes.text(),
        "r2": shapes.maybe(ESTIMATE),
        "linear_r2": shapes.maybe(ESTIMATE),
        "gain": shapes.maybe(ESTIMATE),
    },
    required=(*_HEAD, "outcome", "r2", "linear_r2", "gain"),
)


def _mover(one: by_trees.TreeMover) -> dict[str, Any]:
    return {
        "item": one.variable.code,
        "title": one.variable.title,
        "importance": estimate(one.importance),
        "rank": list(one.rank),
        "shape": [
            {"low": step.low, "high": step.high, "effect": estimate(step.effect)}
            for step in one.shape
        ],
    }


@router.get(
    "/trees",
    operation_id="analysis.trees",
    summary="What moves an outcome, by boosted trees",
    openapi_extra=shapes.describe(
        {200: TREES},
        parameters=[
            SURVEY_NEEDED,
            shapes.query("outcome", shapes.text(), "code of a rating question or matrix row"),
            shapes.query("item", shapes.text(), "items that may move it", many=True),
            *shapes.OF_ONE_SURVEY,
        ],
        refusals=shapes.READS,
    ),
)
def trees(request: Caller) -> HttpResponse:
    survey, wanted = chosen(request, ("outcome", "item"))
    items = [one for one in request.GET.getlist("item") if one]
    found = by_trees.by_trees(survey, wanted, outcome=request.GET.get("outcome", ""), items=items)
    told = found.found
    return answer(
        {
            "survey": survey.code,
            "outcome": found.outcome.code,
            "n": found.n,
            "r2": estimate(told.r2) if told else None,
            "linear_r2": estimate(told.linear_r2) if told else None,
            "gain": estimate(told.gain) if told else None,
            "rows": [_mover(one) for one in found.movers],
            "problem": note(found.problem),
            "warnings": [one.to_dict() for one in found.notes],
        }
    )


BIN = shapes.obj({"told": shapes.NUMBER, "seen": ESTIMATE}, required=("told", "seen"))
GAIN = shapes.obj(
    {"share": shapes.NUMBER, "caught": ESTIMATE, "lift": ESTIMATE},
    required=("share", "caught", "lift"),
)
LINE = shapes.obj(
    {
        "threshold": shapes.NUMBER,
        "contacted": ESTIMATE,
        "right": ESTIMATE,
        "caught": ESTIMATE,
        "benefit": ESTIMATE,
        "benefit_of_all": ESTIMATE,
    },
    required=("threshold", "contacted", "right", "caught", "benefit", "benefit_of_all"),
)
MODEL = shapes.obj(
    {
        "auc": ESTIMATE,
        "auc_satisfaction": ESTIMATE,
        "auc_gain": ESTIMATE,
        "brier": ESTIMATE,
        "brier_scaled": ESTIMATE,
        "calibration_error": ESTIMATE,
        "slope": ESTIMATE,
        "intercept": ESTIMATE,
        "in_time": shapes.FLAG,
        "recalibrated": shapes.text(),
        "curve": shapes.listed(BIN),
        "gains": shapes.listed(GAIN),
        "line": LINE,
    },
    required=(
        *("auc", "auc_satisfaction", "auc_gain", "brier", "brier_scaled", "calibration_error"),
        *("slope", "intercept", "in_time"),
    ),
)
CHURN = shapes.obj(
    {
        **_HEAD,
        "outcome": shapes.maybe(shapes.text()),
        "value": shapes.text(),
        "days": shapes.WHOLE,
        "satisfaction": shapes.text(),
        "left": shapes.maybe(ESTIMATE),
        "model": shapes.maybe(MODEL),
    },
    required=(*_HEAD, "outcome", "value", "days", "satisfaction", "left", "model"),
)


@router.get(
    "/churn",
    operation_id="analysis.churn",
    summary="Who will leave, told from answers, and how surely",
    openapi_extra=shapes.describe(
        {200: CHURN},
        parameters=[
            SURVEY_NEEDED,
            shapes.query("outcome", shapes.text(), "customer attribute that tells who left"),
            shapes.query("value", shapes.text(), "its value that means leaving"),
            shapes.query(
                "days",
                shapes.WHOLE,
                "days after an answer that count (90, or fewer where too little is known)",
            ),
            shapes.query("item", shapes.text(), "questions to tell from", many=True),
            shapes.query("satisfaction", shapes.text(), "rating to try alone"),
            shapes.query("falling", shapes.text(), "0: better ratings may raise the chance too"),
            shapes.query("worth", shapes.WHOLE, "contacts that reaching a leaver is worth (10)"),
            *shapes.OF_ONE_SURVEY,
        ],
        refusals=shapes.READS,
    ),
)
def churn(request: Caller) -> HttpResponse:
    own = ("outcome", "value", "days", "item", "satisfaction", "falling", "worth")
    survey, selected = chosen(request, own)
    wanted = leaving.Wanted(
        request.GET.get("outcome", ""),
        request.GET.get("value", ""),
        _whole(request, "days", 90) if request.GET.get("days") else None,
        tuple(one for one in request.GET.getlist("item") if one),
        request.GET.get("satisfaction", ""),
        request.GET.get("falling", "1") != "0",
        _whole(request, "worth", 10),
    )
    found = leaving.churn(survey, selected, wanted, today=timezone.localdate())
    return answer(
        {
            "survey": survey.code,
            "outcome": found.outcome.name if found.outcome else None,
            "value": found.value,
            "days": found.days,
            "satisfaction": found.satisfaction.code,
            "n": found.n,
            "left": estimate(found.left) if found.left else None,
            "model": _model(found.found) if found.found else None,
            "rows": [_mover(one) for one in found.movers],
            "problem": note(found.problem),
            "warnings": [one.to_dict() for one in found.notes],
        }
    )


def _whole(request: Caller, name: str, usual: int) -> int:
    text = request.GET.get(name, "") or str(usual)
    if text.isascii() and text.isdecimal() and len(text) < 6:
        return int(text)
    params = {"value": text[:40], "low": 1, "high": 99_999}
    raise Problem("parameters.invalid", errors=(FieldProblem(name, "churn.number", params),))


def _model(one: ChurnModel) -> dict[str, Any]:
    line = one.line
    parts = ("contacted", "right", "caught", "benefit", "benefit_of_all")
    return {
        "auc": estimate(one.auc),
        "auc_satisfaction": estimate(one.auc_satisfaction),
        "auc_gain": estimate(one.auc_gain),
        "brier": estimate(one.calibration.brier),
        "brier_scaled": estimate(one.calibration.brier_scaled),
        "calibration_error": estimate(one.calibration.ece),
        "slope": estimate(one.calibration.slope),
        "intercept": estimate(one.calibration.in_the_large),
        "in_time": one.in_time,
        "recalibrated": one.mended,
        "curve": [{"told": b.told, "seen": estimate(b.seen)} for b in one.curve],
        "gains": [
            {"share": g.share, "caught": estimate(g.caught), "lift": estimate(g.lift)}
            for g in one.gains
        ],
        "line": {
            "threshold": line.threshold,
            **{name: estimate(getattr(line, name)) for name in parts},
        },
    }
