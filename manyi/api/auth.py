"""Who calls: a token acts as its member, and a read-only token only reads."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest
from ninja.security import HttpBearer

from manyi.accounts.actions import member_of_token
from manyi.accounts.models import Agent, ApiToken, Member, Unit, User
from manyi.accounts.permissions import scope
from manyi.kit.problems import Forbidden
from manyi.kit.selection import Scope
from manyi.kit.tokens import digest

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# In this process a change is seen at once (`watch`); one in another, at most so much later.
KEPT_SECONDS = 2.0
MOST_KEPT = 1000


class Caller(HttpRequest):
    """A request with the member behind its token; what endpoints take."""

    member: Member
    scope: Scope
    id: str


class Token(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> Any:
        found = _known(token)
        if found is None:
            return None
        if found.member.user.must_change_password:
            raise Forbidden("token_password_old")
        if found.is_read_only and request.method not in SAFE:
            raise Forbidden("token_read_only")
        request.member = found.member  # type: ignore[attr-defined]
        request.scope = found.scope  # type: ignore[attr-defined]
        return found.member


@dataclass(frozen=True)
class _Known:
    member: Member
    scope: Scope
    is_read_only: bool
    until: float


_kept: dict[str, _Known] = {}


def _known(secret: str) -> _Known | None:
    """Return who holds a token, as it was at most KEPT_SECONDS ago."""
    name = digest(secret)
    kept = _kept.get(name)
    if kept is not None and kept.until > time.monotonic():
        return kept
    _kept.pop(name, None)
    found = member_of_token(secret, datetime.now(UTC))
    if found is None:
        return None
    member, token = found
    if len(_kept) > MOST_KEPT:
        _kept.clear()
    until = time.monotonic() + KEPT_SECONDS
    _kept[name] = _Known(member, scope(member), token.is_read_only, until)
    return _kept[name]


def forget() -> None:
    """Ask the database again at the next call."""
    _kept.clear()


def _changed(**_: Any) -> None:
    """Forget now and once more when it is stored: a call in between read what was before."""
    forget()
    transaction.on_commit(forget)


def watch() -> None:
    """Forget who holds which token whenever a membership, a user, a token or the tree changes."""
    for model in (ApiToken, Member, User, Unit, Agent):
        for signal in (post_save, post_delete):
            signal.connect(_changed, sender=model, dispatch_uid=f"api.forget.{model.__name__}")
