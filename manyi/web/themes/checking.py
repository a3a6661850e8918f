"""How right the machine is here: one finding after the other to judge, and what that adds to."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from manyi.feedback import checking
from manyi.feedback.checking import Accuracy
from manyi.feedback.models import Check
from manyi.kit.problems import Busy, Forbidden, NotFound, Problem
from manyi.metrics.guard import limits
from manyi.web import named, numbers
from manyi.web.errors import sentences
from manyi.web.pages import page

_AROUND = 200


@page("feedback.correct")
def check(request: Any) -> HttpResponseBase:
    """Show how right the machine is as far as people have judged, and what to judge next."""
    found = checking.accuracies(request.member)
    now = found[0] if found else None
    names = named.aspects(request.scope)
    left = checking.following(request.member)
    context = {
        "now": now and _shown(now, names),
        "earlier": [_shown(one, names) for one in found[1:]],
        "answer": answer(now),
        "one": left and _asked(left, names),
        "left": checking.waiting(request.member).count(),
        "drawn": checking.DRAWN,
        "limits": limits(request.scope),
    }
    return render(request, "web/themes/checking.html", context)


def answer(now: Accuracy | None) -> str:
    """Return the page's answer in a sentence."""
    if now is None:
        return _("Nobody has judged yet what the model finds here.")
    told = numbers.written(now.whole, "share")
    return _("Of what it finds here, %(share)s is right in theme and tone.") % {"share": told}


def _shown(one: Accuracy, names: dict[str, str]) -> dict[str, Any]:
    rows = [
        (_("Theme and tone"), one.whole),
        (_("The theme"), one.theme),
        (_("The tone, where the theme is right"), one.tone),
    ]
    said = _("What it calls: %(tone)s")
    rows += [(said % {"tone": named.sense(s)}, found) for s, found in one.by_tone.items()]
    rows += [(named.aspect(names, code), found) for code, found in one.by_group.items()]
    return {"model": one.model, "n": one.n, "rows": [row for row in rows if row[1].n]}


def _asked(one: Check, names: dict[str, str]) -> dict[str, Any]:
    text = one.record.verbatim
    senses = [(s, named.sense(s), word) for s, word in named.SENSES.items() if s != one.polarity]
    return {
        "pk": one.pk,
        "before": text[max(one.start - _AROUND, 0) : one.start],
        "words": text[one.start : one.end],
        "after": text[one.end : one.end + _AROUND],
        "aspect": named.aspect(names, one.aspect),
        "tone": named.sense(one.polarity),
        "sense": named.SENSES[one.polarity],
        "others": senses,
        "href": reverse("feedback-one", args=[one.record_id]),
        "day": one.record.day,
    }


@page("feedback.correct")
@require_POST
def act(request: Any) -> HttpResponseBase:
    """Draw, or keep what the pressed button says of a finding."""
    try:
        _act(request)
    except (Forbidden, NotFound, Busy):
        raise
    except Problem as problem:
        messages.error(request, " ".join(sentences(problem)))
    return redirect("themes-checking")


def _act(request: Any) -> None:
    by, now, said = request.member, timezone.now(), request.POST.get("act", "")
    if said == "draw":
        checking.draw(by=by, rng=np.random.default_rng(), now=now)
        return
    verdict, _colon, sense = said.partition(":")
    if verdict not in ("right", "sense", "aspect", "skip"):
        raise Problem("web.button_unknown")
    right = {"-1": -1, "0": 0, "1": 1}.get(sense)
    pk = request.POST.get("check", "")
    if not pk.isascii() or not pk.isdecimal() or len(pk) > 18:
        raise NotFound("not_found")
    told = "" if verdict == "skip" else verdict
    checking.judge(by=by, check=int(pk), verdict=told, sense=right, now=now)
