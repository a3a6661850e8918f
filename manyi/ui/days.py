"""Days and moments as the language of a page writes them."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

# Not strftime, which follows the locale of the process.
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def here(value: datetime) -> datetime:
    """Return a moment in the page's time zone."""
    return timezone.localtime(value) if timezone.is_aware(value) else value


def written(value: date, language: str) -> str:
    """Return a day as 2026年11月1日 or 1 Nov 2026; of a moment the day in the page's time zone."""
    at = here(value) if isinstance(value, datetime) else value
    if language.startswith("zh"):
        return f"{at.year}年{at.month}月{at.day}日"
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"
