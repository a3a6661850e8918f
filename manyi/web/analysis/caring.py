"""Answers given without care, ready for the template."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from manyi.accounts.permissions import may
from manyi.kit.selection import Selection
from manyi.metrics.guard import limits
from manyi.reports.analysis import careless, leaving
from manyi.reports.analysis.careless import Care
from manyi.surveys.models import Survey
from manyi.tabular.writing import Column
from manyi.web.analysis.choosing import long_title_of
from manyi.web.analysis.framed import found_by, words
from manyi.web.voices import may_read, record_href

NAMES: dict[str, str | Promise] = {
    "speed": gettext_lazy("Too fast"),
    "straight": gettext_lazy("Straight line"),
    "twice": gettext_lazy("Twice on a day"),
}
MEANINGS: dict[str, str | Promise] = {
    "speed": gettext_lazy("in under a third of the time that half of them took"),
    "straight": gettext_lazy("the same answer all through a matrix; content people do so too"),
    "twice": gettext_lazy("the same known customer more than once on a day"),
}
LACKS: dict[str, str | Promise] = {
    "speed": gettext_lazy("too few answers were timed"),
    "straight": gettext_lazy("needs a matrix of at least four rows"),
    "twice": gettext_lazy("no customer is known"),
}


def shown(request: Any, selection: Selection) -> dict[str, Any]:
    """Return the page of answers given without care."""
    page, good = found_by(request, "analysis-quality", selection, careless.care)
    told: Care | None = page["told"]
    survey = page["chosen"].survey
    return page | {
        "answer": _answer(good) if good else "",
        "flags": [
            {
                "name": NAMES[one.code],
                "meaning": MEANINGS[one.code],
                "found": one.found,
                "lack": LACKS[one.code],
            }
            for one in (told.flags if told else ())
        ],
        "may_edit": may(request.member, "survey.edit"),
        "left_out_n": _left_out(survey, selection, told),
        "figure_title": long_title_of(told.figure.variable) if told and told.figure else "",
        "may": may_read(request),
        "listed": [
            {
                "href": record_href(str(one.record)),
                "record": one.record,
                "names": [NAMES[code] for code in one.flags],
                "seconds": one.seconds,
            }
            for one in (told.flagged if told and may_read(request) else ())
        ],
    }


def _left_out(survey: Survey, selection: Selection, told: Care | None) -> str:
    """Return how many of these answers count nowhere, where that tells of nobody."""
    if told is None or not survey.leaves_out_flagged:
        return ""
    is_few = survey.is_anonymous and told.left_out < limits(selection.scope).privacy_n
    return "" if is_few else f"{told.left_out:,}"


def use(request: Any, survey: Survey) -> None:
    """Let the survey's flagged answers count nowhere, or count again, as the form says."""
    wanted = request.POST.get("use") == "1"
    leaving.switch(by=request.member, survey=survey, wanted=wanted, now=timezone.now())


def _answer(told: Care) -> str:
    said = words(told.any_flag, "share")
    if said is None:
        return ""
    return _("%(share)s of answers carry a flag (%(ends)s, n %(n)s).") % {
        **said,
        "share": said["value"],
    }


def columns() -> list[Column]:
    return [
        Column("flag", _("Flag"), "text"),
        Column("value", _("Share (%)"), "number"),
        Column("low", _("Low end"), "number"),
        Column("high", _("High end"), "number"),
        Column("n", _("n"), "integer"),
    ]


def rows(told: Care | None) -> Iterator[dict[str, Any]]:
    """Yield the share of each flag of the download."""
    for one in told.flags if told else ():
        found = one.found
        yield {
            "flag": str(NAMES[one.code]),
            "value": found.value if found else None,
            "low": found.low if found else None,
            "high": found.high if found else None,
            "n": found.n if found else None,
        }
