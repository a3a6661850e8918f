"""Log-in and what surrounds it; the first owner's set-up."""

from __future__ import annotations

from typing import Any

from allauth.account import views as account
from allauth.core.internal import ratelimit
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as django_set_language

from manyi.accounts import actions
from manyi.accounts.models import User
from manyi.accounts.queries import memberships
from manyi.kit.problems import NotFound, Problem
from manyi.web.accounts import forms
from manyi.web.accounts.mail import refuse_without_mail
from manyi.web.context import language, sends_mail
from manyi.web.forms import show
from manyi.web.middleware import ORGANISATION
from manyi.web.pages import page

SET_UP_TRIES = {"set_up": "10/m/ip,60/h/ip"}


class LogIn(account.LoginView):
    form_class = forms.LogIn

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "GET" and not User.objects.exists():
            return redirect("set-up")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(is_new_house=actions.setup_is_open(), **kwargs)


class ChangePassword(account.PasswordChangeView):
    form_class = forms.ChangePassword

    def get_default_success_url(self) -> str:
        return "/"


class ResetPassword(account.PasswordResetView):
    form_class = forms.ResetPassword

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(sends_mail=sends_mail(), **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Say so where no mail can go out, for known and unknown addresses alike."""
        try:
            refuse_without_mail()
        except Problem as problem:
            show(form, problem)
            return self.render_to_response(self.get_context_data(form=form), status=503)
        return super().form_valid(form)


class NewPassword(account.PasswordResetFromKeyView):
    form_class = forms.NewPassword


@require_POST
def set_language(request: Any) -> HttpResponseBase:
    """Write in another language: in this browser, and where the user logs in next."""
    tag = {"zh-hans": "zh-Hans", "en": "en"}.get(request.POST.get("language", ""))
    if tag and request.user.is_authenticated and request.user.language != tag:
        request.user.language = tag
        request.user.save(update_fields=["language"])
    return django_set_language(request)


@page()
def switch_organisation(request: Any, code: str) -> HttpResponse:
    """Work for another organisation from now on."""
    mine = memberships(request.user).filter(organisation__code=code).first()
    if mine is None:
        raise NotFound("not_found")
    request.session[ORGANISATION] = mine.organisation_id
    return redirect("overview")


@sensitive_post_parameters("password", "code")
def set_up(request: HttpRequest) -> HttpResponse:
    """Found the organisation and its first owner, with the code that the start printed."""
    if not actions.setup_is_open():
        raise NotFound("setup.closed")
    if not ratelimit.consume(request, app="manyi.web", action="set_up", config=SET_UP_TRIES):
        return ratelimit.respond_429(request)
    start = {
        "language": language(),
        "time_zone": "Asia/Shanghai",
        "code": request.GET.get("code", ""),
    }
    form = forms.SetUp(request.POST or None, initial=start)
    if form.is_valid() and _found(request, form):
        return redirect("overview")
    status = 422 if form.errors else 200
    return render(request, "web/account/set_up.html", {"form": form, "wide": True}, status=status)


def _found(request: HttpRequest, form: forms.SetUp) -> bool:
    try:
        owner = actions.set_up(now=timezone.now(), **form.cleaned_data)
    except Problem as problem:
        show(form, problem)
        return False
    login(request, owner.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    messages.success(request, gettext("Your organisation is ready."))
    return True
