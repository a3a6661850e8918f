"""The questionnaires that come with Manyi, ready to be copied into a draft."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from manyi.kit.localtext import pick
from manyi.kit.problems import NotFound
from manyi.questionnaire.effort import count_questions, estimate_seconds
from manyi.questionnaire.read import load

_NAMES = (
    "csat",
    "nps",
    "ces",
    "kano",
    "servqual",
    "ecsi",
    "retail",
    "hotel",
    "restaurant",
    "ecommerce",
    "manufacturing",
    "technology",
    "property",
)


def names() -> tuple[str, ...]:
    """Return the names of the templates in the order in which to offer them."""
    return _NAMES


def template(name: str) -> dict[str, Any]:
    """Return the definition of one template; the caller may change it freely."""
    return json.loads(_text(name))["definition"]


def catalogue(language: str) -> list[dict[str, Any]]:
    """Return what a page needs to offer the templates in `language`."""
    return [_entry(name, language) for name in _NAMES]


def _entry(name: str, language: str) -> dict[str, Any]:
    about = json.loads(_text(name))
    q = load(about["definition"])
    return {
        "name": name,
        "title": pick(q.title, language),
        "summary": pick(about["summary"], language),
        "questions": count_questions(q),
        "seconds": estimate_seconds(q, language),
        "industry": about["industry"],
    }


@cache
def _text(name: str) -> str:
    if name not in _NAMES:
        raise NotFound("not_found")
    return (resources.files("manyi.packs") / "templates" / f"{name}.json").read_text("utf-8")
