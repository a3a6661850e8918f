"""The world's clocks, to choose one."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

# Named as people name them, and first in the list.
NEAR = {
    "Asia/Shanghai": _("Beijing time (Asia/Shanghai)"),
    "Asia/Hong_Kong": _("Hong Kong time (Asia/Hong_Kong)"),
    "Asia/Macau": _("Macau time (Asia/Macau)"),
    "Asia/Taipei": _("Taipei time (Asia/Taipei)"),
    "Asia/Singapore": _("Singapore time (Asia/Singapore)"),
    "Asia/Tokyo": _("Tokyo time (Asia/Tokyo)"),
}


@cache
def zones() -> list[tuple[str, Any]]:
    """Return the names of the world's clocks, those with a region only."""
    others = [name for name in sorted(available_timezones()) if "/" in name[1:]]
    return [*NEAR.items(), *((name, name) for name in [*others, "UTC"] if name not in NEAR)]


class ZoneSelect(forms.Select):
    """A list of all zones: Django draws each of the 600 from a template, which takes 0.1 s."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        chosen = "" if value is None else str(value)
        rows = ((one, " selected" if one == chosen else "", label) for one, label in self.choices)
        options = format_html_join("", '<option value="{}"{}>{}</option>', rows)
        told = flatatt({"name": name, **self.build_attrs(self.attrs, attrs)})
        return format_html("<select{}>{}</select>", told, options)
