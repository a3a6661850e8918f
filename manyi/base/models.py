from __future__ import annotations

from django.db import models
from django.db.models import Q


class IdempotencyKey(models.Model):
    """One creating call, by who sent it and the key they chose, with what was answered."""

    owner = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    body_hash = models.CharField(max_length=64)
    caller = models.PositiveSmallIntegerField(
        null=True, help_text="one byte that tells callers without a token apart"
    )
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="idempotency_key_once"),
            models.UniqueConstraint(
                fields=["key", "caller"],
                name="idempotency_caller_once",
                condition=Q(caller__isnull=False),
            ),
        ]


class Heartbeat(models.Model):
    """When a process was last seen at work: what /readyz and `manyi doctor` read."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()
