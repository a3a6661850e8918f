"""The codes of one organisation and the ids behind them, kept for a few seconds."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from time import monotonic
from zoneinfo import ZoneInfo

from django.db import transaction

from manyi.accounts.models import Agent, Organisation, Touchpoint, Unit
from manyi.base.writer import when_undone
from manyi.surveys.models import Survey

KEPT_SECONDS = 5.0


@dataclass(frozen=True)
class SurveyEntry:
    id: int
    code: str
    version_id: int | None
    is_anonymous: bool
    unit_id: int | None
    touchpoint_id: int | None


@dataclass
class Directory:
    """Ids by code. Unknown agents are created; unknown units and touchpoints refuse the record."""

    organisation_id: int
    zone: ZoneInfo
    units: dict[str, tuple[int, ZoneInfo]]
    touchpoints: dict[str, int]
    surveys: dict[str, SurveyEntry]
    agents: dict[str, int]
    read_at: float = field(default_factory=monotonic)

    @cached_property
    def _zones(self) -> dict[int, ZoneInfo]:
        return dict(self.units.values())

    def day(self, at: datetime, unit_id: int | None) -> date:
        """Return the local day of a moment at a unit."""
        return at.astimezone(self._zones.get(unit_id or 0, self.zone)).date()

    def day_start(self, at: datetime, unit_id: int | None) -> datetime:
        """Return the first moment of that day: all that is kept of an anonymous answer's time."""
        zone = self._zones.get(unit_id or 0, self.zone)
        return datetime.combine(at.astimezone(zone).date(), time.min, zone)

    def agent_id(self, code: str, unit_id: int | None) -> int:
        """Return the agent's id, creating an agent for a code not met before."""
        known = self.agents.get(code)
        if known is not None:
            return known
        agent, _ = Agent.objects.get_or_create(
            organisation_id=self.organisation_id, code=code, defaults={"unit_id": unit_id}
        )
        # Remembered only once it is on disk: after a rollback the id would be somebody else's.
        transaction.on_commit(lambda: self.agents.update({code: agent.pk}))
        return agent.pk


_kept: dict[int, Directory] = {}
_lock = threading.Lock()


def directory(organisation_id: int) -> Directory:
    """Return the directory as it was at most a few seconds ago."""
    kept = _kept.get(organisation_id)
    if kept is None or monotonic() - kept.read_at > KEPT_SECONDS:
        return fresh(organisation_id)
    return kept


def fresh(organisation_id: int) -> Directory:
    """Return the directory as it is now."""
    organisation = Organisation.objects.get(pk=organisation_id)
    zone = ZoneInfo(organisation.time_zone)
    found = Directory(
        organisation_id,
        zone,
        {
            code: (pk, ZoneInfo(name) if name else zone)
            for pk, code, name in Unit.objects.filter(organisation_id=organisation_id).values_list(
                "pk", "code", "time_zone"
            )
        },
        dict(Touchpoint.objects.filter(organisation_id=organisation_id).values_list("code", "pk")),
        _surveys(organisation_id),
        dict(Agent.objects.filter(organisation_id=organisation_id).values_list("code", "pk")),
    )
    with _lock:
        _kept[organisation_id] = found
    return found


def forget(organisation_id: int | None = None) -> None:
    """Drop what is kept, of one organisation or of all."""
    with _lock:
        if organisation_id is None:
            _kept.clear()
        else:
            _kept.pop(organisation_id, None)


# It may have been read in the middle of a transaction that was undone.
when_undone(forget)


def _surveys(organisation_id: int) -> dict[str, SurveyEntry]:
    rows = Survey.objects.filter(organisation_id=organisation_id).values_list(
        "pk", "code", "current_id", "current__is_anonymous", "unit_id", "touchpoint_id"
    )
    found = {}
    for pk, code, version, anonymous, unit, touchpoint in rows:
        entry = SurveyEntry(pk, code, version, bool(anonymous), unit, touchpoint)
        found[code] = found[str(pk)] = entry
    return found
