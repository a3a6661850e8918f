"""API tokens: made, shown once, ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from manyi.accounts import actions
from manyi.accounts.models import ApiToken
from manyi.accounts.permissions import may
from manyi.kit.problems import NotFound
from manyi.web.pages import page
from manyi.web.settings.editing import (
    attempt,
    keep_secret,
    saved,
    show_page,
    take_secret,
)


class TokenForm(forms.Form):
    name = forms.CharField(
        max_length=100, label=_("Name"), help_text=_("What it is for: “Nightly export”.")
    )
    days = forms.TypedChoiceField(
        choices=[
            (30, _("30 days")),
            (90, _("90 days")),
            (365, _("One year")),
            (0, _("Until it is revoked")),
        ],
        coerce=int,
        initial=365,
        label=_("Valid for"),
    )
    is_read_only = forms.BooleanField(required=False, label=_("May only read"))


@page("token.edit")
def tokens(request: Any) -> HttpResponseBase:
    """List the tokens and make one; its secret is shown once."""
    form = TokenForm(request.POST or None)

    def act(cleaned: dict[str, Any]) -> None:
        now, days = timezone.now(), cleaned.pop("days")
        ends = now + timedelta(days=days) if days else None
        token, secret = actions.create_token(by=request.member, expires_at=ends, now=now, **cleaned)
        keep_secret(request, secret, token.name)

    if saved(request, form, act, gettext("The token is made.")):
        return redirect("tokens")
    context = {"form": form, "rows": _seen(request), "now": timezone.now()}
    status = 422 if form.errors else 200
    return show_page(request, "tokens", status, secret=take_secret(request), **context)


@page("token.edit")
@require_POST
def revoke_token(request: Any, pk: int) -> HttpResponseBase:
    token = _seen(request).filter(pk=pk).first()
    if token is None:
        raise NotFound("not_found")

    def act() -> None:
        actions.revoke_token(by=request.member, token=token, now=timezone.now())

    return attempt(request, act, gettext("The token is revoked."), "tokens")


def _seen(request: Any) -> QuerySet[ApiToken]:
    """Return one's own tokens; an owner sees everybody's in the organisation."""
    rows = ApiToken.objects.select_related("member__user", "member__organisation")
    rows = rows.order_by("-created_at", "-pk")
    if may(request.member, "member.edit"):
        return rows.filter(member__organisation_id=request.scope.organisation_id)
    return rows.filter(member=request.member)
