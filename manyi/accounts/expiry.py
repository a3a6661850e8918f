"""What was kept for a while and is no longer needed. A loop step."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session

from manyi.base.models import IdempotencyKey

KEYS_KEPT = timedelta(hours=48)


def drop_expired(*, now: datetime) -> int:
    """Delete sessions that ran out and idempotency keys that nobody retries any more."""
    keys, _ = IdempotencyKey.objects.filter(created_at__lt=now - KEYS_KEPT).delete()
    sessions, _ = Session.objects.filter(expire_date__lt=now).delete()
    return keys + sessions
