"""The page that weights a survey to its population, and what it stores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from manyi.accounts.permissions import may
from manyi.charts import Kind
from manyi.kit.localtext import LocalText, pick
from manyi.kit.problems import FieldProblem, Problem
from manyi.kit.selection import Scope, Selection
from manyi.metrics.weighted import CAP
from manyi.programmes.actions import upsert_population
from manyi.programmes.models import Population
from manyi.programmes.queries import population_by_code, populations
from manyi.reports.analysis import weighting
from manyi.reports.analysis.variables import names_of
from manyi.reports.analysis.weighting import Category, Change, Weighed
from manyi.reports.dashboards import attempt, kind_of
from manyi.surveys import actions as surveys
from manyi.surveys.models import Survey
from manyi.tabular.writing import Column
from manyi.web import numbers
from manyi.web.analysis import margins
from manyi.web.analysis.choosing import Chosen, required
from manyi.web.analysis.framed import framed
from manyi.web.analysis.segmented import title_of
from manyi.web.context import language

SIZES = (
    (margins.SHARES, gettext_lazy("shares in per cent")),
    (margins.COUNTS, gettext_lazy("head counts")),
)


class MarginsForm(forms.Form):
    """The population of a survey: an existing one, or sizes given anew."""

    population = forms.ChoiceField(required=False, label=gettext_lazy("Population"))
    name = forms.CharField(
        required=False, max_length=120, label=gettext_lazy("Name of a new population")
    )
    size = forms.ChoiceField(choices=SIZES, label=gettext_lazy("Sizes are"))
    margins = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
        label=gettext_lazy("Categories and sizes"),
        help_text=gettext_lazy(
            "One line each: dimension, code, size; for example “channel, wechat, 40”. "
            "Every dimension needs all its categories; shares sum to 100."
        ),
    )
    file = forms.FileField(
        required=False,
        label=gettext_lazy("Or a file (XLSX, CSV)"),
        widget=forms.FileInput,  # the usual one takes a “clear” that nobody offered
        help_text=gettext_lazy("The same three columns."),
    )

    def __init__(self, survey: Survey, choices: list[tuple[str, str]], *args: Any) -> None:
        super().__init__(*args)
        field = self.fields["population"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("a new one")), *choices]


def shown(request: Any, selection: Selection) -> dict[str, Any]:
    """Return the page: the form, who answered, and the figures before and after."""
    chosen = Chosen(request, selection)
    survey = required(chosen)
    part = attempt(lambda: weighting.weighed(survey, chosen.selection))
    told = part.value
    return framed(request, "analysis-weighting", chosen, selection) | {
        "failed": part.failed,
        "told": told,
        "answer": _answer(told) if told else "",
        "may_edit": may(request.member, "survey.edit"),
        "form": form_of(request, survey, told),
        "categories": _categories(told, selection.scope) if told else [],
        "sums": [(numbers.dimension(d), s) for d, s in told.sums.items()]
        if told and told.population
        else [],
        "changes": [_change(one) for one in told.changes] if told else [],
        "weights": told.weights if told else None,
        "balances": _balances(told),
        "cap": CAP,
    }


def _answer(told: Weighed) -> str:
    if told.population is None:
        return _("Not weighted yet: say how large each group of customers is.")
    if told.weights is None:
        return ""
    name = told.population.name_in(language())
    said = {"name": name, "deff": f"{told.weights.deff:.2f}"}
    return _("Weighted to “%(name)s” with a design effect of %(deff)s.") % said


def _categories(told: Weighed, scope: Scope) -> list[dict[str, Any]]:
    codes: dict[str, list[str]] = {}
    for one in told.categories:
        codes.setdefault(one.dimension, []).append(one.code)
    names = {name: names_of(scope, name, known) for name, known in codes.items()}
    return [_category(one, names[one.dimension]) for one in told.categories]


def _category(one: Category, names: Mapping[str, LocalText]) -> dict[str, Any]:
    """Return a category by its name with its code, which the form takes; a channel's says it."""
    named = pick(names.get(one.code, {}), language(), "")
    return {
        "dimension": numbers.dimension(one.dimension),
        "name": f"{named} ({one.code})" if named else numbers.group(one.dimension, one.code),
        "population": one.population,
        "answered": one.answered,
    }


def _change(one: Change) -> dict[str, Any]:
    kind: Kind = kind_of(one.figure.metric)
    return {
        "title": title_of(one.figure),
        "kind": kind,
        "plain": numbers.figure_of(one.plain),
        "weighted": numbers.figure_of(one.weighted),
        "n_effective": one.weighted.estimate.n_effective if one.weighted.ok else None,
        "notes": [n for n in one.weighted.estimate.warnings if n.code.startswith("raked_")],
    }


def _balances(told: Weighed | None) -> list[dict[str, Any]]:
    found = told.weights.balance if told and told.weights else {}
    return [
        {"dimension": numbers.dimension(name), "r": one.r_indicator, "cv": one.variation}
        for name, one in found.items()
    ]


def form_of(request: Any, survey: Survey, told: Weighed | None) -> MarginsForm:
    """Return the form, filled with the margins there are, or the categories that occur."""
    known = [(one.code, one.name_in(language())) for one in populations(request.scope)]
    if request.method == "POST":
        return MarginsForm(survey, known, request.POST, request.FILES)
    form = MarginsForm(survey, known)
    form.initial = _initial(survey, told)
    return form


def _initial(survey: Survey, told: Weighed | None) -> dict[str, Any]:
    if survey.population is not None:
        rows = list(survey.population.margins.all())
        counted = bool(rows) and all(row.count is not None for row in rows)
        sizes = [(r.dimension, r.code, r.share if r.count is None else r.count) for r in rows]
        size = margins.COUNTS if counted else margins.SHARES
        text = margins.text_of(sizes)
        return {"population": survey.population.code, "size": size, "margins": text}
    empty = [(one.dimension, one.code, None) for one in told.categories] if told else []
    return {"size": margins.SHARES, "margins": margins.text_of(empty)}


def store(request: Any, survey: Survey, form: MarginsForm) -> None:
    """Store the margins given and weight the survey to their population.

    Raises Problem for what cannot be read or does not sum to the whole.
    """
    given = form.cleaned_data
    rows = _given(given)
    now = timezone.now()
    code = given["population"] or _new_code(request, given)
    if rows or not given["population"]:
        name = {language(): given["name"]} if given["name"] and not given["population"] else None
        upsert_population(by=request.member, code=code, now=now, name=name, margins=rows)
    population = population_by_code(request.scope, code)
    surveys.update_draft(by=request.member, survey=survey, now=now, population=population)


def _given(given: dict[str, Any]) -> list[dict[str, Any]]:
    if given["file"] is not None:
        return margins.sent(given["file"], given["size"])
    rows = margins.pasted(given["margins"], given["size"])
    if not rows and not given["population"]:
        raise _wrong("margins", "analysis.margins_empty")
    return rows


def _wrong(pointer: str, code: str) -> Problem:
    return Problem("population.invalid", errors=(FieldProblem(pointer, code, {}),))


def _new_code(request: Any, given: dict[str, Any]) -> str:
    """Return a code that no population of the organisation has yet."""
    if not given["name"]:
        raise _wrong("name", "analysis.population_name")
    taken = set(populations(request.scope).values_list("code", flat=True))
    return next(code for i in range(1, len(taken) + 2) if (code := f"population-{i}") not in taken)


def use(request: Any, survey: Survey) -> None:
    """Show the survey's pages weighted, or not, as the form says."""
    wanted = request.POST.get("use") == "1"
    surveys.update_draft(by=request.member, survey=survey, now=timezone.now(), is_weighted=wanted)


def release(request: Any, survey: Survey) -> None:
    """Weight the survey to no population any more."""
    none: Population | None = None
    now = timezone.now()
    surveys.update_draft(by=request.member, survey=survey, now=now, population=none)


def columns() -> list[Column]:
    return [
        Column("dimension", _("Dimension"), "code"),
        Column("code", _("Code"), "code"),
        Column("population", _("Population (%)"), "number"),
        Column("answered", _("Answered (%)"), "number"),
        Column("low", _("Low end"), "number"),
        Column("high", _("High end"), "number"),
        Column("n", _("n"), "integer"),
    ]


def rows(told: Weighed | None) -> Iterator[dict[str, Any]]:
    """Yield the categories, as a file that can be filled in and sent back."""
    for one in told.categories if told else ():
        found = one.answered
        yield {
            "dimension": one.dimension,
            "code": one.code,
            "population": one.population,
            "answered": found.value if found else None,
            "low": found.low if found else None,
            "high": found.high if found else None,
            "n": found.n if found else None,
        }
