"""What an organisation chooses about its themes nobody named."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from manyi.accounts import audit
from manyi.accounts.models import Member
from manyi.accounts.permissions import require
from manyi.themes.models import Choice


def look_among_all(*, by: Member, now: datetime) -> None:
    """Look among all clauses from the next look on, named ones too."""
    _choose(by, "unnamed.among_all", {"is_whole": True}, now)


def look_among_loose(*, by: Member, now: datetime) -> None:
    """Look only among clauses that no aspect of the taxonomy catches."""
    _choose(by, "unnamed.among_loose", {"is_whole": False}, now)


def _choose(by: Member, deed: str, values: dict[str, bool], now: datetime) -> None:
    require(by, "organisation.edit")
    with transaction.atomic():
        Choice.objects.update_or_create(organisation_id=by.organisation_id, defaults=values)
        audit.record(by.organisation_id, actor=by, action=deed, now=now)


def is_whole(organisation_id: int) -> bool:
    """Whether the next look is among all clauses."""
    return Choice.objects.filter(organisation_id=organisation_id, is_whole=True).exists()
