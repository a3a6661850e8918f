"""A questionnaire as staff read it: every question at once, with its answers and conditions."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext, pgettext

from manyi.kit.localtext import pick
from manyi.kit.say import say
from manyi.packs import templates
from manyi.questionnaire import model as m

_INDUSTRIES = {
    "retail": lambda: gettext("Retail"),
    "hotel": lambda: gettext("Hotels"),
    "restaurant": lambda: gettext("Restaurants"),
    "ecommerce": lambda: gettext("Online shops"),
    "manufacturing": lambda: gettext("Manufacturing"),
    "technology": lambda: gettext("Technology"),
    "property": lambda: gettext("Property management"),
}


def catalogue(language: str) -> list[dict[str, Any]]:
    """Return the templates in two groups: for any business, and by industry."""
    entries = [
        {**e, "industry": industry(e["name"], e["industry"])} for e in templates.catalogue(language)
    ]
    general = [e for e in entries if not e["industry"]]
    special = [e for e in entries if e["industry"]]
    return [
        {"title": gettext("For any business"), "entries": general},
        {"title": gettext("By industry"), "entries": special},
    ]


def industry(name: str, given: Any) -> str:
    """Return the name of a template's industry, nothing for one that fits all."""
    if not given:
        return ""
    return _INDUSTRIES[name]() if name in _INDUSTRIES else str(given)


def pages(q: m.Questionnaire, language: str) -> list[dict[str, Any]]:
    """Return the pages with their questions in `language`, numbered as asked."""
    number = 0
    found = []
    for at, page in enumerate(q.pages, start=1):
        questions = []
        for x in page.questions:
            number += x.asks
            questions.append({"number": number if x.asks else None, **question(q, x, language)})
        found.append(
            {
                "number": at,
                "title": pick(page.title, language),
                "condition": condition(q, page.show_if, language),
                "questions": questions,
            }
        )
    return found


def question(q: m.Questionnaire, x: m.Question, language: str) -> dict[str, Any]:
    """Return one question in words."""
    return {
        "code": x.code,
        "kind": x.kind,
        "kind_label": say(f"questionnaire.kind.{x.kind}", language),
        "title": pick(x.title, language),
        "help": pick(x.help, language),
        "required": x.required,
        "condition": condition(q, x.show_if, language),
        "points": points(x, language),
        "choices": [pick(c.label, language) for c in x.choices],
        "rows": [pick(r.label, language) for r in x.rows],
        "is_many": x.kind == "multiple",
    }


def points(x: m.Question, language: str) -> list[dict[str, Any]]:
    """Return the answers of a scale from worst to best, with their words where there are any."""
    values = x.points()
    return [
        {"value": v, "label": pick(x.label_of(v), language), "step": step(at, len(values))}
        for at, v in enumerate(values)
    ]


def step(at: int, of: int) -> int:
    """Return the step 1 to 5 of the colour ramp for place `at` (from 0) of a scale."""
    return 1 + round(4 * at / (of - 1)) if of > 1 else 3


def condition(q: m.Questionnaire, of: m.Condition | None, language: str) -> str:
    """Return a condition in words, nothing where there is none."""
    if of is None:
        return ""
    return gettext("Shown when %(condition)s") % {"condition": _said(q, of, language)}


def _said(q: m.Questionnaire, of: m.Condition, language: str) -> str:
    match of:
        case m.All(parts):
            return pgettext("joins conditions", " and ").join(_said(q, p, language) for p in parts)
        case m.Either(parts):
            return pgettext("joins conditions", " or ").join(_said(q, p, language) for p in parts)
        case m.Not(part):
            return gettext("not (%(condition)s)") % {"condition": _said(q, part, language)}
        case m.Compare():
            return _compared(q, of, language)


def _compared(q: m.Questionnaire, of: m.Compare, language: str) -> str:
    x = q.question(of.question)
    asked = pick(x.title, language) if x else of.question
    values = of.value if isinstance(of.value, tuple) else (of.value,)
    said = pgettext("joins values", ", ").join(_value(x, v, language) for v in values)
    return _operator(of.op) % {"question": asked, "value": said}


def _value(x: m.Question | None, value: Any, language: str) -> str:
    if isinstance(value, bool):
        return gettext("Agreed") if value else gettext("Did not agree")
    if x is None:
        return str(value)
    choice = x.choice(value) if isinstance(value, str) else None
    if choice is not None:
        return pick(choice.label, language)
    label = pick(x.label_of(value), language) if isinstance(value, (int, float)) else ""
    return f"{value} {label}".strip()


def _operator(op: str) -> str:
    return {
        "equals": gettext("“%(question)s” is %(value)s"),
        "not_equals": gettext("“%(question)s” is not %(value)s"),
        "in": gettext("“%(question)s” is one of %(value)s"),
        "not_in": gettext("“%(question)s” is none of %(value)s"),
        "at_least": gettext("“%(question)s” is at least %(value)s"),
        "at_most": gettext("“%(question)s” is at most %(value)s"),
        "answered": gettext("“%(question)s” is answered"),
        "not_answered": gettext("“%(question)s” is not answered"),
        "includes": gettext("“%(question)s” includes %(value)s"),
    }[op]
