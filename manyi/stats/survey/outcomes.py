"""AAPOR's outcome rates: response, cooperation, refusal and contact (Standard Definitions)."""

from __future__ import annotations

from dataclasses import dataclass

from manyi.stats.rates import share
from manyi.stats.result import Estimate


@dataclass(frozen=True)
class Outcomes:
    """Counts of invited cases: complete and partial answers, refusals, no contact, other;
    of unknown eligibility whether there is a household and otherwise; not eligible."""

    complete: int
    partial: int = 0
    refused: int = 0
    no_contact: int = 0
    other: int = 0
    unknown_household: int = 0
    unknown_other: int = 0
    not_eligible: int = 0

    @property
    def eligible(self) -> int:
        """Return the cases that are known to be eligible."""
        answered = self.complete + self.partial
        return answered + self.refused + self.no_contact + self.other

    @property
    def unknown(self) -> int:
        return self.unknown_household + self.unknown_other

    @property
    def e(self) -> float:
        """Return the share of unknown cases taken as eligible: as among the known (CASRO)."""
        known = self.eligible + self.not_eligible
        return self.eligible / known if known else 1.0

    def rates(self, e: float | None = None) -> dict[str, float]:
        """Return RR1–6, COOP1–4, REF1–3 and CON1–3, from 0 to 1; `e` replaces the estimate."""
        part = self.e if e is None else e
        bases = (
            self.eligible + self.unknown,
            self.eligible + part * self.unknown,
            self.eligible,
        )
        i, both = self.complete, self.complete + self.partial
        reached = both + self.refused + self.other
        found: dict[str, float] = {}
        for at, base in enumerate(bases):
            found[f"RR{2 * at + 1}"] = _over(i, base)
            found[f"RR{2 * at + 2}"] = _over(both, base)
            found[f"REF{at + 1}"] = _over(self.refused, base)
            found[f"CON{at + 1}"] = _over(reached, base)
        for at, base in enumerate((reached, both + self.refused)):
            found[f"COOP{2 * at + 1}"] = _over(i, base)
            found[f"COOP{2 * at + 2}"] = _over(both, base)
        return found

    def response_rate(self, *, level: float = 0.95) -> Estimate:
        """Return RR2, the share of all possibly eligible cases that answered, in percent."""
        answered = self.complete + self.partial
        return share(answered, self.eligible + self.unknown, level=level)


def _over(above: float, below: float) -> float:
    return above / below if below else 0.0
