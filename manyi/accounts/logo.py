"""Logos: whatever picture is handed in leaves as a small PNG or WebP of our own making."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps

from manyi.accounts.given import refuse

LIMIT = 6_000
_UPLOAD_LIMIT = 5 * 1024 * 1024
_PIXEL_LIMIT = 40_000_000
_SIDES = (256, 192, 128, 96, 64)


def shrink(data: bytes) -> bytes:
    """Return the picture as a PNG or WebP of at most LIMIT bytes and 256 pixels a side.

    Raises Problem("logo.invalid") for what is no PNG, JPEG or WebP.
    """
    picture = _open(data)
    for side in _SIDES:
        small = picture.copy()
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
        for made in _encodings(small):
            if len(made) <= LIMIT:
                return made
    refuse("logo", "logo.invalid")


def media_type(logo: bytes) -> str:
    """Return the media type of a logo made by `shrink`."""
    return "image/png" if logo.startswith(b"\x89PNG") else "image/webp"


def _open(data: bytes) -> Image.Image:
    if len(data) > _UPLOAD_LIMIT:
        refuse("logo", "logo.invalid")
    try:
        picture = Image.open(BytesIO(data), formats=("PNG", "JPEG", "WEBP"))
        if picture.width * picture.height > _PIXEL_LIMIT:
            refuse("logo", "logo.invalid")
        return ImageOps.exif_transpose(picture).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        refuse("logo", "logo.invalid")


def _encodings(picture: Image.Image) -> list[bytes]:
    palette = picture.quantize(64, method=Image.Quantize.FASTOCTREE)
    return [
        _save(picture, "PNG", optimize=True),
        _save(palette, "PNG", optimize=True),
        _save(picture, "WEBP", quality=80, method=6),
    ]


def _save(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()
