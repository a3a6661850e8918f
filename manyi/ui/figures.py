"""What the tags show of a number: read from an Estimate, a row or a mapping, then written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from manyi.charts import FEW, Kind, interval, number
from manyi.kit.say import say

State = Literal["ok", "too_few", "suppressed", "failed"]
_STATES: frozenset[str] = frozenset({"ok", "too_few", "suppressed", "failed"})
_KINDS: dict[str, Kind] = {
    "share": "share",
    "percent": "share",
    "points": "points",
    "index": "index",
    "mean": "mean",
    "score": "mean",
    "difference": "difference",
    "correlation": "correlation",
}


@dataclass(frozen=True)
class Figure:
    """A number ready to be shown: texts in the reader's language, or why there is none."""

    state: State
    n: int
    few: int
    value: str = ""
    unit: str = ""
    range: str = ""
    notes: tuple[str, ...] = field(default=())

    @property
    def text(self) -> str:
        """Return the figure as one line that can be copied."""
        return f"{self.value}{self.unit} ({self.range}, n {self.n:,})"


@dataclass(frozen=True)
class Change:
    """A difference ready to be shown; `mark` is up, down or same."""

    state: State
    mark: Literal["up", "down", "same"]
    good: bool
    value: str = ""
    range: str = ""
    points: bool = False


def part(source: Any, name: str, default: Any = None) -> Any:
    """Return a part of a mapping or of an object alike."""
    if isinstance(source, Mapping):
        return source.get(name, default)
    return getattr(source, name, default)


def kind_of(source: Any, kind: str | None) -> Kind:
    """Return how a number is written: as the tag says, else as the number itself says."""
    named = kind or part(source, "kind") or part(source, "unit") or "share"
    return _KINDS.get(str(named), "mean")


def read_figure(source: Any, *, language: str, kind: str | None, few: int | None) -> Figure:
    """Return what to show of `source`; 0 is a value like any other."""
    least = FEW if few is None else few
    state = _state(source, few=least)
    n = int(part(source, "n") or 0)
    notes = tuple(_sentence(note, language) for note in _notes(source))
    if state != "ok":
        return Figure(state, n, least, notes=notes)
    written = kind_of(source, kind)
    value, low, high = (part(source, name) for name in ("value", "low", "high"))
    shown = interval(low, high, written) if low is not None and high is not None else ""
    unit = "%" if written == "share" else ""
    return Figure("ok", n, least, number(value, written), unit, shown, notes)


def read_change(source: Any, *, kind: str | None, better: str) -> Change:
    """Return what to show of a difference; significant where its interval leaves 0 out."""
    value, low, high = (part(source, name) for name in ("value", "low", "high"))
    state = _named_state(source) or "ok"
    if state != "ok" or value is None or low is None or high is None:
        return Change(state if state != "ok" else "too_few", "same", good=False)
    significant = part(source, "significant")
    if significant is None:
        significant = low > 0 or high < 0
    mark: Literal["up", "down", "same"] = "same"
    if significant:
        mark = "up" if value > 0 else "down"
    of = kind_of(source, kind)
    scale: Kind = "difference" if of in ("share", "index") else of
    shown = number(value, scale)
    if value > 0 and not shown.startswith("+"):
        shown = f"+{shown}"
    written = interval(low, high, "points" if scale == "points" else scale)
    return Change("ok", mark, mark == better, shown, written, of == "share")


def _state(source: Any, *, few: int) -> State:
    if source is None:
        return "failed"
    named = _named_state(source)
    if named is not None:
        return named
    if part(source, "value") is None or int(part(source, "n") or 0) < few:
        return "too_few"
    return "ok"


def _named_state(source: Any) -> State | None:
    status = part(source, "status")
    return status if status in _STATES else None


def _notes(source: Any) -> tuple[Any, ...]:
    return tuple(part(source, "notes") or part(source, "warnings") or ())


def _sentence(note: Any, language: str) -> str:
    if isinstance(note, str):
        return say(note, language)
    return say(str(part(note, "code")), language, part(note, "params") or {})
