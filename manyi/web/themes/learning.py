"""What the organisation's corrections taught: how well it reads, and whether it is in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from manyi.feedback import analysing, heads, learning
from manyi.feedback.models import Correction, LearntHead
from manyi.kit.problems import Busy, Forbidden, NotFound, Problem
from manyi.text.corrected import INTENT
from manyi.text.learned import LEAST
from manyi.text.presence import LEAST_OF_EACH
from manyi.web import named
from manyi.web.errors import sentences
from manyi.web.pages import page


@page("organisation.edit")
def learnt(request: HttpRequest) -> HttpResponseBase:
    """Show the newest head beside the built-in model."""
    organisation = request.scope.organisation_id  # type: ignore[attr-defined]
    row, in_force = heads.latest(organisation), learning.in_force(organisation)
    context = {
        "state": learning.state(organisation),
        "row": row,
        "parts": _parts(row, named.aspects(request.scope)),  # type: ignore[attr-defined]
        "in_force": in_force,
        "is_newer": row is not None and row.number != in_force and heads.is_of_use(row),
        "corrections": Correction.objects.filter(organisation_id=organisation).count(),
        "least": LEAST,
        "least_of_each": LEAST_OF_EACH,
        "job": analysing.rereading(organisation),
        "model": analysing.model(organisation),
    }
    return render(request, "web/themes/learning.html", context)


def _parts(row: LearntHead | None, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return whole texts and clauses first, then each theme and intent, most judged first."""
    if row is None:
        return []
    whole = {"texts": _("Whole texts"), "clauses": _("Themes")}
    found = sorted(row.figures.items(), key=lambda pair: (pair[0] not in whole, -pair[1]["n"]))
    return [{"name": whole.get(part) or _of_code(names, part), **_part(one)} for part, one in found]


def _of_code(names: Mapping[str, str], part: str) -> str:
    """Return what to call what was learnt of one theme or intent."""
    kind, _colon, code = part.partition(":")
    if kind == INTENT:
        return _("Whether meant: %(intent)s") % {"intent": named.INTENTS.get(code, code)}
    return _("Whether spoken of: %(theme)s") % {"theme": named.aspect(dict(names), code)}


def _part(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **one,
        **{key: _hundredfold(one[key]) for key in ("before", "after", "gain")},
        "changed": one["changed"] * 100,
        "is_tested": one["gain"]["low"] is not None and one["gain"]["low"] > 0,
    }


def _hundredfold(ends: Mapping[str, float | None]) -> dict[str, float | None]:
    return {key: None if x is None else x * 100 for key, x in ends.items()}


_SAID = {
    "use": lambda: _("All texts are being read again; the numbers change at the end."),
    "leave": lambda: _("All texts are being read again; the numbers change at the end."),
    "on": lambda: _("Corrections are learnt from again."),
    "off": lambda: _("Corrections are kept and counted, but nothing is learnt from them."),
    "forget": lambda: _("What was learnt is deleted."),
}


@page("organisation.edit")
@require_POST
def act(request: Any) -> HttpResponseBase:
    """Do what the pressed button says."""
    wanted = request.POST.get("act", "")
    try:
        if wanted not in _SAID:
            raise Problem("web.button_unknown")
        _act(request, wanted)
        messages.success(request, _SAID[wanted]())
    except (Forbidden, NotFound, Busy):
        raise
    except Problem as problem:
        messages.error(request, " ".join(sentences(problem)))
    return redirect("themes-learning")


def _act(request: Any, wanted: str) -> None:
    by, now = request.member, timezone.now()
    if wanted in ("on", "off"):
        learning.switch(by=by, on=wanted == "on", now=now)
    else:
        {"use": learning.use, "leave": learning.leave, "forget": learning.forget}[wanted](
            by=by, now=now
        )
