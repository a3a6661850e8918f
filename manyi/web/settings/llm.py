"""The outside model: what it may do, how it stands, and a sentence to try it on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from manyi.connectors.llm import choosing, service
from manyi.connectors.llm.trying import Trial, try_out
from manyi.connectors.models import LlmChoice
from manyi.feedback import outside
from manyi.kit.problems import Forbidden, Problem
from manyi.kit.say import say
from manyi.web import named
from manyi.web.context import language
from manyi.web.errors import sentences
from manyi.web.pages import page
from manyi.web.settings.editing import attempt, saved, show_page


class ChoiceForm(forms.Form):
    reads = forms.BooleanField(required=False, label=_("Read themes, sentiment and intents"))
    summarises = forms.BooleanField(required=False, label=_("Summarise what a selection says"))
    names = forms.BooleanField(required=False, label=_("Name themes that nobody named"))
    tokens_a_day = forms.IntegerField(
        min_value=0,
        max_value=choosing.MOST_TOKENS,
        label=_("Tokens a day at most"),
        help_text=_("A text costs about its length and 1,500 more. The day is that of UTC."),
    )
    agreed = forms.BooleanField(
        required=False,
        label=_("I agree that masked texts of our customers leave this installation"),
    )


@page("organisation.edit")
def llm(request: Any) -> HttpResponseBase:
    """Show and change what the outside model may do."""
    row = choosing.state(request.scope.organisation_id)
    form = _form(request, row)

    def act(cleaned: dict[str, Any]) -> None:
        choosing.choose(by=request.member, now=timezone.now(), **cleaned)

    if saved(request, form, act, gettext("Saved.")):
        return redirect("llm")
    return _shown(request, form, status=422 if form.errors else 200)


def _form(request: Any, row: LlmChoice) -> ChoiceForm:
    return ChoiceForm(request.POST if request.method == "POST" else None, initial=_start(row))


def _start(row: LlmChoice) -> dict[str, Any]:
    names = ("reads", "summarises", "names", "tokens_a_day")
    return {name: getattr(row, name) for name in names}


def _shown(
    request: Any,
    form: ChoiceForm,
    *,
    status: int = 200,
    trial: Trial | None = None,
    problem: str = "",
) -> HttpResponseBase:
    organisation, now = request.scope.organisation_id, timezone.now()
    stand, row = service.stand(), choosing.state(organisation)
    agreed = service.agreed(organisation)
    return show_page(
        request,
        "llm",
        status,
        form=form,
        stand=stand,
        is_open=stand.is_open(now),
        why=say(stand.code, language()) if stand.code else "",
        choice=row,
        agreed=agreed,
        is_stale=row.agreed_at is not None and agreed is None,
        today=choosing.today(organisation, now),
        left=service.left(row, now),
        counted=list(outside.counted(organisation).items()),
        trial=trial and _told(request, trial),
        problem=problem,
    )


def _told(request: Any, trial: Trial) -> dict[str, Any]:
    names = named.aspects(request.scope)
    return {
        "trial": trial,
        "why": say(trial.code, language()) if trial.code else "",
        "polarity": named.POLARITIES.get(trial.polarity, ""),
        "intents": [named.INTENTS[code] for code in trial.intents],
        "findings": [
            {
                "aspect": named.aspect(names, one.aspect or ""),
                "polarity": named.POLARITIES[one.polarity],
                "words": trial.text[one.start : one.end],
            }
            for one in trial.findings
        ],
    }


@page("organisation.edit")
@require_POST
def try_llm(request: Any) -> HttpResponseBase:
    """Try the model on a sentence; what left and what came back is shown."""
    form = ChoiceForm(initial=_start(choosing.state(request.scope.organisation_id)))
    try:
        trial = try_out(by=request.member, text=request.POST.get("text", ""), now=timezone.now())
    except Forbidden:
        raise
    except Problem as problem:
        return _shown(request, form, status=422, problem=" ".join(sentences(problem)))
    return _shown(request, form, trial=trial)


@page("organisation.edit")
@require_POST
def act_on_llm(request: Any) -> HttpResponseBase:
    """Read older texts too, or undo all that the model read."""
    by, now = request.member, timezone.now()
    if request.POST.get("act") == "forget":
        done = gettext("Our own model reads again what the outside model read.")
        return attempt(request, lambda: choosing.forget(by=by, now=now), done, "llm")
    given = request.POST.get("days", "")
    days = int(given) if given.isascii() and given.isdecimal() and len(given) < 5 else 0
    done = gettext("Older texts are read too, as far as the tokens of each day reach.")
    return attempt(request, lambda: choosing.read_since(by=by, days=days, now=now), done, "llm")
