"""Users: the log-in behind a membership, unique over the whole installation."""

from __future__ import annotations

import re
import secrets
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from manyi.accounts import audit
from manyi.accounts.given import (
    clean_email,
    clean_language,
    clean_phone,
    clean_text,
    clean_username,
    refuse,
)
from manyi.accounts.models import Member, User
from manyi.kit.problems import FieldProblem, Problem

_PASSWORD_CODES = {
    "password_too_short": "password.too_short",
    "password_too_common": "password.too_common",
    "password_entirely_numeric": "password.numeric",
    "password_too_similar": "password.similar",
}


def new_user(
    *,
    username: str = "",
    email: str = "",
    phone: str = "",
    name: str = "",
    password: str | None = None,
    language: str = "",
    must_change_password: bool = False,
) -> User:
    """Create a user; without a password they can only log in after a reset by mail."""
    user = User(
        username=clean_username(username),
        email=clean_email(email),
        phone=clean_phone(phone),
        first_name=clean_text(name, 60),
        language=clean_language(language) if language else "",
        must_change_password=must_change_password,
    )
    if not (user.username or user.email or user.phone):
        refuse("username", "member.no_login")
    if not user.username:
        user.username = _free_username(user)
    put_password(user, password)
    save_user(user)
    return user


def _free_username(user: User) -> str:
    stem = re.sub(r"[^\w.+-]", "", user.email.split("@")[0] or user.phone or "")[:40]
    while len(stem) < 2 or User.objects.filter(username__iexact=stem).exists():
        stem = f"{stem[:40]}-{secrets.token_hex(2)}"
    return stem


def save_user(user: User) -> None:
    """Save a user whose log-ins nobody else has; refuse the first that is taken."""
    others = User.objects.exclude(pk=user.pk)
    for field, value in (
        ("username__iexact", user.username),
        ("email__iexact", user.email),
        ("phone", user.phone),
    ):
        if value and others.filter(**{field: value}).exists():
            refuse(field.partition("__")[0], "member.login_taken", value=value)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        refuse("username", "member.login_taken", value=user.username)


def put_password(user: User, password: str | None) -> None:
    """Set a password that passes every rule, without saving the user."""
    if password is None:
        user.set_unusable_password()
        return
    try:
        validate_password(password, user)
    except ValidationError as error:
        codes = [_PASSWORD_CODES.get(e.code or "", "password.weak") for e in error.error_list]
        raise Problem(
            codes[0], errors=tuple(FieldProblem("password", code) for code in codes)
        ) from None
    user.set_password(password)


def change_own_password(*, user: User, password: str, now: datetime) -> None:
    """Set the password its owner chose, so that no change is asked for any more."""
    put_password(user, password)
    user.must_change_password = False
    with transaction.atomic():
        user.save(update_fields=["password", "must_change_password"])
        organisation = (
            Member.objects.filter(user=user, is_active=True)
            .values_list("organisation_id", flat=True)
            .first()
        )
        audit.record(
            organisation, actor=f"user:{user.pk}", action="password.change", target="", now=now
        )
