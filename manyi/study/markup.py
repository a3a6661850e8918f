"""HTML that is escaped by default: only `Html` is taken as it is."""

from __future__ import annotations

import html


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


Part = str | None
# Marks that turn what follows around would turn our own words too; control characters are boxes.
_CONTROL = (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0))
_UNSEEN = dict.fromkeys((*_CONTROL, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_VOID = frozenset({"meta", "br", "hr", "link"})


def text(part: Part) -> str:
    """Return a part as HTML; plain text is escaped."""
    if part is None:
        return ""
    return part if isinstance(part, Html) else html.escape(seen(part), quote=True)


def seen(words: str) -> str:
    """Return words without control characters and without marks that turn text around."""
    return words.translate(_UNSEEN)


def tag(name: str, *parts: Part, **attributes: str | None) -> Html:
    """Return one element; `class_` is the class, `data_x` is data-x, None is left away."""
    shown = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(seen(value), quote=True)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Html(f"<{name}{shown}>")
    return Html(f"<{name}{shown}>{''.join(text(p) for p in parts)}</{name}>")


def join(*parts: Part) -> Html:
    return Html("".join(text(p) for p in parts))
