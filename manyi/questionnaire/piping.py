"""Piping: `{{code|fallback}}` and `{{hidden.name|fallback}}` in people's texts.

What comes out is plain text, never HTML: whoever shows it escapes it. What a respondent wrote is
never looked through for further pipes. A missing answer gives the fallback, or "".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from manyi.kit.localtext import LocalText, pick
from manyi.questionnaire.conditions import is_absent, is_na
from manyi.questionnaire.model import Question, Questionnaire
from manyi.questionnaire.values import clean

_PIPE = re.compile(
    r"\{\{\s*(hidden\.)?([A-Za-z][A-Za-z0-9_]*)(?:\.([A-Za-z][A-Za-z0-9_]*))?\s*(?:\|([^{}]*))?\}\}"
)
_LONGEST = 200


def fill(
    text: LocalText | str,
    q: Questionnaire,
    answers: Mapping[str, object],
    language: str,
    hidden: Mapping[str, str] | None = None,
) -> str:
    """Return `text` in `language` with every pipe replaced by what was answered."""

    def replaced(found: re.Match[str]) -> str:
        is_hidden, code, row, fallback = found.groups()
        said = (hidden or {}).get(code, "") if is_hidden else _said(q, code, row, answers, language)
        return _line(said) or (fallback or "").strip()

    return _PIPE.sub(replaced, pick(text, language or q.language))


def references(text: str) -> Iterator[tuple[str, bool]]:
    """Yield (code, whether it is a hidden field) of every pipe in `text`."""
    for found in _PIPE.finditer(text):
        yield found.group(2), bool(found.group(1))


def spoken(question: Question, value: object, language: str) -> str:
    """Return an answer as the respondent would read it: labels, texts, numbers; "" for none."""
    if is_absent(value) or is_na(value):
        return ""
    if isinstance(value, Mapping):
        return _spoken_mapping(question, value, language)
    if isinstance(value, (list, tuple)):
        comma = "、" if language.startswith("zh") else ", "
        return comma.join(spoken(question, code, language) for code in value)
    if isinstance(value, bool):
        return ""
    if isinstance(value, (int, float)):
        # The words at the two ends explain the scale; they are not what 0 or 10 is called.
        return pick(question.label_of(value) if question.labels else {}, language, str(value))
    choice = question.choice(str(value))
    return pick(choice.label, language) if choice else str(value)


def _said(
    q: Questionnaire, code: str, row: str | None, answers: Mapping[str, object], language: str
) -> str:
    question, value = q.question(code), answers.get(code)
    if question is None:
        return ""
    if question.kind == "matrix":
        value = value.get(row or "") if isinstance(value, Mapping) else None
    return spoken(question, value, language or q.language)


def _spoken_mapping(question: Question, value: Mapping[str, object], language: str) -> str:
    # The respondent's own words say more than the label "Other".
    text = value.get("text") or value.get("other")
    codes = value.get("codes", [value.get("code")])
    known = [c for c in codes if isinstance(c, str)] if isinstance(codes, (list, tuple)) else []
    plain = [c for c in known if not ((one := question.choice(c)) and one.other)]
    own = question.other_choice
    words = [spoken(question, plain, language)] if plain else []
    if len(plain) < len(known):
        words.append(str(text) if text else pick(own.label if own else "", language))
    return ("、" if language.startswith("zh") else ", ").join(words)


def _line(text: str) -> str:
    return " ".join(clean(text).split())[:_LONGEST]
