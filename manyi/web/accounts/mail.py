"""Mails about log-ins: the link by which a new member chooses a password."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import get_connection
from django.utils import translation

from manyi.accounts.models import Member
from manyi.base.log import logger
from manyi.kit.problems import Problem

log = logger(__name__)
DAYS = settings.PASSWORD_RESET_TIMEOUT // 86_400


def refuse_without_mail() -> None:
    """Refuse with Problem("mail_failed") where the mail server does not answer."""
    try:
        with get_connection():
            pass
    except OSError as error:
        raise _failed(error) from error


def invite(member: Member, *, by: Member) -> None:
    """Send a member the link to choose a password, in their language, or say that it failed."""
    user, organisation = member.user, member.organisation
    adapter = get_adapter()
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    tongue = user.language or organisation.language
    context = {
        "url": adapter.get_reset_password_from_key_url(key),
        "by": by.user.display_name,
        "organisation": organisation.name_in(tongue),
        "user": user,
        "days": DAYS,
    }
    try:
        with translation.override("zh-hans" if tongue.startswith("zh") else "en"):
            adapter.send_mail("account/email/invitation", user.email, context)
    except OSError as error:
        raise _failed(error) from error


def _failed(error: OSError) -> Problem:
    log.warning("mail_failed", error=type(error).__name__)
    return Problem("mail_failed")
