"""Which survey and which of its variables an analysis looks at, read from the address."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from manyi.kit.localtext import pick
from manyi.kit.problems import NotFound, Problem
from manyi.kit.selection import ATTRIBUTE, Selection
from manyi.lake import queries as lake
from manyi.reports.analysis.variables import Variable, asked_surveys
from manyi.reports.dashboards import attempt
from manyi.surveys.models import Survey
from manyi.web import numbers
from manyi.web.context import language

# What an answer's own address carries on from one analysis to the next.
_CARRIED = ("unit", "from", "to", "channel", "touchpoint", "agent", "source", "language")


class Chosen:
    """The survey that the address names, or the one with most answers; None without any."""

    def __init__(self, request: Any, selection: Selection) -> None:
        self.request, self.selection = request, _without_survey(selection)
        self.known = asked_surveys(selection.scope)
        self.survey = self._survey()

    def _survey(self) -> Survey | None:
        code = self.request.GET.get("survey", "")
        if code:
            found = next((one for one in self.known if one.code == code), None)
            if found is None:
                raise NotFound("not_found")
            return found
        counts = attempt(lambda: _counts(self.selection)).value or {}
        return max(self.known, key=lambda one: counts.get(one.code, 0), default=None)

    @property
    def title(self) -> str:
        return self.survey.title_in(language()) if self.survey else ""

    def choices(self) -> list[tuple[str, str, bool]]:
        """Return code, title and whether it is chosen, of each survey."""
        return [(one.code, one.title_in(language()), one == self.survey) for one in self.known]

    def kept(self) -> list[tuple[str, str]]:
        """Return what the page's form carries on: unit, period and filters."""
        return kept(self.request)


def kept(request: Any) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, values in request.GET.lists()
        for value in values
        if value and (name in _CARRIED or name.startswith(("answer:", ATTRIBUTE)))
    ]


def _without_survey(selection: Selection) -> Selection:
    where = {name: codes for name, codes in selection.where.items() if name != "survey"}
    return Selection(selection.scope, where, selection.answers, selection.when)


def answers_in(selection: Selection) -> int:
    """Return how many answers an analysis of a selection starts from; 0 where that fails."""
    counts = attempt(lambda: _counts(selection)).value or {}
    return sum(counts.values())


def _counts(selection: Selection) -> dict[str | None, int]:
    return {one.group["survey"]: one.records for one in lake.counts(selection.split("survey"))}


def title_of(one: Variable) -> str:
    """Return what a variable is called: its question, its row, its choice, its dimension."""
    return pick(one.title, language(), "") or numbers.dimension(dimension_of(one))


def dimension_of(one: Variable) -> str:
    return "period" if one.code == "day" else one.code


def long_title_of(one: Variable) -> str:
    """Return the title with that of its question, where it is one row or choice of it."""
    own = title_of(one)
    x = one.question
    if x is None or x.code == one.code:
        return own
    whole = pick(x.title, language(), x.code)
    return f"{whole} · {own}"


def options(known: Iterable[Variable], chosen: Collection[str]) -> list[dict[str, Any]]:
    """Return variables as the options of a form."""
    return [
        {"code": one.code, "title": long_title_of(one), "chosen": one.code in chosen}
        for one in known
    ]


def labels_of(one: Variable, codes: Sequence[str | None]) -> dict[str, str]:
    """Return the words of a variable's codes, as the questionnaire or the page has them."""
    found = {}
    for code in codes:
        if code is not None:
            words = pick(one.labels.get(code, {}), language(), "")
            found[code] = words or numbers.group(one.code, code)
    return found


def picked(request: Any, name: str, known: Iterable[Variable]) -> list[str]:
    """Return the codes that the address names, without those of another survey."""
    codes = {one.code for one in known}
    return [code for code in request.GET.getlist(name) if code in codes]


def one_of(request: Any, name: str, known: Iterable[Variable]) -> str:
    """Return the code that the address names, or nothing."""
    return next(iter(picked(request, name, known)), "")


def required(chosen: Chosen) -> Survey:
    """Return the survey, or say that there is none to analyse yet."""
    if chosen.survey is None:
        raise Problem("analysis.no_survey")
    return chosen.survey
