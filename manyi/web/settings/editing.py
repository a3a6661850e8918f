"""What the settings' pages share: tabs, saving a form, an act behind a button, a secret once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from manyi.accounts.permissions import may
from manyi.kit.problems import Busy, Forbidden, NotFound, Problem
from manyi.web.errors import sentences
from manyi.web.filters import carried
from manyi.web.forms import show

TABS = (
    ("organisation", _("Organisation"), "organisation.edit"),
    ("members", _("Members"), "member.read"),
    ("teams", _("Teams"), "unit.edit"),
    ("touchpoints", _("Touchpoints"), "touchpoint.edit"),
    ("agents", _("Service staff"), "agent.edit"),
    ("tokens", _("API tokens"), "token.edit"),
    ("llm", _("Outside model"), "organisation.edit"),
    ("audit", _("Audit log"), "audit.read"),
)
_SECRET = "shown_once"  # noqa: S105 - the key it is kept under


def tabs(request: Any) -> list[dict[str, Any]]:
    """Return the settings that the member may open."""
    return [
        {
            "label": label,
            "href": reverse(name) + carried(request),
            "active": request.path.startswith(reverse(name)),
        }
        for name, label, deed in TABS
        if may(request.member, deed)
    ]


def show_page(request: Any, template: str, status: int = 200, **context: Any) -> HttpResponse:
    """Render a settings page inside its tabs."""
    context["settings_tabs"] = tabs(request)
    return render(request, f"web/settings/{template}.html", context, status=status)


def saved(request: Any, form: forms.Form, act: Callable[[dict[str, Any]], Any], done: Any) -> bool:
    """Whether the form was sent, was good and `act` took it; problems stand in the form."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        with transaction.atomic():
            act(form.cleaned_data)
    except (Forbidden, NotFound, Busy):
        raise
    except Problem as problem:
        show(form, problem)
        return False
    messages.success(request, done)
    return True


def show_form(
    request: Any, form: forms.Form, title: Any, back: str, **context: Any
) -> HttpResponse:
    """Render one form; 422 where it came back with problems."""
    template = context.pop("template", "form")
    return show_page(
        request,
        template,
        status=422 if form.errors else 200,
        form=form,
        heading=title,
        back=back,
        **context,
    )


def attempt(request: Any, act: Callable[[], Any], done: Any, back: str) -> HttpResponseBase:
    """Do what a button says and go back; a Problem is said there."""
    try:
        act()
    except (Forbidden, NotFound, Busy):
        raise
    except Problem as problem:
        messages.error(request, " ".join(sentences(problem)))
    else:
        messages.success(request, done)
    return redirect(back)


def keep_secret(request: Any, text: str, about: str = "") -> None:
    """Keep a secret until the next page shows it."""
    request.session[_SECRET] = {"text": text, "about": about}


def take_secret(request: Any) -> dict[str, str] | None:
    """Return the secret to show now, once."""
    return request.session.pop(_SECRET, None) if request.method == "GET" else None
