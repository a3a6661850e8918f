"""Who calls: a token acts as its member, and a read-only token only reads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from manyi.accounts.actions import member_of_token
from manyi.accounts.models import Member
from manyi.accounts.permissions import scope
from manyi.kit.problems import Forbidden
from manyi.kit.selection import Scope

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Caller(HttpRequest):
    """A request with the member behind its token; what endpoints take."""

    member: Member
    scope: Scope
    id: str


class Token(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> Any:
        found = member_of_token(token, datetime.now(UTC))
        if found is None:
            return None
        member, api_token = found
        if api_token.is_read_only and request.method not in SAFE:
            raise Forbidden("token_read_only")
        request.member = member  # type: ignore[attr-defined]
        request.scope = scope(member)  # type: ignore[attr-defined]
        return member
