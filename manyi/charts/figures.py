"""How numbers are written: one decimal for shares, none for points, two for means."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from manyi.charts.chart import Measured
from manyi.kit.say import say

Kind = Literal["share", "points", "index", "mean", "difference", "correlation"]

FEW = 10
"""Below this many answers a figure is too few to judge."""
THIN = 30
"""Below this many answers a point is drawn hollow."""


@dataclass(frozen=True)
class Hidden:
    """An estimate that must not be told, nor how many answers stand behind it."""

    value: None = None
    low: None = None
    high: None = None
    n: int = 0


HIDDEN = Hidden()

_DECIMALS = {"share": 1, "points": 0, "index": 1, "mean": 2, "difference": 1, "correlation": 2}
_SIGNED = frozenset({"points", "difference"})


def number(value: float, kind: Kind) -> str:
    """Return the value without its unit: 86.2, +42, 4.31, −0.12."""
    places = _DECIMALS[kind]
    rounded = round(value, places) or 0.0
    sign = "+" if kind in _SIGNED and rounded > 0 else ""
    return f"{sign}{rounded:,.{places}f}".replace("-", "−")


def figure(value: float, kind: Kind) -> str:
    """Return the value with its unit: 86.2%, +42, 4.31."""
    return number(value, kind) + ("%" if kind == "share" else "")


def interval(low: float, high: float, kind: Kind) -> str:
    """Return both ends; spaces keep a minus from running into the dash."""
    dash = "–" if low >= 0 and kind not in _SIGNED else " – "
    return number(low, kind) + dash + number(high, kind)


def counted(code: str, n: int, language: str, words: Mapping[str, str] | None = None) -> str:
    """Say the sentence of `code` about `n` things; of a single one that of `code`_one."""
    return say(f"{code}_one" if n == 1 else code, language, {"n": count(n), **(words or {})})


def joined(sentences: Iterable[str], language: str) -> str:
    """Return sentences as one text; Chinese has no space between them."""
    return ("" if language.startswith("zh") else " ").join(s for s in sentences if s)


def count(n: float) -> str:
    return f"{n:,.0f}"


def judged(estimate: Measured | None, few: int = FEW) -> bool:
    """Whether there are enough answers to show a number at all."""
    return (
        estimate is not None
        and estimate.value is not None
        and estimate.low is not None
        and estimate.high is not None
        and estimate.n >= few
    )


def full(estimate: Measured | None, kind: Kind, language: str, few: int = FEW) -> str:
    """Return value, interval and n together, or why there is no number."""
    if isinstance(estimate, Hidden):
        return say("chart.hidden", language)
    if not judged(estimate, few):
        n = estimate.n if estimate is not None else 0
        return say("chart.too_few", language, {"n": count(n)})
    value, low, high = ends(estimate)
    words = {
        "value": figure(value, kind),
        "interval": interval(low, high, kind),
        "n": count(estimate.n) if estimate is not None else "0",
    }
    return say("chart.estimate", language, words)


def ends(estimate: Measured | None) -> tuple[float, float, float]:
    """Return value, low and high of an estimate that is known to have them."""
    assert estimate is not None
    assert estimate.value is not None and estimate.low is not None and estimate.high is not None
    return float(estimate.value), float(estimate.low), float(estimate.high)


def cells(estimate: Measured | None, kind: Kind, language: str, few: int = FEW) -> tuple[str, ...]:
    """Return value, interval and n as three table cells."""
    if isinstance(estimate, Hidden):
        return (say("chart.hidden", language), "", "")
    n = count(estimate.n) if estimate is not None else "0"
    if not judged(estimate, few):
        return (say("chart.too_few_short", language), "", n)
    value, low, high = ends(estimate)
    return (figure(value, kind), interval(low, high, kind), n)


def differ(one: Measured, other: Measured) -> bool:
    """Whether two independent estimates differ beyond chance, judged from their intervals."""
    a, b = ends(one), ends(other)
    gap = b[0] - a[0]
    below, above = (a[2] - a[0], b[0] - b[1]) if gap > 0 else (a[0] - a[1], b[2] - b[0])
    return abs(gap) > math.hypot(below, above)
