"""How people log in: by user name, phone or e-mail; nobody signs up."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from manyi.accounts import actions
from manyi.accounts.models import User
from manyi.accounts.phone import e164
from manyi.base.requests import client_address


class PhoneField(forms.CharField):
    """A phone number as people write it; 13800000000 is Chinese."""

    default_error_messages = {"invalid": gettext_lazy("Enter a phone number.")}

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        number = e164(text) if text else ""
        if number is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return number


class AccountAdapter(DefaultAccountAdapter):
    """Members are added by owners, who also give phones, so a phone counts as verified."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        **dict.fromkeys(
            (
                "email_password_mismatch",
                "phone_password_mismatch",
                "username_password_mismatch",
            ),
            gettext_lazy("The log-in or the password is not right. Please check both."),
        ),
        "enter_current_password": gettext_lazy("This is not your present password."),
        "incorrect_password": gettext_lazy("The password is not right."),
        "invalid_password_reset": gettext_lazy("This link has been used or has run out."),
        "rate_limited": gettext_lazy("Too many tries. Please wait a moment, then try again."),
        "too_many_login_attempts": gettext_lazy(
            "Too many tries. Please wait five minutes, then try again."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def phone_form_field(self, **kwargs: Any) -> forms.Field:
        return PhoneField(**kwargs)

    def clean_phone(self, phone: str) -> str:
        return e164(phone) or phone

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        return (user.phone, True) if user.phone else None

    def set_phone(self, user: User, phone: str, verified: bool) -> None:  # noqa: FBT001
        user.phone = e164(phone)
        user.save(update_fields=["phone"])

    def set_phone_verified(self, user: User, phone: str) -> None:
        """Do nothing: an owner vouches for the phone."""

    def get_user_by_phone(self, phone: str) -> User | None:
        number = e164(phone)
        return User.objects.filter(phone=number).first() if number else None

    def send_verification_code_sms(self, user: User, phone: str, code: str, **kwargs: Any) -> None:
        raise NotImplementedError("no text messages are sent: phones are vouched for by owners")

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that rate limits count by."""
        return client_address(request)

    def clean_password(self, password: str, user: User | None = None) -> str:
        """Refuse the password that somebody else chose, where it has to be changed."""
        if user is not None and user.must_change_password and user.check_password(password):
            raise ValidationError(gettext("Choose a password other than the one you were given."))
        return str(super().clean_password(password, user))

    def set_password(self, user: User, password: str) -> None:
        actions.change_own_password(user=user, password=password, now=timezone.now())

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the address in the mail: ours, whatever Host the request named."""
        path = reverse(
            "account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"}
        ).replace("UID-KEY", quote(key))
        return f"{settings.BASE_URL}{path}"
