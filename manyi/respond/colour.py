"""The organisation's colour, made readable on paper and in the dark (WCAG contrast)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

PAPER, NIGHT = (255, 254, 251), (31, 30, 27)
BLACK, WHITE = (20, 19, 17), (255, 255, 255)
DEFAULT = (15, 118, 110)
READABLE = 4.6
_TINT = {"light": 0.09, "dark": 0.2}
Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class Shades:
    """Accent, the text on it, and a tint for what is chosen: on paper and in the dark."""

    accent: str
    on_accent: str
    tint: str
    dark_accent: str
    dark_on_accent: str
    dark_tint: str


@lru_cache(maxsize=256)
def shades(colour: str) -> Shades:
    """Return readable shades of `colour` (#RRGGBB); of the house's teal where it is none."""
    base = _parse(colour)
    light = _readable(base, on=(PAPER, _mix(base, PAPER, _TINT["light"])), towards=BLACK)
    dark = _readable(base, on=(NIGHT, _mix(base, NIGHT, _TINT["dark"])), towards=WHITE)
    return Shades(
        _hex(light),
        _hex(_text_on(light)),
        _hex(_mix(base, PAPER, _TINT["light"])),
        _hex(dark),
        _hex(_text_on(dark)),
        _hex(_mix(base, NIGHT, _TINT["dark"])),
    )


def contrast(a: Rgb, b: Rgb) -> float:
    """Return the WCAG contrast ratio, 1 to 21."""
    high, low = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _parse(colour: str) -> Rgb:
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", colour or ""):
        return DEFAULT
    return (int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16))


def _readable(base: Rgb, *, on: tuple[Rgb, ...], towards: Rgb) -> Rgb:
    """Return the shade nearest to `base` that is read on `on`, and carries text itself."""
    for step in range(21):
        shade = _mix(towards, base, step / 20)
        if min(contrast(shade, other) for other in (*on, _text_on(shade))) >= READABLE:
            return shade
    return towards


def _text_on(colour: Rgb) -> Rgb:
    return max((WHITE, BLACK), key=lambda text: contrast(text, colour))


def _mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    r, g, b = (round(x * share + y * (1 - share)) for x, y in zip(one, other, strict=True))
    return (r, g, b)


def _luminance(colour: Rgb) -> float:
    r, g, b = (_linear(c / 255) for c in colour)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def _linear(c: float) -> float:
    return c / 12.92 if c <= 0.04045 else float(((c + 0.055) / 1.055) ** 2.4)


def _hex(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
