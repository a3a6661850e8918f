"""What travels with a form instead of a cookie: which survey, which submission, since when.

It is signed, so that nobody continues a submission by guessing, and it is all there is: the
server keeps nothing before the first page of answers arrives.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from django.conf import settings

from manyi.kit import tokens

VALID_SECONDS = 7 * 24 * 3600
_PURPOSE = "respond.form"
_LONGEST = 200_000


@dataclass(frozen=True)
class Ticket:
    """One visit: `place` is what the link said (source, unit, touchpoint, agent), `prefill`
    the answers it chose beforehand."""

    survey: str
    version: int
    submission: str
    started: int
    issued: int
    place: Mapping[str, str] = field(default_factory=dict)
    hidden: Mapping[str, str] = field(default_factory=dict)
    prefill: Mapping[str, Any] = field(default_factory=dict)

    def is_expired(self, now: datetime) -> bool:
        return now.timestamp() - self.issued > VALID_SECONDS

    def renewed(self, now: datetime) -> Ticket:
        """Return the same visit with a form of now."""
        return replace(self, issued=int(now.timestamp()))


def new_submission() -> str:
    """Return a submission id of 128 bits."""
    return secrets.token_urlsafe(16)


def seal(ticket: Ticket) -> str:
    """Return the form token; `unseal` gives the ticket back."""
    body = json.dumps(asdict(ticket), ensure_ascii=False, separators=(",", ":")).encode()
    subject = base64.urlsafe_b64encode(body).rstrip(b"=").decode()
    return tokens.sign(settings.SECRET_KEY, _PURPOSE, subject)


def unseal(token: str, survey: str) -> Ticket | None:
    """Return the ticket of a token that `seal` made for this survey, or None."""
    if len(token) > _LONGEST:
        return None
    try:
        keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        found = (tokens.verify(key, _PURPOSE, token) for key in keys)
        subject = next((one for one in found if one is not None), None)
        if subject is None:
            return None
        body = base64.urlsafe_b64decode(subject + "=" * (-len(subject) % 4))
        ticket = Ticket(**json.loads(body))
    except (ValueError, TypeError, binascii.Error):
        return None
    return ticket if ticket.survey == survey else None
