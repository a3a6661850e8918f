"""The reliability of a scale, ready for the template."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from manyi.kit.localtext import pick
from manyi.kit.selection import Selection
from manyi.reports.analysis import reliable
from manyi.reports.analysis.reliable import Reliable, Set
from manyi.reports.dashboards import attempt
from manyi.tabular.writing import Column
from manyi.web.analysis.choosing import Chosen, required, title_of
from manyi.web.analysis.framed import framed, three
from manyi.web.context import language

VERDICTS: dict[str, str | Promise] = {
    "high": gettext_lazy("The items surely measure one thing (alpha at least 0.9)."),
    "good": gettext_lazy("The items measure one thing well (alpha at least 0.8)."),
    "fair": gettext_lazy("The items go together well enough for comparing groups."),
    "poor": gettext_lazy("It is not sure that the items measure one thing; show them singly."),
}


def shown(request: Any, selection: Selection) -> dict[str, Any]:
    """Return the page of a scale's reliability."""
    chosen = Chosen(request, selection)
    survey = required(chosen)
    known = reliable.sets(survey)
    asked = request.GET.get("scale", "")
    scale = asked if asked in {one.code for one in known} else ""
    part = attempt(lambda: reliable.reliable(survey, chosen.selection, scale=scale))
    told = part.value
    alpha = told.found.alpha.value or 0.0 if told and told.found else 1.0
    return framed(request, "analysis-reliability", chosen, selection) | {
        "failed": part.failed,
        "told": told,
        "problem": told.problem if told else None,
        "answer": str(VERDICTS.get(told.verdict, "")) if told else "",
        "sets": [(one.code, _title(one), told is not None and told.of == one) for one in known],
        "items": [
            {
                "title": title_of(one.variable),
                "item_rest": one.item_rest,
                "alpha_without": one.alpha_without,
                "loading": one.loading,
                "hurts": (one.alpha_without.value or 0.0) > alpha,
            }
            for one in (told.items if told else ())
        ],
    }


def _title(one: Set) -> str:
    return pick(one.title, language(), "") or _("All single ratings")


def columns() -> list[Column]:
    return [
        Column("code", _("Question code"), "code"),
        Column("title", _("Question"), "text"),
        Column("value", _("Value"), "number"),
        Column("low", _("Low end"), "number"),
        Column("high", _("High end"), "number"),
        Column("n", _("n"), "integer"),
        *_ends("item_rest", _("Correlation with the rest")),
        *_ends("alpha_without", _("Alpha without it")),
        *_ends("loading", _("Loading")),
    ]


def _ends(key: str, title: str) -> list[Column]:
    said = {"title": title}
    return [
        Column(key, title, "number"),
        Column(f"{key}_low", _("%(title)s, low end") % said, "number"),
        Column(f"{key}_high", _("%(title)s, high end") % said, "number"),
    ]


def rows(told: Reliable | None) -> Iterator[dict[str, Any]]:
    """Yield alpha and omega, then the items, of the download."""
    if told is None or told.found is None or told.omega is None:
        return
    blank = {column.key: None for column in columns()}
    for code, title, found in (
        ("alpha", _("Cronbach's alpha"), told.found.alpha),
        ("omega", _("McDonald's omega"), told.omega),
    ):
        ends = {"value": found.value, "low": found.low, "high": found.high, "n": found.n}
        yield {**blank, "code": code, "title": title, **ends}
    for one in told.items:
        yield {
            "code": one.variable.code,
            "title": title_of(one.variable),
            "value": None,
            "low": None,
            "high": None,
            "n": told.n,
            **three("item_rest", one.item_rest),
            **three("alpha_without", one.alpha_without),
            **three("loading", one.loading),
        }
