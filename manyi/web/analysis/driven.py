"""Drivers and their priorities, ready for the template."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from manyi.charts import Chart
from manyi.charts.quadrant import Placed, quadrant
from manyi.kit.selection import Selection
from manyi.reports.analysis import drivers
from manyi.reports.analysis.drivers import Moved, Mover
from manyi.reports.analysis.variables import scored
from manyi.reports.dashboards import Part, attempt
from manyi.surveys.models import Survey
from manyi.tabular.writing import Column
from manyi.web import numbers
from manyi.web.analysis.choosing import Chosen, one_of, options, picked, required, title_of
from manyi.web.analysis.framed import framed
from manyi.web.context import language

MEASURES: dict[str, str | Promise] = {
    "lmg": gettext_lazy("LMG: averaged over every order of the items"),
    "pmvd": gettext_lazy("PMVD: an item that adds nothing beside the others gets nothing"),
}
FIELDS: dict[str, str | Promise] = {
    "concentrate_here": gettext_lazy("Improve first"),
    "keep_up_good_work": gettext_lazy("Keep it up"),
    "low_priority": gettext_lazy("Low priority"),
    "possible_overkill": gettext_lazy("Perhaps more than needed"),
}


def found(request: Any, survey: Survey, selection: Selection) -> Part[Moved]:
    """Return the drivers that the address asks for."""
    known = scored(survey)
    outcome, items = one_of(request, "outcome", known), picked(request, "item", known)
    measure = request.GET.get("measure", "")
    by = measure if measure in drivers.MEASURES else drivers.MEASURES[0]
    return attempt(
        lambda: drivers.drivers(survey, selection, outcome=outcome, items=items, measure=by)
    )


def shown(request: Any, selection: Selection) -> dict[str, Any]:
    """Return the page of drivers."""
    chosen = Chosen(request, selection)
    survey = required(chosen)
    part = found(request, survey, chosen.selection)
    told = part.value
    page = framed(request, "analysis-drivers", chosen, selection)
    known = scored(survey)
    picked = {one.code for one in told.items} if told else set()
    outcome = told.outcome.code if told else ""
    return page | {
        "failed": part.failed,
        "told": told,
        "answer": _answer(told) if told else "",
        "outcomes": options(known, {outcome}),
        "items": options([one for one in known if one.code != outcome], picked),
        "picture": _picture(told) if told and told.movers else None,
        "rows": [_row(one) for one in told.movers] if told else [],
        "skipped": [title_of(one) for one in told.skipped] if told else [],
        "outcome_title": title_of(told.outcome) if told else "",
        "measures": [
            {"code": one, "title": MEASURES[one], "chosen": bool(told and one == told.measure)}
            for one in drivers.MEASURES
        ],
    }


def _answer(told: Moved) -> str:
    if not told.movers:
        return ""
    first = [title_of(m.variable) for m in told.movers if m.quadrant == "concentrate_here"]
    most = title_of(told.movers[0].variable)
    said = {"outcome": title_of(told.outcome), "most": most, "n": f"{told.n:,}"}
    low, high = told.movers[0].driver.rank
    head = _("“%(most)s” explains most of “%(outcome)s” among what was asked (n %(n)s)") % said
    if high > low:
        head = (
            _(
                "“%(most)s” comes first in explaining “%(outcome)s”, but others may matter as much "
                "(n %(n)s)"
            )
            % said
        )
    if not first:
        return head + _("; nothing is both important and weak.")
    comma = "、" if language() == "zh-Hans" else ", "
    names = comma.join(_("“%(name)s”") % {"name": one} for one in first)
    return head + _("; improve %(names)s first: important, and below the average of the items.") % {
        "names": names
    }


def _picture(told: Moved) -> Chart | None:
    points = [
        Placed(title_of(m.variable), m.driver.importance, m.performance.estimate, str(m.quadrant))
        for m in told.movers
    ]
    assert told.fields is not None
    return quadrant(
        points,
        importance=told.fields.importance,
        performance=told.fields.performance,
        language=language(),
    )


def _row(one: Mover) -> dict[str, Any]:
    low, high = one.driver.rank
    return {
        "title": title_of(one.variable),
        "importance": one.driver.importance,
        "rank": f"{low}–{high}" if high > low else f"{low}",
        "performance": numbers.figure_of(one.performance),
        "field": FIELDS[str(one.quadrant)],
        "is_first": one.quadrant == "concentrate_here",
        "beta": one.driver.beta,
        "correlation": one.driver.correlation,
        "vif": one.driver.vif,
    }


def columns() -> list[Column]:
    return [
        Column("code", _("Question code"), "code"),
        Column("title", _("Question"), "text"),
        Column("importance", _("Importance (%)"), "number"),
        Column("importance_low", _("Low end"), "number"),
        Column("importance_high", _("High end"), "number"),
        Column("rank_low", _("Best rank"), "integer"),
        Column("rank_high", _("Worst rank"), "integer"),
        Column("n", _("n (complete)"), "integer"),
        Column("performance", _("Index"), "number"),
        Column("performance_low", _("Low end of the index"), "number"),
        Column("performance_high", _("High end of the index"), "number"),
        Column("performance_n", _("n of the index"), "integer"),
        Column("field", _("Field"), "text"),
        Column("beta", _("Standardised coefficient"), "number"),
        Column("correlation", _("Correlation"), "number"),
        Column("correlation_low", _("Low end of the correlation"), "number"),
        Column("correlation_high", _("High end of the correlation"), "number"),
        Column("vif", _("Variance inflation"), "number"),
    ]


def rows(told: Moved | None) -> Iterator[dict[str, Any]]:
    """Yield the table of the download."""
    for one in told.movers if told else ():
        importance, index = one.driver.importance, one.performance.estimate
        yield {
            "code": one.variable.code,
            "title": title_of(one.variable),
            "importance": importance.value,
            "importance_low": importance.low,
            "importance_high": importance.high,
            "rank_low": one.driver.rank[0],
            "rank_high": one.driver.rank[1],
            "n": importance.n,
            "performance": index.value,
            "performance_low": index.low,
            "performance_high": index.high,
            "performance_n": index.n,
            "field": str(FIELDS[str(one.quadrant)]),
            "beta": one.driver.beta.value,
            "correlation": one.driver.correlation.value,
            "correlation_low": one.driver.correlation.low,
            "correlation_high": one.driver.correlation.high,
            "vif": one.driver.vif.value,
        }
