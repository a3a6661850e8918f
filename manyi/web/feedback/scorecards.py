"""Service staff by their conversations, and one person's card, for them and who manages them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from manyi.accounts.permissions import may
from manyi.charts import figure
from manyi.feedback import analysing, scorecards, standard
from manyi.feedback.scorecards import Card, Item, Note
from manyi.kit.problems import NotFound
from manyi.text.talks import version
from manyi.web import filters
from manyi.web.context import language
from manyi.web.feedback.asked import inbox_page
from manyi.web.feedback.talked import duration, names

_NOTES: dict[str, str | Promise] = {
    "coach.greeting": _("Greets in %(share)s of conversations, less than the others."),
    "coach.empathy": _(
        "Says sorry or shows understanding in %(share)s of those with an unhappy customer, less "
        "than the others: begin with the customer's trouble, then the matter."
    ),
    "coach.explanation": _(
        "Gives a reason in %(share)s of those with an unhappy customer, less than the others."
    ),
    "coach.solution": _(
        "Offers a solution in %(share)s of those that ask for one, less than the others: say what "
        "you will do, and by when."
    ),
    "coach.closing": _(
        "Closes with a question or thanks in %(share)s of conversations, less than the others."
    ),
    "coach.promise": _("Keeps fewer of the promises that can be followed: %(share)s."),
    "coach.forbidden": _("Forbidden words in %(n)s conversations: read them together."),
    "coach.own": _("%(item)s: kept in %(share)s of conversations, less than the others."),
    "coach.strength": _("Better than the others at: %(item)s (%(share)s)."),
    "coach.slow": _("Answers more slowly than the others: %(time)s in the middle."),
}


@inbox_page
def cards(request: Any) -> HttpResponseBase:
    """List the cards that the member may see."""
    found = scorecards.cards(request.member, filters.selection(request))
    called = _called(request)
    context = {
        **_common(request, found),
        "cards": [_shown(one, called) for one in found if not one.is_few],
        "few": [_shown(one, called) for one in found if one.is_few],
        "items": called,
    }
    return render(request, "web/feedback/scorecards.html", context)


@inbox_page
def card(request: Any, code: str) -> HttpResponseBase:
    """Show one person's card."""
    found = scorecards.cards(request.member, filters.selection(request))
    mine = next((one for one in found if one.agent.code == code), None)
    if mine is None:
        raise NotFound("not_found")
    context = {**_common(request, [mine]), "card": _shown(mine, _called(request))}
    return render(request, "web/feedback/scorecard.html", context)


def _called(request: Any) -> dict[str, str]:
    """Return the items of the standard in force by what they are called."""
    asked = standard.current(request.scope.organisation_id)
    return names(one for one in asked if one.is_on)


def _common(request: Any, found: Iterable[Card]) -> dict[str, Any]:
    organisation = request.scope.organisation_id
    organisation, read_by = request.scope.organisation_id, scorecards.models(found)
    return {
        "model": ("、" if language() == "zh-Hans" else ", ").join(read_by),
        "model_now": version(),
        "is_outdated": read_by != [version()],
        "number": standard.number(organisation),
        "job": analysing.rereading(organisation),
        "may_edit": may(request.member, "organisation.edit"),
    }


def _shown(one: Card, called: Mapping[str, str]) -> dict[str, Any]:
    return {
        "agent": one.agent,
        "name": one.agent.name or one.agent.code,
        "n": one.n,
        "is_few": one.is_few,
        "ending": one.ending,
        "kept": one.kept,
        "wait": "" if one.wait is None else duration(one.wait),
        "items": [_item(i, called) for i in one.items],
        "notes": [_note(n, called) for n in one.notes],
    }


def _item(one: Item, called: Mapping[str, str]) -> dict[str, Any]:
    name = called.get(one.code, one.code)
    return {"name": name, "item": one, "kept": one.kept, "n": one.occasions}


def _note(one: Note, called: Mapping[str, str]) -> dict[str, Any]:
    told: dict[str, Any] = dict(one.params)
    if told.get("share") is not None:
        told["share"] = figure(float(told["share"]), "share")
    if "item" in told:
        told["item"] = called.get(str(told["item"]), str(told["item"]))
    if "seconds" in told:
        told["time"] = duration(float(told["seconds"]))
    return {"text": str(_NOTES[one.code]) % told, "is_good": one.code == "coach.strength"}
