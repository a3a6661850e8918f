"""Creating calls that are sent twice are done once (`Idempotency-Key`)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse

from manyi.base.models import IdempotencyKey
from manyi.base.writer import writer
from manyi.kit.problems import Problem

LONGEST = 200


def once(request: HttpRequest, owner: str, create: Callable[[], HttpResponse]) -> HttpResponse:
    """Run `create` in the group commit; the same key and body answer what was answered before.

    The key, the deed and the stored answer are one transaction: all of it is kept, or nothing.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return writer.submit(create)
    if not 0 < len(key) <= LONGEST:
        raise Problem("idempotency_key_invalid", limit=LONGEST)
    digest = _digest(request)
    try:
        return writer.submit(lambda: _keyed(owner, key, digest, create))
    except IntegrityError:
        # Another process is storing the same key right now.
        stored = IdempotencyKey.objects.filter(owner=owner, key=key).first()
        if stored is None:
            raise
        return _replayed(stored, digest)


def once_for_anybody(request: HttpRequest, create: Callable[[], HttpResponse]) -> HttpResponse:
    """Do as `once` where no token says who calls: a key with another body is another's key.

    Otherwise a stranger who guesses keys could have answers refused before they come.
    """
    if "Idempotency-Key" not in request.headers:
        return writer.submit(create)
    return once(request, f"public:{_digest(request)[:48]}", create)


def _digest(request: HttpRequest) -> str:
    return hashlib.sha256(request.path.encode() + b"\0" + request.body).hexdigest()


def _keyed(owner: str, key: str, digest: str, create: Callable[[], HttpResponse]) -> HttpResponse:
    stored = IdempotencyKey.objects.filter(owner=owner, key=key).first()
    if stored is not None:
        return _replayed(stored, digest)
    kept = IdempotencyKey.objects.create(
        owner=owner, key=key, body_hash=digest, created_at=datetime.now(UTC)
    )
    response = create()
    kept.status, kept.body = response.status_code, response.content.decode()
    kept.save(update_fields=["status", "body"])
    return response


def _replayed(stored: IdempotencyKey, digest: str) -> HttpResponse:
    if stored.body_hash != digest:
        raise Problem("idempotency_other_body")
    if stored.status is None:
        raise Problem("idempotency_in_flight")
    return HttpResponse(stored.body, content_type="application/json", status=stored.status)
