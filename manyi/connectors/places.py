"""Units and touchpoints as people write them in files: by code, or by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from manyi.accounts.models import Touchpoint, Unit
from manyi.tabular.values import is_missing
from manyi.tabular.words import fold


@dataclass(frozen=True)
class Places:
    """Codes, and the code behind each name that only one unit or touchpoint bears."""

    units: frozenset[str]
    unit_names: dict[str, str]
    touchpoints: frozenset[str]
    touchpoint_names: dict[str, str]

    def unit(self, word: str | None) -> str | None:
        """Return the code of a unit; a word that nobody knows stays as it is."""
        if not word or word in self.units:
            return word
        return self.unit_names.get(fold(word), word)

    def touchpoint(self, word: str | None) -> str | None:
        if not word or word in self.touchpoints:
            return word
        return self.touchpoint_names.get(fold(word), word)

    def unknown_units(self, words: Iterable[str]) -> list[str]:
        return [w for w in words if not is_missing(w) and self.unit(w) not in self.units]


def places(organisation_id: int) -> Places:
    """Return the places of an organisation as they are now."""
    units = list(Unit.objects.filter(organisation_id=organisation_id).values_list("code", "name"))
    moments = Touchpoint.objects.filter(organisation_id=organisation_id)
    touchpoints = list(moments.values_list("code", "name"))
    return Places(
        frozenset(code for code, _ in units),
        _by_name(units),
        frozenset(code for code, _ in touchpoints),
        _by_name(touchpoints),
    )


def _by_name(rows: Iterable[tuple[str, Any]]) -> dict[str, str]:
    pairs = {(fold(name), code) for code, names in rows for name in {*names.values(), code}}
    times = Counter(name for name, _ in pairs)
    return {name: code for name, code in pairs if times[name] == 1}
