"""Log-in, password, two-step log-in, set-up, language. Nobody signs up here."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.generic import RedirectView

from manyi.web.accounts import forms, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("set-up/", views.set_up, name="set-up"),
    path("language/", views.set_language, name="language"),
    path("organisation/<slug:code>/", views.switch_organisation, name="organisation-switch"),
    path("log-in/", views.LogIn.as_view(), name="account_login"),
    path("log-out/", account.logout, name="account_logout"),
    path(
        "log-in/inactive/",
        account.AccountInactiveView.as_view(),
        name="account_inactive",
    ),
    path("password/", views.ChangePassword.as_view(), name="account_change_password"),
    # A user without a password sets one by mail; allauth asks for this name.
    path(
        "password/set/",
        RedirectView.as_view(pattern_name="account_reset_password"),
        name="account_set_password",
    ),
    path(
        "password/again/",
        account.ReauthenticateView.as_view(form_class=forms.PasswordAgain),
        name="account_reauthenticate",
    ),
    path("password/reset/", views.ResetPassword.as_view(), name="account_reset_password"),
    path(
        "password/reset/sent/",
        account.PasswordResetDoneView.as_view(),
        name="account_reset_password_done",
    ),
    re_path(
        r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.NewPassword.as_view(),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/done/",
        account.PasswordResetFromKeyDoneView.as_view(),
        name="account_reset_password_from_key_done",
    ),
    path("two-step/", mfa.index, name="mfa_index"),
    path(
        "two-step/log-in/",
        mfa.AuthenticateView.as_view(form_class=forms.SecondStep),
        name="mfa_authenticate",
    ),
    path(
        "two-step/again/",
        mfa.ReauthenticateView.as_view(form_class=forms.SecondStepAgain),
        name="mfa_reauthenticate",
    ),
    path(
        "two-step/on/",
        totp.ActivateTOTPView.as_view(form_class=forms.SwitchOn),
        name="mfa_activate_totp",
    ),
    path("two-step/off/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("two-step/codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "two-step/codes/new/",
        recovery_codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "two-step/codes/file/",
        recovery_codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
]
