"""What a standard of service asks for: its items, their weights, channels and phrases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from manyi.kit.localtext import LocalText

BUILT_IN: Final = (
    *("greeting", "empathy", "explanation", "solution", "closing", "forbidden", "promise"),
)
OWN: Final = "own."
DEFAULT_WEIGHT: Final = 1.0


@dataclass(frozen=True, slots=True)
class Item:
    """One thing asked of who serves.

    `says` are phrases of one's own that fulfil it, `never` those that break it; `knows` tells
    whether the words that come with Manyi count as well. An item without channels holds in all.
    """

    code: str
    weight: float = DEFAULT_WEIGHT
    is_on: bool = True
    knows: bool = True
    channels: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    name: LocalText = field(default_factory=dict)

    @property
    def is_own(self) -> bool:
        return self.code.startswith(OWN)

    def holds_in(self, channel: str) -> bool:
        """Whether the item is asked for in conversations through `channel`."""
        return self.is_on and (not self.channels or channel in self.channels)

    def to_dict(self) -> dict[str, Any]:
        """Return the item as JSON-ready values; `item_of` reads it back."""
        return {
            "code": self.code,
            "weight": self.weight,
            "is_on": self.is_on,
            "knows": self.knows,
            "channels": list(self.channels),
            "says": list(self.says),
            "never": list(self.never),
            "name": dict(self.name),
        }


DEFAULT: Final = tuple(Item(code) for code in BUILT_IN)


def item_of(stored: Mapping[str, Any]) -> Item:
    """Return the item that `to_dict` stored."""
    return Item(
        str(stored["code"]),
        float(stored["weight"]),
        bool(stored["is_on"]),
        bool(stored["knows"]),
        tuple(stored["channels"]),
        tuple(stored["says"]),
        tuple(stored["never"]),
        dict(stored["name"]),
    )


def asked_in(items: Iterable[Item], channel: str) -> tuple[Item, ...]:
    """Return the items that a conversation through `channel` is judged by."""
    return tuple(one for one in items if one.holds_in(channel))


def pattern(phrase: str) -> str:
    """Return what finds a phrase; a Latin one only as whole words."""
    found = re.escape(phrase)
    return rf"(?<![a-z0-9]){found}(?![a-z0-9])" if phrase.isascii() else found


@lru_cache(maxsize=512)
def finder(phrases: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return what finds any of these phrases in a folded text; None where there are none."""
    folded = [fold(one) for one in phrases if one.strip()]
    return re.compile("|".join(map(pattern, folded))) if folded else None


def fold(text: str) -> str:
    """Return a text as its phrases are looked for: small letters, one kind of apostrophe."""
    return text.lower().replace("’", "'")


def score(results: Mapping[str, bool], items: Sequence[Item]) -> float | None:
    """Return the weight of what was kept among what was judged, 0 to 100; None of nothing.

    `results` tell by item whether it was kept; an item that was not judged is not among them.
    """
    weights = {one.code: one.weight for one in items if one.code in results}
    whole = sum(weights.values())
    if whole <= 0:
        return None
    kept = sum(weight for code, weight in weights.items() if results[code])
    return round(100 * kept / whole, 4)
