"""Normalised answers to stored rows and scores, and back again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from manyi.questionnaire.conditions import is_absent, is_na
from manyi.questionnaire.model import NA, NUMBER_KINDS, TEXT_KINDS, Question, Questionnaire
from manyi.questionnaire.values import tidy_number

YES, NO = "yes", "no"


@dataclass(frozen=True)
class AnswerRow:
    """One stored fact: a `number`, a choice `code` or a `text` (a choice may have both).

    "Not applicable" is the code "na"; consent is "yes" or "no"; a date is its ISO text.
    """

    question: str
    row: str = ""
    code: str = ""
    number: float | None = None
    text: str = ""


@dataclass(frozen=True)
class ScoreRow:
    item: str
    metric: str
    worst: float
    best: float
    value: float


def answer_rows(q: Questionnaire, values: Mapping[str, object]) -> list[AnswerRow]:
    """Return one row for each fact in `values`, in the order of the questions."""
    return [
        row
        for question in q.questions()
        if not is_absent(values.get(question.code))
        for row in _rows(question, values[question.code])
    ]


def values_of(q: Questionnaire, rows: Iterable[AnswerRow]) -> dict[str, object]:
    """Return the values that `answer_rows` made these rows from, in whatever order they come."""
    grouped: dict[str, list[AnswerRow]] = {}
    for row in rows:
        grouped.setdefault(row.question, []).append(row)
    return {
        question.code: _value(question, grouped[question.code])
        for question in q.questions()
        if question.code in grouped
    }


def scores(q: Questionnaire, values: Mapping[str, object]) -> list[ScoreRow]:
    """Return what the answers score; blank and "not applicable" make no score, 0 does."""
    return [
        score
        for question in q.questions()
        if question.metric is not None
        for score in _scores(question, values.get(question.code))
    ]


def verbatim(q: Questionnaire, values: Mapping[str, object], language: str = "") -> str:
    """Return the respondent's own words, each text on a line of its own, in order.

    No titles are put between them: they would be analysed as if the customer had said them.
    """
    return "\n".join(text for x in q.questions() for text in _texts(x, values.get(x.code)))


def _rows(x: Question, value: object) -> Iterator[AnswerRow]:
    if is_na(value):
        yield AnswerRow(x.code, code=NA)
    elif x.kind == "matrix" and isinstance(value, Mapping):
        yield from (_cell(x, row.code, value[row.code]) for row in x.rows if row.code in value)
    elif x.kind == "multiple":
        yield from _chosen(x, value)
    elif x.kind == "single" and isinstance(value, Mapping):
        yield AnswerRow(x.code, code=str(value["code"]), text=str(value["text"]))
    else:
        yield _plain(x, value)


def _plain(x: Question, value: object) -> AnswerRow:
    if x.kind == "consent":
        return AnswerRow(x.code, code=YES if value is True else NO)
    if x.kind in NUMBER_KINDS and isinstance(value, (int, float)):
        return AnswerRow(x.code, number=float(value))
    if x.kind == "single":
        return AnswerRow(x.code, code=str(value))
    return AnswerRow(x.code, text=str(value))


def _cell(x: Question, row: str, value: object) -> AnswerRow:
    if is_na(value):
        return AnswerRow(x.code, row=row, code=NA)
    if isinstance(value, (int, float)):
        return AnswerRow(x.code, row=row, number=float(value))
    return AnswerRow(x.code, row=row, code=str(value))


def _chosen(x: Question, value: object) -> Iterator[AnswerRow]:
    codes = value.get("codes") if isinstance(value, Mapping) else value
    other = str(value.get("other", "")) if isinstance(value, Mapping) else ""
    for code in codes if isinstance(codes, (list, tuple)) else ():
        choice = x.choice(code)
        yield AnswerRow(x.code, code=code, text=other if choice and choice.other else "")


def _value(x: Question, rows: list[AnswerRow]) -> object:
    if x.kind == "matrix":
        return {row.row: _cell_value(row) for row in rows}
    if x.kind == "multiple" and rows[0].code != NA:
        other = next((row.text for row in rows if row.text), "")
        given = {row.code for row in rows}
        codes = [choice.code for choice in x.choices if choice.code in given]
        return {"codes": codes, "other": other} if other else codes
    return _plain_value(x, rows[0])


def _plain_value(x: Question, row: AnswerRow) -> object:
    if row.code == NA:
        return {"na": True}
    if x.kind == "consent":
        return row.code == YES
    if x.kind == "single":
        return {"code": row.code, "text": row.text} if row.text else row.code
    return tidy_number(row.number) if row.number is not None else row.text


def _cell_value(row: AnswerRow) -> object:
    if row.number is not None:
        return tidy_number(row.number)
    return {"na": True} if row.code == NA else row.code


def _scores(x: Question, value: object) -> Iterator[ScoreRow]:
    if x.kind == "matrix":
        cells = value if isinstance(value, Mapping) else {}
        for row in x.rows:
            yield from _score(x, f"{x.item}.{row.code}", cells.get(row.code))
    else:
        yield from _score(x, x.item, value)


def _score(x: Question, item: str, value: object) -> Iterator[ScoreRow]:
    if isinstance(value, (int, float)) and x.scale is not None and x.metric is not None:
        yield ScoreRow(item, x.metric, x.scale.worst, x.scale.best, float(value))


def _texts(x: Question, value: object) -> Iterator[str]:
    if x.kind in TEXT_KINDS and isinstance(value, str) and value:
        yield value
    elif isinstance(value, Mapping) and x.kind in ("single", "multiple"):
        text = value.get("text") or value.get("other")
        if isinstance(text, str) and text:
            yield text
