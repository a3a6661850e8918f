"""Explain: one variable by another, ready for the template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from manyi.charts import Chart, Kind, dots
from manyi.kit.localtext import pick
from manyi.kit.say import say
from manyi.kit.selection import Scope, Selection
from manyi.reports.analysis import explained
from manyi.reports.analysis.explained import Found
from manyi.reports.analysis.variables import Variable, names_of
from manyi.reports.dashboards import attempt
from manyi.stats.explain import Explained
from manyi.tabular.writing import Column
from manyi.web.analysis.choosing import Chosen, labels_of, one_of, options, required, title_of
from manyi.web.analysis.framed import framed
from manyi.web.context import language

ANALYSES: dict[str, str | Promise] = {
    "two_means": gettext_lazy("Two means compared (Welch)"),
    "two_shares": gettext_lazy("Two shares compared (Newcombe)"),
    "two_rankings": gettext_lazy("Two rankings compared (Brunner–Munzel)"),
    "several_means": gettext_lazy("Several means compared (Welch's analysis of variance)"),
    "several_shares": gettext_lazy("Several shares compared (chi-square)"),
    "several_rankings": gettext_lazy("Several rankings compared (Kruskal–Wallis)"),
    "labels": gettext_lazy("Cross table (chi-square, Cramér's V)"),
    "correlation": gettext_lazy("Correlation"),
    "trend": gettext_lazy("Trend over time (regression)"),
    "odds": gettext_lazy("Odds (logistic regression)"),
}


def shown(request: Any, selection: Selection) -> dict[str, Any]:
    """Return the page that explains one variable by another."""
    chosen = Chosen(request, selection)
    survey = required(chosen)
    known = explained.outcomes(survey)
    others = explained.explainers(survey, chosen.selection)
    outcome, by = one_of(request, "outcome", known), one_of(request, "by_what", others)
    by = "" if by == outcome else by
    words = words_in(selection.scope)
    part = attempt(
        lambda: explained.explained(
            survey, chosen.selection, outcome=outcome, by=by, title=title_of, words=words
        )
    )
    told = part.value
    found = told.explained if told else None
    return framed(request, "analysis-explain", chosen, selection) | {
        "failed": part.failed,
        "told": told,
        "problem": told.problem if told else None,
        "answer": _answer(found) if found else "",
        "outcomes": options(known, {told.outcome.code} if told else ()),
        "explainers": options(others, {told.by.code} if told else ()),
        "titles": [title_of(told.outcome), title_of(told.by)] if told else [],
        "picture": _picture(told) if told and found else None,
        "method": str(ANALYSES.get(found.analysis, "")) if found else "",
        "kind": _kind(told) if told else "mean",
        "gap_kind": "index" if told and told.outcome.kind == "binary" else "mean",
        "groups": _groups(found) if found else [],
        "contrasts": [_contrast(one) for one in _clearest_first(found)] if found else [],
        "p": chance(found.test.p) if found and found.test else "",
    }


def _answer(found: Explained) -> str:
    params = found.finding.params.items()
    written = {key: _written(value) for key, value in params}
    return say(found.finding.code, language(), written)


def _written(value: Any) -> Any:
    """Return a number as pages write it: 1,229 and −0.12."""
    if isinstance(value, int):
        return f"{value:,}"
    is_negative = isinstance(value, str) and value[:1] == "-" and value[1:2].isdecimal()
    return value.replace("-", "−", 1) if is_negative else value


def words_in(scope: Scope) -> explained.Words:
    """Return what names codes: the questionnaire's labels, else the names of places and people."""

    def words(one: Variable, codes: Sequence[str]) -> dict[str, str]:
        if one.kind == "binary":
            return {"1": _("Yes"), "0": _("No")}
        named = names_of(scope, one.code, codes)
        plain = labels_of(one, codes)
        return {code: pick(named.get(code, {}), language(), plain[code]) for code in codes}

    return words


def chance(p: float | None) -> str:
    """Return a p-value as it is written."""
    if p is None:
        return "—"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _kind(told: Found) -> Kind:
    if told.outcome.kind == "binary":
        return "share"
    return "index" if told.scale is None and told.outcome.is_scored else "mean"


def _groups(found: Explained) -> list[dict[str, Any]]:
    return [{"label": one.label, "estimate": one.estimate} for one in found.groups]


def _picture(told: Found) -> Chart | None:
    found = told.explained
    if found is None or told.whole is None or len(found.groups) < 2:
        return None
    real = [one for one in found.contrasts if one.test.p is not None and one.test.p < 0.05]
    surely = {name for one in real for name in (one.one, one.other) if name is not None}
    return dots(
        [(one.label, one.estimate, None) for one in found.groups],
        whole=told.whole,
        kind=_kind(told),
        language=language(),
        differs=surely,
    )


def _clearest_first(found: Explained) -> list[Any]:
    return sorted(found.contrasts, key=lambda one: 1.0 if one.test.p is None else one.test.p)


def _contrast(one: Any) -> dict[str, Any]:
    return {
        "one": one.one,
        "other": one.other or _("all others"),
        "effect": one.test.effect,
        "p": chance(one.test.p),
        "is_real": one.test.p is not None and one.test.p < 0.05,
    }


def columns() -> list[Column]:
    return [
        Column("part", _("Part"), "text"),
        Column("group", _("Group"), "text"),
        Column("other", _("Compared with"), "text"),
        Column("value", _("Value"), "number"),
        Column("low", _("Low end"), "number"),
        Column("high", _("High end"), "number"),
        Column("n", _("n"), "integer"),
        Column("p", _("p (adjusted)"), "number"),
        Column("method", _("Method"), "text"),
    ]


def rows(told: Found | None) -> Iterator[dict[str, Any]]:
    """Yield finding, groups and comparisons of the download."""
    if told is None or told.explained is None:
        return
    found = told.explained
    test = found.test
    yield _line(_("Finding"), "", "", found.effect, test.p if test else None)
    for group in found.groups:
        yield _line(_("Group"), group.label, "", group.estimate, None)
    for label, cells in told.table:
        for answer, cell in zip(found.answers, cells, strict=True):
            yield _line(_("Share"), label, answer, cell, None)
    for one in found.contrasts:
        yield _line(_("Difference"), one.one, one.other or "", one.test.effect, one.test.p)


def _line(part: str, group: str, other: str, found: Any, p: float | None) -> dict[str, Any]:
    return {
        "part": part,
        "group": group,
        "other": other,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "n": found.n,
        "p": p,
        "method": found.method,
    }
