"""A survey's results as one typed table: every answer and number with its code and label."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from manyi.kit.localtext import pick
from manyi.kit.selection import Selection
from manyi.metrics.rows import Row
from manyi.questionnaire.model import Question
from manyi.reports import results
from manyi.reports.results import Counted, Grid, Results, Said, Scaled
from manyi.stats.result import Estimate
from manyi.surveys.models import Survey
from manyi.tabular.writing import Column
from manyi.web import numbers
from manyi.web.context import language
from manyi.web.results.drawn import label


def columns() -> list[Column]:
    """Return the columns of the results' download."""
    return [
        Column("question", _("Question code"), "code"),
        Column("title", _("Question"), "text"),
        Column("row", _("Row code"), "code"),
        Column("row_title", _("Row"), "text"),
        Column("code", _("Answer or metric code"), "code"),
        Column("label", _("Answer or metric"), "text"),
        Column("count", _("Answers"), "integer"),
        Column("value", _("Share or number"), "number"),
        Column("low", _("Low end"), "number"),
        Column("high", _("High end"), "number"),
        Column("n", _("n"), "integer"),
        Column("status", _("Status"), "text"),
    ]


def rows(survey: Survey, selection: Selection) -> Iterator[dict[str, Any]]:
    """Yield every number of the page, question by question."""
    found = Results(survey, selection)
    for one in results.asked(survey):
        x = one.question
        head = {"question": x.code, "title": pick(x.title, language(), x.code)}
        for line in _lines(x, found.of(x)):
            yield head | line


def _lines(x: Question, told: results.Found) -> Iterator[dict[str, Any]]:
    match told:
        case Scaled():
            yield from _scaled(x, told)
        case Grid():
            yield from _grid(x, told)
        case Counted() if told.bars:
            for bar in told.bars:
                yield _answer(bar.code, label(x, bar), bar.n, bar.share)
        case Counted() | Said():
            yield {"count": told.row.n, "n": told.row.n, "status": told.row.status}


def _scaled(x: Question, told: Scaled) -> Iterator[dict[str, Any]]:
    for code, row in told.numbers:
        yield _number(code, row)
    for one in told.spread.shares:
        words = pick(x.label_of(one.value), language(), f"{one.value:g}")
        yield _answer(f"{one.value:g}", words, one.count, one.share)


def _grid(x: Question, told: Grid) -> Iterator[dict[str, Any]]:
    for line in told.rows:
        named = {"row": line.code, "row_title": pick(line.label, language(), line.code)}
        yield named | _number("csat_index", line.index)
        for point, count in zip(x.points(), line.counts, strict=False):
            words = pick(x.label_of(point), language(), f"{point:g}")
            yield named | {"code": f"{point:g}", "label": words, "count": count}


def _number(code: str, row: Row) -> dict[str, Any]:
    named = {"code": code, "label": str(numbers.METRIC_NAMES[code])}
    return named | _ends(row.estimate) | {"n": row.n, "status": row.status}


def _answer(code: str, words: str, count: int, share: Estimate) -> dict[str, Any]:
    return {"code": code, "label": words, "count": count, "n": share.n, "status": "ok"} | _ends(
        share
    )


def _ends(found: Estimate) -> dict[str, Any]:
    return {"value": found.value, "low": found.low, "high": found.high}
