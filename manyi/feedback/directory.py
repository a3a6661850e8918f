"""The codes of one organisation and the ids behind them, kept for a few seconds."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from manyi.accounts.models import Agent, Organisation, Touchpoint, Unit
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
    read_at: float = field(default_factory=time.monotonic)

    def zone_of(self, unit: str | None) -> ZoneInfo:
        entry = self.units.get(unit) if unit else None
        return entry[1] if entry else self.zone

    def day(self, at: datetime, unit: str | None) -> date:
        """Return the local day of a moment at a unit."""
        return at.astimezone(self.zone_of(unit)).date()

    def agent_id(self, code: str, unit_id: int | None) -> int:
        """Return the agent's id, creating an agent for a code not met before."""
        if code not in self.agents:
            agent, _ = Agent.objects.get_or_create(
                organisation_id=self.organisation_id, code=code, defaults={"unit_id": unit_id}
            )
            self.agents[code] = agent.pk
        return self.agents[code]


_kept: dict[int, Directory] = {}
_lock = threading.Lock()


def directory(organisation_id: int) -> Directory:
    """Return the directory as it was at most a few seconds ago."""
    kept = _kept.get(organisation_id)
    if kept is None or time.monotonic() - kept.read_at > KEPT_SECONDS:
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


def _surveys(organisation_id: int) -> dict[str, SurveyEntry]:
    rows = Survey.objects.filter(organisation_id=organisation_id).values_list(
        "pk", "code", "current_id", "current__is_anonymous", "unit_id", "touchpoint_id"
    )
    found = {}
    for pk, code, version, anonymous, unit, touchpoint in rows:
        entry = SurveyEntry(pk, code, version, bool(anonymous), unit, touchpoint)
        found[code] = found[str(pk)] = entry
    return found
