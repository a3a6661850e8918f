"""Creating calls that are sent twice are done once (`Idempotency-Key`)."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

from django.conf import settings
from django.db import IntegrityError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from manyi.base.models import IdempotencyKey
from manyi.base.requests import client_address, network
from manyi.base.writer import writer
from manyi.kit import tokens
from manyi.kit.problems import Problem

LONGEST = 200


def once(
    request: HttpRequest, owner: str, create: Callable[[], HttpResponse], sent: str | None = None
) -> HttpResponse:
    """Run `create` in the group commit; the same key and body answer what was answered before.

    The key, the deed and the stored answer are one transaction: all of it is kept, or nothing.
    `sent` stands for a body that is no longer at hand: a form with a file.
    """
    key = key_of(request)
    if key is None:
        return writer.submit(create)
    digest = sent or _digest(request)
    try:
        return writer.submit(lambda: _keyed(owner, key, digest, create))
    except IntegrityError:
        # Another process is storing the same key right now.
        stored = answered(request, owner, digest)
        if stored is None:
            raise
        return stored


def answered(request: HttpRequest, owner: str, sent: str) -> HttpResponse | None:
    """Return what the request's key was answered before; None where it is new, or there is none."""
    key = key_of(request)
    stored = key and IdempotencyKey.objects.filter(owner=owner, key=key).first()
    return _replayed(stored, sent) if stored else None


def key_of(request: HttpRequest) -> str | None:
    """Return the request's key, None where it has none; raises Problem for one that is none."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= LONGEST:
        raise Problem("idempotency_key_invalid", limit=LONGEST)
    return key


def once_for_anybody(request: HttpRequest, create: Callable[[], HttpResponse]) -> HttpResponse:
    """Do as `once` where no token says who calls: another caller's body is stored for itself.

    Otherwise a stranger who guesses keys could have answers refused before they come. Callers
    are told apart by one byte: enough to refuse one caller's other body, too little to know
    anybody by. One in 256 strangers who chose the same key is taken for the same caller.
    """
    key = key_of(request)
    if key is None:
        return writer.submit(create)
    digest, caller = _digest(request), _caller(key, client_address(request))
    work = functools.partial(_keyed, f"public:{digest[:48]}", key, digest, create, caller)
    try:
        return writer.submit(work)
    except IntegrityError:
        # As above: what the other process stored is seen now.
        return writer.submit(work)


def _caller(key: str, address: str) -> int:
    """Return the byte of a client under a key; under another key it has another one."""
    return tokens.derive(settings.SECRET_KEY, "caller", key, network(address))[0]


def _digest(request: HttpRequest) -> str:
    return hashlib.sha256(request.path.encode() + b"\0" + request.body).hexdigest()


def _keyed(
    owner: str,
    key: str,
    digest: str,
    create: Callable[[], HttpResponse],
    caller: int | None = None,
) -> HttpResponse:
    stored = _stored(owner, key, digest, caller)
    if stored is not None:
        return _replayed(stored, digest)
    now = datetime.now(UTC)
    if caller is not None:
        # A moment would tell of an anonymous answer more than its day.
        now = now.replace(hour=0, minute=0, second=0, microsecond=0)
    kept = IdempotencyKey.objects.create(
        owner=owner, key=key, body_hash=digest, caller=caller, created_at=now
    )
    response = create()
    kept.status, kept.body = response.status_code, response.content.decode()
    kept.save(update_fields=["status", "body"])
    return response


def _stored(owner: str, key: str, digest: str, caller: int | None) -> IdempotencyKey | None:
    """Return what is stored of the same body, whoever sent it, else of the caller's other one."""
    mine = Q(owner=owner) if caller is None else Q(owner=owner) | Q(caller=caller)
    found = IdempotencyKey.objects.filter(mine, key=key)
    return max(found, key=lambda one: one.body_hash == digest, default=None)


def _replayed(stored: IdempotencyKey, digest: str) -> HttpResponse:
    if stored.body_hash != digest:
        raise Problem("idempotency_other_body")
    if stored.status is None:
        raise Problem("idempotency_in_flight")
    return HttpResponse(stored.body, content_type="application/json", status=stored.status)
