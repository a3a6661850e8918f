"""What an organisation chooses about its themes nobody named."""

from __future__ import annotations

from manyi.accounts.models import Member
from manyi.accounts.permissions import require
from manyi.themes.models import Choice


def look_among_all(*, by: Member) -> None:
    """Look among all clauses from the next look on, named ones too."""
    _choose(by, {"is_whole": True})


def look_among_loose(*, by: Member) -> None:
    """Look only among clauses that no aspect of the taxonomy catches."""
    _choose(by, {"is_whole": False})


def _choose(by: Member, values: dict[str, bool]) -> None:
    require(by, "organisation.edit")
    Choice.objects.update_or_create(organisation_id=by.organisation_id, defaults=values)


def is_whole(organisation_id: int) -> bool:
    """Whether the next look is among all clauses."""
    return Choice.objects.filter(organisation_id=organisation_id, is_whole=True).exists()
