"""What a metric query answers: rows whose number is shown, or whose absence is explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from manyi.kit.period import label
from manyi.stats.result import Estimate, Note, nothing

OK, TOO_FEW, SUPPRESSED, FAILED = "ok", "too_few", "suppressed", "failed"


@dataclass(frozen=True)
class Row:
    """One group's number in one period.

    `estimate` has a value only where `status` is "ok"; its n is told unless suppressed.
    `starts` is the first day of the period, `interval` its length.
    """

    group: Mapping[str, str | None]
    starts: date | None
    interval: str | None
    status: str
    estimate: Estimate

    @property
    def period(self) -> str | None:
        """Return the period's name as 2026-11, 2026-W44, …"""
        if self.starts is None or self.interval is None:
            return None
        return label(self.starts, self.interval)

    @property
    def ok(self) -> bool:
        return self.status == OK

    @property
    def weighted_to(self) -> str | None:
        """Return the population that a number is weighted to; None where each answer is one."""
        notes = (note for note in self.estimate.warnings if note.code == "raked")
        return next((str(note.params["population"]) for note in notes), None)

    def is_like(self, other: Row) -> bool:
        """Whether two numbers may be set against each other: shown, and weighted alike."""
        return self.ok and other.ok and self.weighted_to == other.weighted_to

    @property
    def n(self) -> int | None:
        """Return how many answers there are; None where even that is hidden or unknown."""
        return self.estimate.n if self.status in (OK, TOO_FEW) else None


def shown(found: Estimate, status: str) -> Estimate:
    """Return as much of an estimate as `status` lets be seen."""
    if status == OK:
        return found
    if status == TOO_FEW:
        return nothing(level=found.level, n=found.n, warnings=found.warnings)
    return nothing(level=found.level)


def failed(level: float, *notes: Note) -> Row:
    """Return the row that says that the number could not be worked out."""
    return Row({}, None, None, FAILED, nothing(level=level, warnings=notes))
