"""One small question of every kind, written as its author would, for all the tests here."""

from __future__ import annotations

from typing import Any

from manyi.questionnaire.model import Question, Questionnaire
from manyi.questionnaire.read import load


def t(words: str) -> dict[str, str]:
    return {"zh-Hans": f"中{words}", "en": words}


def choice(code: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "label": t(code.upper()), **more}


ABO = [choice("a"), choice("b"), choice("other", other=True)]
EVERY: dict[str, dict[str, Any]] = {
    "rating": {"scale": [0, 10]},
    "nps": {},
    "ces": {},
    "single": {"choices": ABO},
    "multiple": {
        "choices": [*ABO, choice("none", exclusive=True)],
        "max_choices": 2,
    },
    "matrix": {"rows": [choice("r1"), choice("r2")], "scale": [0, 4]},
    "short_text": {"max_length": 10},
    "long_text": {},
    "number": {"min": -5, "max": 100},
    "date": {"min": "2020-01-01"},
    "statement": {},
    "consent": {},
}


def question(code: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "kind": kind, "title": t(code), **EVERY[kind], **more}


def definition(*pages: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    made = [{"code": f"p{i}", "questions": qs} for i, qs in enumerate(pages, 1)]
    return {"languages": ["zh-Hans", "en"], "title": t("Title"), "pages": made, **more}


def survey(*pages: list[dict[str, Any]], **more: Any) -> Questionnaire:
    return load(definition(*pages, **more))


def one(kind: str, **more: Any) -> tuple[Questionnaire, Question]:
    """A survey with the one question `x`, besides an optional text."""
    q = survey([question("x", kind, **more), question("extra", "short_text")])
    found = q.question("x")
    assert found is not None
    return q, found


def every_kind(**more: Any) -> Questionnaire:
    """A survey with one question of each kind, its code the kind."""
    made = []
    for kind in EVERY:
        extra = {} if kind in ("statement", "consent") else {"allow_na": True}
        made.append(question(kind, kind, **extra))
    return survey(made[:6], made[6:], **more)
