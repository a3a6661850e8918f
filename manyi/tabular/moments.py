"""Dates and times as people write them, in Chinese and English and as spreadsheets count."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from manyi.tabular.values import half_width, plain_number

Order = Literal["dmy", "mdy"]

_MONTHS = {
    m: i
    for i, m in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
        start=1,
    )
}
_CHINESE = re.compile(r"^(\d{4})\s*年\s*(\d{1,2})\s*月(?:\s*(\d{1,2})\s*[日号]?)?")
_YEAR_FIRST = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_COMPACT = re.compile(r"^((?:19|20)\d{2})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})?)?$")
_YEAR_LAST = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?!\d)")
_DAY_MONTH = re.compile(
    r"^(\d{1,2})(?:st|nd|rd|th)?[\s-]+([a-z]{3})[a-z]*\.?,?[\s-]+(\d{4}|\d{2})", re.I
)
_MONTH_DAY = re.compile(r"^([a-z]{3})[a-z]*\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})", re.I)
_WEEKDAY = re.compile(
    r"^(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+|(?:星期|周|礼拜)[一二三四五六日天]\s*)", re.I
)
_CLOCK = re.compile(
    r"(\d{1,2})\s*[:时点]\s*(?:(\d{1,2})\s*[:分]?\s*(?:(\d{1,2})(?:\.\d+)?\s*秒?)?)?"
)
_AFTER_NOON = re.compile(r"下午|晚上|傍晚|午后|\bp\.?m\b", re.I)
_BEFORE_NOON = re.compile(r"上午|早上|凌晨|清晨|\ba\.?m\b", re.I)
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 (a spreadsheet's day zero has no zone)
_LONGEST = 60
_SERIAL = (20_000, 80_000)
_UNIX = (946_684_800, 4_102_444_800)


def as_date(value: Any, order: Order | None = None) -> datetime | None:
    """Return the moment that a cell names: aware where it names its offset, else local.

    `order` decides 11/01/2026; without it the only possible reading counts, else month first.
    """
    if value is None or isinstance(value, bool):
        return None
    number = plain_number(value)
    if number is not None:
        return _from_number(number) or _compact(str(value).strip().removesuffix(".0"))
    if len(str(value)) > _LONGEST:
        return None
    text = _WEEKDAY.sub("", half_width(str(value)))
    return _iso(text) or _written(text, order)


def _from_number(number: float) -> datetime | None:
    if _SERIAL[0] <= number <= _SERIAL[1]:
        moment = _EPOCH + timedelta(days=number)
        return (moment + timedelta(milliseconds=500)).replace(microsecond=0)
    for divisor in (1, 1_000):
        if _UNIX[0] <= number / divisor <= _UNIX[1]:
            return datetime.fromtimestamp(number / divisor, UTC)
    return None


def _compact(text: str) -> datetime | None:
    found = _COMPACT.match(text)
    return _moment(*(int(g or 0) for g in found.groups())) if found else None


def _iso(text: str) -> datetime | None:
    if not re.match(r"^\d{4}-\d\d-\d\d", text):
        return None
    tidy = re.sub(r"\s*(?:UTC|GMT)$", "+00:00", text)
    tidy = re.sub(r"\s+([+-]\d\d:?\d\d)$", r"\1", tidy)
    try:
        return datetime.fromisoformat(tidy)
    except ValueError:
        return None


def _written(text: str, order: Order | None) -> datetime | None:
    for pattern, read in _READERS:
        found = pattern.match(text)
        if found:
            day = read(found, order)
            return _at_clock(day, text[found.end() :]) if day else None
    return _compact(text)


def _chinese(found: re.Match[str], _: Order | None) -> tuple[int, int, int]:
    return int(found[1]), int(found[2]), int(found[3] or 1)


def _year_first(found: re.Match[str], _: Order | None) -> tuple[int, int, int]:
    return int(found[1]), int(found[2]), int(found[3])


def _day_month(found: re.Match[str], _: Order | None) -> tuple[int, int, int] | None:
    month = _MONTHS.get(found[2].lower())
    return (_year(found[3]), month, int(found[1])) if month else None


def _month_day(found: re.Match[str], _: Order | None) -> tuple[int, int, int] | None:
    month = _MONTHS.get(found[1].lower())
    return (int(found[3]), month, int(found[2])) if month else None


def _year_last(found: re.Match[str], order: Order | None) -> tuple[int, int, int]:
    first, second, year = int(found[1]), int(found[2]), _year(found[3])
    if order is None:
        order = "dmy" if first > 12 else "mdy"
    return (year, second, first) if order == "dmy" else (year, first, second)


_READERS = (
    (_CHINESE, _chinese),
    (_YEAR_FIRST, _year_first),
    (_YEAR_LAST, _year_last),
    (_DAY_MONTH, _day_month),
    (_MONTH_DAY, _month_day),
)


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _at_clock(day: tuple[int, int, int], rest: str) -> datetime | None:
    found = _CLOCK.search(rest)
    if not found:
        return _moment(*day) if len(rest.strip()) < 12 else None
    hour, minute, second = (int(g or 0) for g in found.groups())
    if _AFTER_NOON.search(rest) and hour < 12:
        hour += 12
    if _BEFORE_NOON.search(rest) and hour == 12:
        hour = 0
    return _moment(*day, hour, minute, second)


def _moment(*parts: int) -> datetime | None:
    year, month, day, hour, minute, second = (*parts, 0, 0, 0)[:6]
    try:
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 (local by promise)
    except ValueError:
        return None


def date_order(values: Iterable[Any]) -> Order | None:
    """Return the order of days and months that the column's own dates prove, or None."""
    for value in values:
        found = _YEAR_LAST.match(half_width(str(value))) if isinstance(value, str) else None
        if found and int(found[1]) > 12:
            return "dmy"
        if found and int(found[2]) > 12:
            return "mdy"
    return None
