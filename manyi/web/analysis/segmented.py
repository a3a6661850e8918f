"""Segments compared, ready for the template."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.utils.translation import gettext as _

from manyi.charts import Chart, Kind, dots
from manyi.kit.localtext import pick
from manyi.kit.selection import Scope, Selection
from manyi.reports.analysis import segments
from manyi.reports.analysis.segments import Against, Compared, Correction, Difference
from manyi.reports.analysis.variables import Variable, names_of
from manyi.reports.dashboards import attempt, kind_of
from manyi.tabular.writing import Column
from manyi.web import numbers
from manyi.web.analysis.choosing import Chosen, long_title_of, one_of, options, required
from manyi.web.analysis.explaining import chance
from manyi.web.analysis.framed import framed
from manyi.web.context import language


def shown(request: Any, selection: Selection) -> dict[str, Any]:
    """Return the page that compares segments."""
    chosen = Chosen(request, selection)
    survey = required(chosen)
    known, groupings = segments.figures(survey), segments.groupings(survey, chosen.selection)
    codes = {one.code for one in known}
    figure = request.GET.get("figure", "")
    by = one_of(request, "by_what", groupings)
    part = attempt(
        lambda: segments.compared(
            survey,
            chosen.selection,
            figure=figure if figure in codes else "",
            by=by,
            against=cast(Against, _among(request, "against", segments.AGAINST)),
            correction=cast(Correction, _among(request, "correction", segments.CORRECTIONS)),
        )
    )
    told = part.value
    names = _names(selection.scope, told.by, told) if told else {}
    failed = part.failed or (told is not None and told.failed)
    return framed(request, "analysis-segments", chosen, selection) | {
        "failed": failed,
        "told": told,
        "problem": told.problem if told and not failed else None,
        "names": names,
        "answer": _answer(told, names) if told and not failed and not told.problem else "",
        "figures": [
            {"code": one.code, "title": title_of(one), "chosen": told and told.figure == one}
            for one in known
        ],
        "groupings": options(groupings, {told.by.code} if told else ()),
        "kind": _kind(told) if told else "mean",
        "gap_kind": "mean" if told and _kind(told) == "mean" else "difference",
        "picture": _picture(told, names) if told and not told.problem else None,
        "groups": [_group(code, row, names) for code, row in told.groups] if told else [],
        "differences": [_difference(one, names) for one in told.differences] if told else [],
    }


def _among(request: Any, name: str, known: tuple[str, ...]) -> str:
    given = request.GET.get(name, "")
    return given if given in known else known[0]


def title_of(one: segments.Figure) -> str:
    """Return the metric's name and what it is about."""
    return f"{numbers.METRIC_NAMES[one.metric]} · {long_title_of(one.variable)}"


def _kind(told: Compared) -> Kind:
    return kind_of(told.figure.metric)


def _names(scope: Scope, by: Variable, told: Compared) -> dict[str | None, str]:
    codes = [code for code, _row in told.groups]
    named = names_of(scope, by.code, [code for code in codes if code is not None])
    return {
        code: pick(named.get(code or "", {}), language(), numbers.group(by.code, code))
        for code in codes
    }


def _answer(told: Compared, names: dict[str | None, str]) -> str:
    said = {
        "figure": str(numbers.METRIC_NAMES[told.figure.metric]),
        "by": numbers.dimension(told.by.code),
        "n": len(told.real),
        "all": len(told.differences),
    }
    if not told.real:
        return _("No group truly differs in “%(figure)s” by “%(by)s” (%(all)s comparisons).") % said
    first = told.real[0]
    said["one"] = names[first.one]
    said["other"] = names[first.other] if first.other is not None else _("the others")
    up = (first.gap.value or 0.0) > 0
    if up:
        return (
            _("%(n)s of %(all)s comparisons are real; clearest: “%(one)s” is above “%(other)s”.")
            % said
        )
    return (
        _("%(n)s of %(all)s comparisons are real; clearest: “%(one)s” is below “%(other)s”.") % said
    )


def _picture(told: Compared, names: dict[str | None, str]) -> Chart | None:
    if not told.whole.ok:
        return None
    surely = {names[code] for one in told.real for code in (one.one, one.other) if code in names}
    return dots(
        [(names[code], numbers.drawn(row), None) for code, row in told.groups],
        whole=told.whole.estimate,
        kind=_kind(told),
        language=language(),
        differs=surely,
        few=0,
    )


def _group(code: str | None, row: Any, names: dict[str | None, str]) -> dict[str, Any]:
    return {"name": names[code], "row": numbers.figure_of(row)}


def _difference(one: Difference, names: dict[str | None, str]) -> dict[str, Any]:
    return {
        "one": names[one.one],
        "other": names[one.other] if one.other is not None else _("all others"),
        "gap": one.gap,
        "size": one.size,
        "p": chance(one.p),
        "is_real": one.is_real,
        "up": (one.gap.value or 0.0) > 0,
    }


def columns() -> list[Column]:
    return [
        Column("part", _("Part"), "text"),
        Column("group", _("Group"), "code"),
        Column("other", _("Compared with"), "code"),
        Column("status", _("Status"), "text"),
        Column("value", _("Value"), "number"),
        Column("low", _("Low end"), "number"),
        Column("high", _("High end"), "number"),
        Column("n", _("n"), "integer"),
        Column("size", _("Effect size (d)"), "number"),
        Column("size_low", _("Effect size, low end"), "number"),
        Column("size_high", _("Effect size, high end"), "number"),
        Column("p", _("p (adjusted)"), "number"),
    ]


def rows(told: Compared | None) -> Iterator[dict[str, Any]]:
    """Yield groups, then differences, of the download."""
    if told is None:
        return
    for code, row in told.groups:
        found = row.estimate
        yield _line(_("Group"), code, "", row.status, found, row.n)
    for one in told.differences:
        line = _line(_("Difference"), one.one, one.other or "", "ok", one.gap, one.gap.n)
        size = {"size": one.size.value, "size_low": one.size.low, "size_high": one.size.high}
        yield {**line, **size, "p": one.p}


def _line(
    part: str, group: str | None, other: str, status: str, found: Any, n: int | None
) -> dict[str, Any]:
    return {
        "part": part,
        "group": group or "",
        "other": other,
        "status": status,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "n": n,
        "size": None,
        "p": None,
    }
