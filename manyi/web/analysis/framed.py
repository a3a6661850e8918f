"""What every page of an analysis shows around its findings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from manyi.charts import Kind, interval
from manyi.charts import figure as written
from manyi.kit.selection import Selection
from manyi.metrics.guard import limits
from manyi.reports.analysis.variables import of_survey
from manyi.reports.dashboards import attempt
from manyi.stats.result import Estimate, Note
from manyi.surveys.models import Survey
from manyi.web import downloads, numbers
from manyi.web.analysis.catalogue import named
from manyi.web.analysis.choosing import Chosen, required
from manyi.web.numbers import weighted_page

_ONCE = gettext_lazy("This survey’s pages are weighted; in this analysis each answer counts once.")
_SAID: dict[str, str | Promise] = {
    "analysis-segments": gettext_lazy("Numbers here are weighted to the survey’s population."),
    "analysis-drivers": gettext_lazy(
        "Performance is weighted to the survey’s population; importance counts each answer once."
    ),
}
_OWN = frozenset({"analysis-weighting"})
# Of these the page itself says what is left out, or it counts all who answered.
_ALL = frozenset({"analysis-quality", "analysis-response"})


class Told(Protocol):
    """A finding that may have none to tell."""

    @property
    def problem(self) -> Note | None: ...


T = TypeVar("T", bound=Told)


def found_by(
    request: Any, name: str, selection: Selection, find: Callable[[Survey, Selection], T]
) -> tuple[dict[str, Any], T | None]:
    """Return the page of what `find` finds in the survey chosen, and that where it says
    something."""
    chosen = Chosen(request, selection)
    survey = required(chosen)
    part = attempt(lambda: find(survey, chosen.selection))
    told = part.value
    problem = told.problem if told is not None else None
    page = framed(request, name, chosen, selection)
    page |= {"failed": part.failed, "told": told, "problem": problem}
    return page, told if problem is None else None


def words(found: Estimate | None, kind: Kind) -> dict[str, str] | None:
    """Return a figure, its interval and n as sentences write them; None where there is none."""
    if found is None or found.value is None or found.low is None or found.high is None:
        return None
    ends = interval(found.low, found.high, kind)
    return {"value": written(found.value, kind), "ends": ends, "n": f"{found.n:,}"}


def three(key: str, found: Estimate) -> dict[str, float | None]:
    """Return the value and both ends of a figure as three columns of a download."""
    return {key: found.value, f"{key}_low": found.low, f"{key}_high": found.high}


def framed(request: Any, name: str, chosen: Chosen, selection: Selection) -> dict[str, Any]:
    """Return title, survey form, downloads and limits of an analysis."""
    survey = chosen.survey
    mine = of_survey(chosen.selection, survey) if survey is not None else chosen.selection
    is_weighted = survey is not None and bool(weighted_page(mine))
    return {
        "left_out": "" if name in _ALL else numbers.left_out_words(mine),
        "weighting_said": str(_SAID.get(name, _ONCE)) if is_weighted and name not in _OWN else "",
        "offer": named(name),
        "chosen": chosen,
        "choices": chosen.choices(),
        "kept": chosen.kept(),
        "downloads": downloads.choices(request),
        "limits": limits(selection.scope),
        "selected": numbers.selected(chosen.selection),
    }
