"""Response rates by AAPOR: how cases ended, what follows, and what a person enters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from manyi.accounts.permissions import may
from manyi.kit.problems import Problem
from manyi.kit.say import say
from manyi.kit.selection import Selection
from manyi.reports.analysis import responding
from manyi.reports.analysis.responding import FAMILIES, MAIN, Ended, Responded
from manyi.reports.dashboards import attempt
from manyi.surveys.dispositions import dispositions, keep_eligibility, replace_dispositions
from manyi.surveys.models import Survey
from manyi.tabular.writing import Column
from manyi.web.analysis.choosing import Chosen, required
from manyi.web.analysis.framed import framed, words
from manyi.web.analysis.margins import lines_sent
from manyi.web.context import language

ENDS: dict[str, str | Promise] = {
    "1.1": gettext_lazy("Answered in full"),
    "1.2": gettext_lazy("Answered in part, at least half"),
    "2.11": gettext_lazy("Refused"),
    "2.12": gettext_lazy("Broke off, less than half"),
    "2.2": gettext_lazy("Eligible, but never reached"),
    "2.31": gettext_lazy("Died"),
    "2.32": gettext_lazy("Could not: ill or unable"),
    "2.33": gettext_lazy("Could not: language"),
    "2.36": gettext_lazy("Eligible, no answer for another reason"),
    "3.1": gettext_lazy("Not known whether the invitation or call arrived"),
    "3.2": gettext_lazy("Not known whether the one reached was to be asked"),
    "4.1": gettext_lazy("Not of the population"),
    "4.7": gettext_lazy("Screened out"),
    "4.8": gettext_lazy("The quota was full"),
}
KINDS: dict[str, str | Promise] = {
    "1": gettext_lazy("Answered"),
    "2": gettext_lazy("Eligible, no answer"),
    "3": gettext_lazy("Nobody knows whether eligible"),
    "4": gettext_lazy("Not eligible"),
}
TITLES: dict[str, str | Promise] = {
    "response": gettext_lazy("Response"),
    "cooperation": gettext_lazy("Cooperation"),
    "refusal": gettext_lazy("Refusal"),
    "contact": gettext_lazy("Contact"),
}
MEANINGS: dict[str, str | Promise] = {
    "RR1": gettext_lazy("full answers ÷ all that may have been eligible"),
    "RR2": gettext_lazy("as RR1, answers in part too"),
    "RR3": gettext_lazy("full answers ÷ the eligible and the share e of the unknown"),
    "RR4": gettext_lazy("as RR3, answers in part too"),
    "RR5": gettext_lazy("full answers ÷ the eligible alone"),
    "RR6": gettext_lazy("as RR5, answers in part too"),
    "COOP1": gettext_lazy("full answers ÷ all that were reached"),
    "COOP2": gettext_lazy("as COOP1, answers in part too"),
    "COOP3": gettext_lazy("full answers ÷ all that were reached and able"),
    "COOP4": gettext_lazy("as COOP3, answers in part too"),
    "REF1": gettext_lazy("refusals ÷ all that may have been eligible"),
    "REF2": gettext_lazy("refusals ÷ the eligible and the share e of the unknown"),
    "REF3": gettext_lazy("refusals ÷ the eligible alone"),
    "CON1": gettext_lazy("reached ÷ all that may have been eligible"),
    "CON2": gettext_lazy("reached ÷ the eligible and the share e of the unknown"),
    "CON3": gettext_lazy("reached ÷ the eligible alone"),
}
_HEADS = {"code", "代码", "编码"}


class EndsForm(forms.Form):
    """How many cases came to each end, in a field for each; or a file."""

    file = forms.FileField(
        required=False,
        label=gettext_lazy("Or a file (XLSX, CSV)"),
        widget=forms.FileInput,  # the usual one takes a “clear” that nobody offered
        help_text=gettext_lazy(
            "Two columns: final disposition code and count. It replaces all counts."
        ),
    )

    eligible = forms.FloatField(
        required=False,
        min_value=0,
        max_value=1,
        label=gettext_lazy("Share of unknown cases taken as eligible (e), 0 to 1"),
        help_text=gettext_lazy("Empty: as among the cases that were settled."),
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )

    def __init__(self, codes: list[str], *args: Any) -> None:
        super().__init__(*args)
        for code in codes:
            self.fields[f"n_{code}"] = forms.IntegerField(
                required=False,
                min_value=0,
                max_value=1_000_000_000,
                label=f"{code} {end(code)}",
                widget=forms.NumberInput(attrs={"aria-label": f"{code} {end(code)}"}),
            )

    def rows(self) -> list[dict[str, Any]]:
        """Return what was given as rows of code and n."""
        if self.cleaned_data["file"] is not None:
            return _in_file(self.cleaned_data["file"])
        given = self.cleaned_data.items()
        found = [(name.removeprefix("n_"), n) for name, n in given if name.startswith("n_")]
        return [{"code": code, "n": n} for code, n in found if n is not None]


def _in_file(upload: Any) -> list[dict[str, Any]]:
    lines = [[cell.strip() for cell in line] for line in lines_sent(upload)]
    given = [line for line in lines if any(line) and line[0].lower() not in _HEADS]
    return [{"code": _code(line[0]), "n": line[1] if len(line) > 1 else ""} for line in given]


def _code(cell: str) -> str:
    """Return a code as AAPOR writes it: a spreadsheet takes 2.20 for the number 2.2."""
    return cell.removesuffix(".0")


def end(code: str) -> str:
    """Return what a final disposition means; a finer one is called as the coarser."""
    whole = next((known for known in sorted(ENDS, reverse=True) if code.startswith(known)), None)
    return str(ENDS[whole] if whole is not None else KINDS[code[0]])


def shown(request: Any, selection: Selection) -> dict[str, Any]:
    """Return the page: the rates, how the cases ended, and the form."""
    chosen = Chosen(request, selection)
    survey = required(chosen)
    e, wrong = _eligibility(request)
    part = attempt(lambda: responding.responded(survey, selection.scope, e=e))
    told = part.value
    form = form_of(request, survey, told)
    return framed(request, "analysis-response", chosen, selection) | {
        "failed": part.failed,
        "told": told,
        "answer": _answer(told) if told else "",
        "families": _families(told),
        "e": request.GET.get("e", ""),
        "e_wrong": wrong,
        "may_edit": may(request.member, "survey.edit"),
        "form": form,
        "ends": [_end(one, form) for one in _all_ends(told)],
        "cases": sum(one.n for one in told.ends) if told else 0,
    }


def _eligibility(request: Any) -> tuple[float | None, str]:
    try:
        return responding.eligibility(request.GET.get("e", "").strip()), ""
    except Problem as problem:
        one = problem.errors[0]
        return None, say(one.code, language(), one.params)


def _answer(told: Responded) -> str:
    said = words(told.rates.get(MAIN), "share")
    if said is None:
        return ""
    return _(
        "Of those who were to be asked %(rate)s answered in full (%(name)s; %(ends)s, n %(n)s)."
    ) % {**said, "rate": said["value"], "name": MAIN}


def _families(told: Responded | None) -> list[dict[str, Any]]:
    if told is None or not told.rates:
        return []
    return [
        {
            "title": TITLES[family],
            "rates": [
                {"name": name, "meaning": MEANINGS[name], "found": told.rates[name]}
                for name in names
            ],
        }
        for family, names in FAMILIES.items()
    ]


def _all_ends(told: Responded | None) -> list[Ended]:
    known = {one.code: one for one in told.ends} if told else {}
    return [known.get(code) or Ended(code, None, None) for code in sorted({*ENDS, *known})]


def _end(one: Ended, form: EndsForm) -> dict[str, Any]:
    is_known = one.entered is not None or one.counted is not None
    return {
        "code": one.code,
        "name": end(one.code),
        "kind": KINDS[one.code[0]],
        "counted": one.counted,
        "entered": one.entered,
        "n": one.n if is_known else None,
        "field": form[f"n_{one.code}"] if f"n_{one.code}" in form.fields else None,
    }


def form_of(request: Any, survey: Survey, told: Responded | None) -> EndsForm:
    """Return the form with a field for each usual end and each that was entered."""
    entered = dispositions(survey)
    codes = sorted({*ENDS, *entered, *([one.code for one in told.ends] if told else [])})
    if request.method == "POST":
        return EndsForm(codes, request.POST, request.FILES)
    form = EndsForm(codes)
    form.initial = {f"n_{code}": n for code, n in entered.items()}
    form.initial["eligible"] = survey.eligible_share
    return form


def store(request: Any, survey: Survey, form: EndsForm) -> None:
    """Store the counts given; raises Problem for what cannot be read."""
    try:
        rows = form.rows()
        e, now = form.cleaned_data["eligible"], timezone.now()
        with transaction.atomic():
            replace_dispositions(by=request.member, survey=survey, rows=rows, now=now)
            if "eligible" in form.data:
                keep_eligibility(by=request.member, survey=survey, e=e, now=now)
    except Problem as problem:
        if form.cleaned_data["file"] is None:
            raise
        errors = tuple(replace(one, pointer="file") for one in problem.errors)
        raise Problem(problem.code, errors=errors, **problem.params) from None


def columns() -> list[Column]:
    return [
        Column("part", _("Part"), "text"),
        Column("code", _("Code"), "text"),
        Column("name", _("Name"), "text"),
        Column("value", _("Value"), "number"),
        Column("low", _("Low end"), "number"),
        Column("high", _("High end"), "number"),
        Column("n", _("n"), "integer"),
    ]


def rows(told: Responded | None) -> Iterator[dict[str, Any]]:
    """Yield the rates, then how the cases ended, of the download."""
    if told is None:
        return
    for family, names in FAMILIES.items():
        for name in names:
            one = told.rates.get(name)
            head = {"part": str(TITLES[family]), "code": name, "name": str(MEANINGS[name])}
            ends = {key: getattr(one, key, None) for key in ("value", "low", "high", "n")}
            yield {**head, **ends}
    blank = {"value": None, "low": None, "high": None}
    for case in told.ends:
        head = {"part": _("Cases"), "code": case.code, "name": end(case.code)}
        yield {**head, **blank, "n": case.n}
