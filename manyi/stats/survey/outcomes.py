"""AAPOR's outcome rates: response, cooperation, refusal and contact (Standard Definitions)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from manyi.stats import intervals
from manyi.stats.rates import share_counts
from manyi.stats.result import Estimate, Note, nothing

RESPONSE = ("RR1", "RR2", "RR3", "RR4", "RR5", "RR6")
COOPERATION = ("COOP1", "COOP2", "COOP3", "COOP4")
REFUSAL = ("REF1", "REF2", "REF3")
CONTACT = ("CON1", "CON2", "CON3")
_STEP = 1e-4
_CODE = re.compile(r"[1-4](\.[0-9]{1,4})?")
_KINDS = {
    "1.1": "complete",
    "1.2": "partial",
    "2.1": "refused",
    "2.2": "no_contact",
    "2.3": "other",
    "3.1": "unknown_household",
    **{f"3.{digit}": "unknown_other" for digit in range(2, 10)},
    "4": "not_eligible",
}


def kind_of(code: str) -> str | None:
    """Return which count of `Outcomes` a final disposition code belongs to, such as 2.11 to
    "refused"; None for what is no code, or too short to tell."""
    if not _CODE.fullmatch(code):
        return None
    return _KINDS.get(code[:3]) or _KINDS.get(code[:1])


def outcomes_of_counts(counts: Mapping[str, int]) -> Outcomes:
    """Return the outcomes of counts by final disposition code (ValueError for no code)."""
    found: Counter[str] = Counter()
    for code, n in counts.items():
        kind = kind_of(code)
        if kind is None or n < 0:
            raise ValueError(f"{code} is no final disposition, or its count is below 0")
        found[kind] += n
    return Outcomes(**{"complete": 0, **found})


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

    def _rates(self, e: float | None = None) -> dict[str, float]:
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
        return share_counts(answered, self.eligible + self.unknown, level=level)

    def estimates(self, e: float | None = None, *, level: float = 0.95) -> dict[str, Estimate]:
        """Return RR1–6, COOP1–4, REF1–3 and CON1–3 in percent, each with its interval and the
        n it divides by.

        The cases are taken as a multinomial draw from all that might have been asked; `e` given
        is taken as known, else its own uncertainty counts too (delta method). Wilson's interval
        at the n that has the same variance, n_effective. A rate without a base has no value.
        """
        found = self._rates(e)
        variances = self._variances(found, e)
        return {
            name: _estimate(p, variances[name], self._base(name, e), level)
            for name, p in found.items()
        }

    def _base(self, name: str, e: float | None) -> float:
        """Return the divisor of a rate."""
        if name in COOPERATION:
            refusing = self.complete + self.partial + self.refused
            return refusing + (self.other if name in COOPERATION[:2] else 0)
        at = (RESPONSE.index(name) // 2) if name in RESPONSE else int(name[-1]) - 1
        part = (1.0, self.e if e is None else e, 0.0)[at]
        return self.eligible + part * self.unknown

    def _variances(self, found: dict[str, float], e: float | None) -> dict[str, float]:
        """Return Σ x·(∂rate/∂x)² over the counts x: rates do not change with all of them."""
        total = dict.fromkeys(found, 0.0)
        for field in fields(self):
            x = getattr(self, field.name)
            step = _STEP * max(x, 1)
            up = replace(self, **{field.name: x + step})._rates(e)
            down = replace(self, **{field.name: x - step})._rates(e) if x else found
            width = 2 * step if x else step
            for name in total:
                total[name] += x * ((up[name] - down[name]) / width) ** 2
        return total


def _estimate(p: float, variance: float, base: float, level: float) -> Estimate:
    if base <= 0:
        return nothing(level=level, warnings=(Note("no_answers"),))
    n = p * (1 - p) / variance if 0 < p < 1 and variance > 0 else base
    low, high = intervals.wilson(p * n, n, level)
    return Estimate(100 * p, 100 * low, 100 * high, level, round(base), n, None, "wilson")


def _over(above: float, below: float) -> float:
    return above / below if below else 0.0
