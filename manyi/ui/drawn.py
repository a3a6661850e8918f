"""Numbers as they stand on a page, put together in Python: a table of units holds hundreds, and
a template for each would take longer than counting them."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from manyi.ui import assets
from manyi.ui.figures import Figure, State

_WIDTH, _EDGE = 96, 2


def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """Return a drawn icon; decoration unless `label` names it."""
    said = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else SafeString('aria-hidden="true"')
    )
    return format_html(
        '<svg class="icon{}" {}><use href="{}#{}"></use></svg>',
        f" icon-{size}" if size else "",
        said,
        assets.address("icons.svg"),
        name,
    )


def estimate(shown: Figure, *, large: bool = False, retry: str = "") -> SafeString:
    """Return value, interval and n, or why there is none; `retry` tries a failed one again."""
    css = " est-large" if large else ""
    return SafeString(_STATES[shown.state](shown, css, retry))


def _ok(shown: Figure, css: str, _retry: str) -> str:
    unit = f"<small>{escape(shown.unit)}</small>" if shown.unit else ""
    return (
        f'<span class="est{css}"><span class="est-value">{escape(shown.value)}{unit}</span> '
        f'<span class="est-range">{escape(shown.range)}</span> <span class="est-n">'
        f'<span class="dot">·</span> n&nbsp;{shown.n:,}</span>{_notes(shown)}</span>'
    )


def _notes(shown: Figure) -> str:
    if not shown.notes:
        return ""
    said = " ".join(shown.notes)
    info = icon("info-circle", "sm", said)
    return format_html(' <span class="est-n" title="{}">{}</span>', said, info)


def _too_few(shown: Figure, css: str, _retry: str) -> str:
    there = _("%(n)s of %(few)s answers") % {"n": f"{shown.n:,}", "few": shown.few}
    return (
        f'<span class="est est-few{css}"><span class="est-value">{escape(there)}</span> '
        f'<span class="est-state">{escape(_("Too few to judge"))}</span></span>'
    )


def _suppressed(_shown: Figure, _css: str, _retry: str) -> str:
    return format_html(
        '<span class="est est-hidden">{} <span class="est-state">{}</span></span>',
        icon("lock", "sm"),
        _("Hidden to protect privacy"),
    )


def _failed(_shown: Figure, _css: str, retry: str) -> str:
    return format_html(
        '<span class="est est-failed">{} <span>{}</span> <a href="{}">{}</a></span>',
        icon("alert-triangle", "sm"),
        _("Could not be computed"),
        retry,
        _("Try again"),
    )


_STATES: dict[State, Callable[[Figure, str, str], str]] = {
    "ok": _ok,
    "too_few": _too_few,
    "suppressed": _suppressed,
    "failed": _failed,
}


def whisker(
    ends: tuple[float, float, float], axis: tuple[float, float], *, whole: float | None, label: str
) -> SafeString:
    """Return a dot between two whiskers (`ends`: low, value, high) on an axis, with a line where
    the whole lies."""
    low, value, high = (_at(one, axis) for one in ends)
    line = (
        "" if whole is None else _line("whisker-whole", _at(whole, axis), _at(whole, axis), 0, 20)
    )
    return SafeString(
        f'<svg class="whisker" role="img" aria-label="{escape(label)}">{line}'
        f"{_line('', low, high, 10, 10)}{_line('', low, low, 6, 14)}{_line('', high, high, 6, 14)}"
        f'<circle cx="{value}" cy="10" r="4.5"></circle></svg>'
    )


def _at(value: float, axis: tuple[float, float]) -> str:
    low, high = axis
    share = (value - low) / ((high - low) or 1.0)
    return f"{min(max(share, 0.0), 1.0) * _WIDTH + _EDGE:.2f}%"


def _line(css: str, x1: str, x2: str, y1: int, y2: int) -> str:
    named = f'class="{css}" ' if css else ""
    return f'<line {named}x1="{x1}" x2="{x2}" y1="{y1}" y2="{y2}"></line>'
