"""Numbers as they stand in a sentence, and the words for how large an effect is."""

from __future__ import annotations

from manyi.stats.result import Estimate, Note


def number(value: float | None) -> str:
    """Return about three digits, without an exponent."""
    if value is None:
        return "–"
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2
    told = f"{value:.{digits}f}"
    return told.removeprefix("-") if float(told) == 0 else told


def chance(p: float | None) -> str:
    """Return a p-value as the percentage of samples in which chance would do as much."""
    if p is None:
        return "–"
    if p < 0.001:
        return "<0.1%"
    return f"{100 * p:.1f}%" if p < 0.0995 else f"{100 * p:.0f}%"


def ends(effect: Estimate) -> dict[str, str]:
    """Return the interval and its level as parameters."""
    return {
        "low": number(effect.low),
        "high": number(effect.high),
        "level": f"{100 * effect.level:g}",
    }


_EDGES = {
    # Cohen's conventions (1988), by measure: small, middling, large.
    "d": (0.2, 0.5, 0.8),
    "r": (0.1, 0.3, 0.5),
    "w": (0.1, 0.3, 0.5),
    "omega": (0.01, 0.06, 0.14),
    "superiority": (0.06, 0.14, 0.21),
    "log_odds": (0.36, 0.91, 1.45),
    "h": (0.2, 0.5, 0.8),
}
_WORDS = ("effect_tiny", "effect_small", "effect_middling", "effect_large")


def strength(size: float, measure: str) -> Note:
    """Return the word for an effect of that size."""
    passed = sum(abs(size) >= edge for edge in _EDGES[measure])
    return Note(_WORDS[passed])
