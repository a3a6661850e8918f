"""QR codes of links, to print and to show."""

from __future__ import annotations

import io

import segno

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


def _make(url: str) -> segno.QRCode:
    return segno.make_qr(url, error="m")
