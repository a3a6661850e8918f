"""API tokens, and the views that members save."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.db import DatabaseError, transaction

from manyi.accounts import audit
from manyi.accounts.given import clean_text, refuse
from manyi.accounts.models import ApiToken, Member, SavedView
from manyi.accounts.permissions import may, require
from manyi.kit import tokens
from manyi.kit.problems import Forbidden

MAX_TOKENS = 50
MAX_VIEWS = 100


def create_token(
    *,
    by: Member,
    name: str,
    is_read_only: bool = False,
    expires_at: datetime | None = None,
    now: datetime,
) -> tuple[ApiToken, str]:
    """Return a new token of `by` with its secret, which is never shown again."""
    require(by, "token.edit")
    label = clean_text(name, 100)
    if not label:
        refuse("name", "token.name_missing")
    if expires_at is not None and expires_at <= now:
        refuse("expires_at", "token.expired_already")
    secret = tokens.new_secret("manyi_")
    with transaction.atomic():
        if by.tokens.count() >= MAX_TOKENS:
            refuse("name", "token.too_many", limit=MAX_TOKENS)
        token = by.tokens.create(
            name=label,
            digest=tokens.digest(secret),
            hint=secret[-4:],
            is_read_only=is_read_only,
            created_at=now,
            expires_at=expires_at,
        )
        _record(by, "token.create", token, now)
    return token, secret


def revoke_token(*, by: Member, token: ApiToken, now: datetime) -> None:
    """End a token at once: one's own, or as an owner anybody's in the organisation."""
    same = token.member.organisation_id == by.organisation_id
    if not same or (token.member_id != by.pk and not may(by, "member.edit")):
        raise Forbidden("forbidden", deed="token.edit")
    with transaction.atomic():
        _record(by, "token.revoke", token, now)
        token.delete()


def member_of_token(secret: str, now: datetime) -> tuple[Member, ApiToken] | None:
    """Return whom a secret speaks for, or None; wrong, expired and revoked look alike."""
    token = (
        ApiToken.objects.filter(
            digest=tokens.digest(secret), member__is_active=True, member__user__is_active=True
        )
        .select_related("member__organisation", "member__unit", "member__user", "member__agent")
        .first()
    )
    if token is None or (token.expires_at is not None and token.expires_at <= now):
        return None
    _note_use(token, now)
    return token.member, token


def _note_use(token: ApiToken, now: datetime) -> None:
    """Keep the day of the last use; a busy database is no reason to refuse the call."""
    today = now.date()
    if token.last_used_on == today:
        return
    with suppress(DatabaseError), transaction.atomic():
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)
        token.last_used_on = today


def _record(by: Member, action: str, token: ApiToken, now: datetime) -> None:
    audit.record(
        by.organisation_id, actor=by, action=action, target=f"token:{token.pk}", detail={}, now=now
    )


def save_view(*, by: Member, page: str, name: str, query: str) -> SavedView:
    """Keep a selection under a name; the same name again replaces it."""
    label = clean_text(name, 80)
    if not label:
        refuse("name", "view.name_missing")
    if len(query) > 2000:
        refuse("query", "text.too_long", limit=2000)
    with transaction.atomic():
        view, is_new = SavedView.objects.update_or_create(
            member=by, page=clean_text(page, 40), name=label, defaults={"query": query}
        )
        if is_new and by.views.count() > MAX_VIEWS:
            refuse("name", "view.too_many", limit=MAX_VIEWS)
    return view


def delete_view(*, by: Member, view: SavedView) -> None:
    if view.member_id != by.pk:
        raise Forbidden("forbidden")
    view.delete()
