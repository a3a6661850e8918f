"""One question's answer: from what arrived to its one normal form, or to problems.

Normal forms: number (int where whole) · "code" or {"code", "text"} · ["a", "b"] in the order of
the definition, or {"codes", "other"} · {row: number | code | {"na": true}} · text ·
"YYYY-MM-DD" · true/false · {"na": true}. None is no answer.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from manyi.kit.problems import FieldProblem
from manyi.questionnaire.conditions import is_absent, is_na
from manyi.questionnaire.model import DEFAULT_LENGTHS, Question

OTHER_LENGTH = 255
_BIGGEST = 1e15
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHOWN = 60


class Bad(Exception):
    """A value that is no answer to its question."""

    def __init__(self, code: str, *, row: str = "", **params: Any) -> None:
        super().__init__(code)
        self.code, self.row, self.params = code, row, params


def normal(question: Question, raw: object) -> tuple[object, list[FieldProblem]]:
    """Return the normal form of `raw` (None where absent or refused) and what is wrong with it."""
    if not question.asks and not is_absent(raw):
        return None, [FieldProblem(question.code, "no_answer_asked", {})]
    if is_absent(raw):
        return None, []
    if question.kind == "matrix":
        return _matrix(question, raw)
    try:
        return _one(question, raw), []
    except Bad as bad:
        return None, [FieldProblem(question.code, bad.code, bad.params)]


def clean(text: str) -> str:
    """Return `text` without what no database or page can hold, trimmed, with \\n line ends."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in plain if _storable(c)).strip()


def tidy_number(value: float) -> int | float:
    """Return a whole number as int, so that equal answers look equal."""
    return int(value) if float(value).is_integer() else float(value)


def _storable(c: str) -> bool:
    return c in "\n\t" or (c >= " " and c != "\x7f" and not "\ud800" <= c <= "\udfff")


def _one(question: Question, raw: object) -> object:
    if is_na(raw):
        return _na(question)
    return _READERS[question.kind](question, raw)


def _na(question: Question) -> dict[str, bool]:
    if not question.allow_na:
        raise Bad("na_not_allowed")
    return {"na": True}


def _number_of(raw: object) -> int | float:
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        raise Bad("number_invalid", value=_shown(raw))
    if abs(raw) > _BIGGEST or not math.isfinite(raw):
        raise Bad("number_invalid", value=_shown(raw))
    return tidy_number(raw)


def _point(question: Question, raw: object) -> object:
    value = _number_of(raw)
    points = question.points()
    if value not in points:
        raise Bad("number_out_of_range", low=min(points), high=max(points))
    return value


def _number(question: Question, raw: object) -> object:
    value = _number_of(raw)
    if question.whole and not isinstance(value, int):
        raise Bad("number_not_whole")
    low, high = question.min, question.max
    if low is not None and high is not None and not low <= value <= high:
        raise Bad("number_out_of_range", low=tidy_number(low), high=tidy_number(high))
    if low is not None and value < low:
        raise Bad("number_too_low", low=tidy_number(low))
    if high is not None and value > high:
        raise Bad("number_too_high", high=tidy_number(high))
    return value


def _known(question: Question, code: object) -> str:
    if not isinstance(code, str) or question.choice(code) is None:
        raise Bad("choice_unknown", value=_shown(code))
    return code


def _single(question: Question, raw: object) -> object:
    if not isinstance(raw, Mapping):
        return _known(question, raw)
    _only(raw, {"code", "text"})
    code = _known(question, raw.get("code"))
    text = _other_text(raw.get("text"))
    if text and not _asks_text(question, code):
        raise Bad("text_not_asked")
    return {"code": code, "text": text} if text else code


def _multiple(question: Question, raw: object) -> object:
    if isinstance(raw, Mapping):
        _only(raw, {"codes", "other"})
        given, text = raw.get("codes"), _other_text(raw.get("other"))
    else:
        given, text = raw, ""
    if not isinstance(given, (list, tuple)):
        raise Bad("choices_expected")
    chosen = {_known(question, code) for code in given}
    if text and not any(_asks_text(question, code) for code in chosen):
        raise Bad("text_not_asked")
    codes = [c.code for c in question.choices if c.code in chosen]
    _check_count(question, codes)
    return ({"codes": codes, "other": text} if text else codes) or None


def _check_count(question: Question, codes: list[str]) -> None:
    if not codes:
        return
    if any(c.exclusive for c in question.choices if c.code in codes):
        if len(codes) > 1:
            raise Bad("choice_exclusive")
        return
    if question.min_choices is not None and len(codes) < question.min_choices:
        raise Bad("choices_too_few", low=question.min_choices)
    if question.max_choices is not None and len(codes) > question.max_choices:
        raise Bad("choices_too_many", high=question.max_choices)


def _asks_text(question: Question, code: str) -> bool:
    choice = question.choice(code)
    return choice is not None and choice.other


def _other_text(raw: object) -> str:
    if raw is None:
        return ""
    return _limited(raw, OTHER_LENGTH)


def _text(question: Question, raw: object) -> object:
    return _limited(raw, text_limit(question)) or None


def text_limit(question: Question) -> int:
    """Return how many characters a text answer may have."""
    return question.max_length or DEFAULT_LENGTHS.get(question.kind, OTHER_LENGTH)


def _limited(raw: object, limit: int) -> str:
    if not isinstance(raw, str):
        raise Bad("text_expected")
    text = clean(raw)
    if len(text) > limit:
        raise Bad("text_too_long", limit=limit, length=len(text))
    return text


def _date(question: Question, raw: object) -> object:
    day = _day(raw)
    if question.earliest is not None and day < question.earliest:
        raise Bad("date_too_early", earliest=question.earliest.isoformat())
    if question.latest is not None and day > question.latest:
        raise Bad("date_too_late", latest=question.latest.isoformat())
    return day.isoformat()


def _day(raw: object) -> date:
    text = raw.strip() if isinstance(raw, str) else ""
    try:
        # fromisoformat alone would also take 20261101 and 2026-W44-7.
        return date.fromisoformat(text if _DATE.fullmatch(text) else "")
    except ValueError:
        raise Bad("date_invalid", value=_shown(raw)) from None


def _consent(question: Question, raw: object) -> object:
    if not isinstance(raw, bool):
        raise Bad("consent_invalid")
    return raw


def _matrix(question: Question, raw: object) -> tuple[object, list[FieldProblem]]:
    if is_na(raw):
        raw = {row.code: {"na": True} for row in question.rows}
    if not isinstance(raw, Mapping):
        return None, [FieldProblem(question.code, "rows_expected", {})]
    found: dict[str, object] = {}
    problems = [
        FieldProblem(question.code, "row_unknown", {"value": _shown(code)})
        for code in raw
        if not isinstance(code, str) or question.row(code) is None
    ]
    for row in question.rows:
        try:
            found[row.code] = _cell(question, raw.get(row.code))
        except Bad as bad:
            problems.append(FieldProblem(f"{question.code}.{row.code}", bad.code, bad.params))
    return {code: v for code, v in found.items() if v is not None} or None, problems


def _cell(question: Question, raw: object) -> object:
    if is_absent(raw):
        return None
    if is_na(raw):
        return _na(question)
    return _point(question, raw) if question.scale is not None else _known(question, raw)


def _only(raw: Mapping[Any, Any], keys: set[str]) -> None:
    if not set(raw) <= keys:
        raise Bad("answer_invalid")


def _shown(raw: object) -> str:
    """Return a short piece of `raw` for the sentence that refuses it."""
    if isinstance(raw, str):
        return clean(raw)[:_SHOWN]
    small = isinstance(raw, (int, float)) and abs(raw) <= _BIGGEST
    return str(raw) if small else "…"


_READERS: dict[str, Callable[[Question, object], object]] = {
    "rating": _point,
    "nps": _point,
    "ces": _point,
    "single": _single,
    "multiple": _multiple,
    "short_text": _text,
    "long_text": _text,
    "number": _number,
    "date": _date,
    "consent": _consent,
}
