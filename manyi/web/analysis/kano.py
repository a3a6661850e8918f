"""Kano's categories, ready for the template."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from manyi.charts import Chart
from manyi.charts.kano import Feature as Placed
from manyi.charts.kano import better_worse
from manyi.kit.localtext import pick
from manyi.kit.selection import Selection
from manyi.reports.analysis import modelled
from manyi.reports.analysis.modelled import Feature, Features
from manyi.tabular.writing import Column
from manyi.web.analysis.framed import found_by, three
from manyi.web.context import language

CATEGORIES: dict[str, str | Promise] = {
    "A": gettext_lazy("Attractive: delights where it is there"),
    "O": gettext_lazy("One-dimensional: the more the better"),
    "M": gettext_lazy("Must-be: missed where it is not there"),
    "I": gettext_lazy("Indifferent: hardly matters"),
    "R": gettext_lazy("Reverse: rather not"),
    "Q": gettext_lazy("Questionable: the answers contradict each other"),
}


def shown(request: Any, selection: Selection) -> dict[str, Any]:
    """Return the page of Kano's categories."""
    page, told = found_by(request, "analysis-kano", selection, modelled.features)
    return page | {
        "answer": _answer(told) if told else "",
        "picture": _picture(told) if told else None,
        "features": [_feature(one) for one in told.features] if told else [],
    }


def _answer(told: Features) -> str:
    musts = [
        _name(f) for f in told.features if f.found and f.found.category == "M" and f.found.sure
    ]
    if not musts:
        return _("No feature is surely a must-be.")
    comma = "、" if language() == "zh-Hans" else ", "
    return _("Must not be missing: %(names)s.") % {"names": comma.join(musts)}


def _picture(told: Features) -> Chart | None:
    placed = [
        Placed(_name(one), found.better, found.worse, found.category)
        for one in told.features
        if (found := one.found) is not None and found.better.low is not None
    ]
    return better_worse(placed, language=language()) if placed else None


def _name(one: Feature) -> str:
    return pick(one.label, language(), one.code)


def _feature(one: Feature) -> dict[str, Any]:
    found = one.found
    return {
        "name": _name(one),
        "n": one.n,
        "found": found,
        "category": CATEGORIES[found.category] if found else "",
        "counts": [(code, found.counts[code]) for code in CATEGORIES] if found else [],  # type: ignore[index]
    }


def columns() -> list[Column]:
    return [
        Column("code", _("Code"), "code"),
        Column("name", _("Feature"), "text"),
        Column("category", _("Category"), "text"),
        Column("better", _("Better"), "number"),
        Column("better_low", _("Better, low end"), "number"),
        Column("better_high", _("Better, high end"), "number"),
        Column("worse", _("Worse"), "number"),
        Column("worse_low", _("Worse, low end"), "number"),
        Column("worse_high", _("Worse, high end"), "number"),
        Column("n", _("n"), "integer"),
        *(Column(code, code, "integer") for code in CATEGORIES),
    ]


def rows(told: Features | None) -> Iterator[dict[str, Any]]:
    """Yield the features of the download."""
    for one in told.features if told else ():
        found = one.found
        head = {"code": one.code, "name": _name(one), "n": one.n}
        if found is None:
            blank = {column.key: None for column in columns()}
            yield {**blank, **head}
            continue
        yield {
            **head,
            "category": found.category,
            **three("better", found.better),
            **three("worse", found.worse),
            **{str(code): n for code, n in found.counts.items()},
        }
