"""The world's clocks, to choose one."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

# Named as people name them, and first in the list.
NEAR = {
    "Asia/Shanghai": _("Beijing time"),
    "Asia/Hong_Kong": _("Hong Kong time"),
    "Asia/Macau": _("Macau time"),
    "Asia/Taipei": _("Taipei time"),
    "Asia/Singapore": _("Singapore time"),
    "Asia/Tokyo": _("Tokyo time"),
}


@cache
def zones() -> list[tuple[str, Any]]:
    """Return the names of the world's clocks, those with a region only."""
    near = [(name, format_lazy("{} ({})", called, name)) for name, called in NEAR.items()]
    others = [name for name in sorted(available_timezones()) if "/" in name[1:]]
    return [*near, *((name, name) for name in [*others, "UTC"] if name not in NEAR)]
