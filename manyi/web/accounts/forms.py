"""Forms of log-in and password, in our own words."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from allauth.mfa import app_settings as mfa
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as SecondReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from manyi.accounts.models import User
from manyi.web.zones import ZoneSelect, zones

ONE_TIME = {"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false"}
NEW_PASSWORD = _("At least 8 characters, not only digits, not a common password.")


def _word(form: forms.Form, words: dict[str, Any]) -> None:
    """Give each field its label, and no placeholder: labels stay when one types."""
    for name, label in words.items():
        if name in form.fields:
            form.fields[name].label = label
            form.fields[name].widget.attrs.pop("placeholder", None)


class LogIn(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(
            self,
            {
                "login": _("User name, phone or e-mail"),
                "password": _("Password"),
                "remember": _("Stay logged in on this device"),
            },
        )
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "autocapitalize": "off"}
        self.fields["password"].help_text = ""


class PasswordAgain(ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, {"password": _("Password")})
        self.fields["password"].help_text = ""


class ChangePassword(ChangePasswordForm):
    """Whoever has just logged in with a first password is not asked for it again."""

    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.user.must_change_password:
            del self.fields["oldpassword"]
        _word(
            self,
            {
                "oldpassword": _("Present password"),
                "password1": _("New password"),
                "password2": _("New password once more"),
            },
        )
        self.fields["password1"].help_text = NEW_PASSWORD
        if "oldpassword" in self.fields:
            self.fields["oldpassword"].help_text = ""


class ResetPassword(ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, {"email": _("E-mail")})


class NewPassword(ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, {"password1": _("New password"), "password2": _("New password once more")})
        self.fields["password1"].help_text = NEW_PASSWORD


class _OnceOnly:
    """A code of the phone opens once. It holds for its step and the tolerance on either side;
    the library remembers what was used for one step only."""

    def clean_code(self: Any) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        digits = "".join(filter(str.isalnum, code))
        key = f"manyi.second_step.used?user={self.user.pk}&code={digits}"
        lasts = (2 * mfa.TOTP_TOLERANCE + 1) * mfa.TOTP_PERIOD
        if not cache.add(key, "y", timeout=lasts):
            raise get_adapter().validation_error("incorrect_code")
        return code


class SecondStep(_OnceOnly, AuthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, {"code": _("One-time code")})
        self.fields["code"].widget.attrs |= ONE_TIME


class SecondStepAgain(_OnceOnly, SecondReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, {"code": _("One-time code")})
        self.fields["code"].widget.attrs |= ONE_TIME


class SwitchOn(ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, {"code": _("Code of six digits")})
        self.fields["code"].widget.attrs |= {**ONE_TIME, "inputmode": "numeric"}


class SetUp(forms.Form):
    """The one-time form behind the printed code."""

    code = forms.CharField(max_length=40, label=_("Set-up code"))
    organisation = forms.CharField(max_length=120, label=_("Name of the organisation"))
    language = forms.ChoiceField(
        choices=[("zh-Hans", "简体中文"), ("en", "English")],
        label=_("Its language"),
    )
    time_zone = forms.ChoiceField(
        choices=zones,
        widget=ZoneSelect,
        label=_("Its time zone"),
        help_text=_("A day of your numbers begins at midnight there."),
    )
    name = forms.CharField(max_length=60, label=_("Your name"))
    username = forms.CharField(max_length=60, required=False, label=_("User name"))
    email = forms.CharField(
        max_length=254,
        required=False,
        label=_("E-mail"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=_("Password"),
        help_text=NEW_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = _("It stands in the window where Manyi was started.")
        self.fields["username"].help_text = _("User name or e-mail: with one of them you log in.")
        for name, purpose in {"name": "name", "username": "username", "code": "off"}.items():
            self.fields[name].widget.attrs["autocomplete"] = purpose
        if not self.is_bound:
            self.fields["time_zone"].widget.attrs["data-own-zone"] = ""
