"""What every picture is: an option, the finding in words, a table twin, a height."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Option = dict[str, Any]


class Measured(Protocol):
    """What a picture needs of an estimate; `stats.Estimate` is one."""

    @property
    def value(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def n(self) -> int: ...


@dataclass(frozen=True)
class Table:
    """The same figures as a table, already written in the reader's language."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Chart:
    """`option` is plain JSON with colour tokens; `label` states the finding in a sentence.

    In a room narrower than `width` it cannot be read, and scrolls.
    """

    option: Option
    label: str
    table: Table
    height: int
    width: int = 0


@dataclass(frozen=True)
class Palette:
    """The colours of one theme by token, without the leading @."""

    colours: Mapping[str, str]

    def __getitem__(self, token: str) -> str:
        return self.colours[token]


LIGHT = Palette(
    {
        "accent": "#0F766E",
        "ink": "#23272A",
        "muted": "#62666A",
        "line": "#DEDBD5",
        "paper": "#FFFFFF",
        "band": "rgba(15,118,110,0.15)",
        "low1": "#A8560A",
        "low2": "#E3B068",
        "neutral": "#CFCDC7",
        "high1": "#7CC4BB",
        "high2": "#0F766E",
        "grey": "#8E8F8C",
    }
)
DARK = Palette(
    {
        "accent": "#3CC4B4",
        "ink": "#E9E7E2",
        "muted": "#A5A8A6",
        "line": "#3A3F3E",
        "paper": "#1B1F1E",
        "band": "rgba(60,196,180,0.18)",
        "low1": "#E79A3C",
        "low2": "#7D5423",
        "neutral": "#515654",
        "high1": "#1E6C64",
        "high2": "#3CC4B4",
        "grey": "#80857F",
    }
)
TOKENS = tuple(LIGHT.colours)


def resolve(option: Option, palette: Palette) -> Option:
    """Return a copy of `option` with every colour token replaced.

    Only values of keys that name a colour are looked at, so a shop that is called
    “@line” keeps its name.
    """
    resolved: Option = _resolve(option, palette, colour=False)
    return resolved


def _resolve(part: Any, palette: Palette, *, colour: bool) -> Any:
    if isinstance(part, dict):
        return {k: _resolve(v, palette, colour=_names_colour(k)) for k, v in part.items()}
    if isinstance(part, list):
        return [_resolve(v, palette, colour=colour) for v in part]
    if colour and isinstance(part, str) and part.startswith("@"):
        return palette.colours.get(part[1:], part)
    return part


def _names_colour(key: str) -> bool:
    return key.lower().endswith("color")
