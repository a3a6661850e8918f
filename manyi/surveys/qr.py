"""QR codes of links, to print and to show."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass

import segno

from manyi.accounts.models import Unit
from manyi.surveys import wire
from manyi.surveys.models import Survey

_DARK = "#1c1917"


def svg(url: str) -> str:
    """Return an SVG that scales to any size, with its quiet zone, readable when a bit dirty."""
    out = io.BytesIO()
    _make(url).save(out, kind="svg", dark=_DARK, light="#fff", border=4, omitsize=True)
    return out.getvalue().decode()


def png(url: str, *, pixels: int = 800) -> bytes:
    """Return a PNG about `pixels` wide, as posters and chat groups want it."""
    code = _make(url)
    scale = max(1, round(pixels / code.symbol_size(border=4)[0]))
    out = io.BytesIO()
    code.save(out, kind="png", scale=scale, dark=_DARK, light="#fff", border=4)
    return out.getvalue()


@dataclass(frozen=True)
class Card:
    """One card of a print sheet: a unit, its link, and the code that leads there."""

    code: str
    name: str
    url: str
    svg: str


def cards(survey: Survey, units: Iterable[Unit], language: str) -> list[Card]:
    """Return a card for each unit; an answer given through it belongs to that unit."""
    found = []
    for unit in units:
        url = wire.address(survey, source="qr", unit=unit.code)
        found.append(Card(unit.code, unit.name_in(language), url, svg(url)))
    return found


def _make(url: str) -> segno.QRCode:
    return segno.make_qr(url, error="m")
