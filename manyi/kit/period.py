"""Local days, both ends inclusive; ISO weeks; the periods before and a year ago."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Interval = Literal["day", "week", "month", "quarter", "year"]
INTERVALS: tuple[Interval, ...] = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True, order=True)
class Period:
    """The local days from `first` to `last`, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("a period ends on or after its first day")

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def previous(self) -> Period:
        """Return the period to compare with 环比: the whole month, quarter or year before
        where this one is whole, else the same number of days just before."""
        for interval in ("month", "quarter", "year"):
            if self == bucket(self.first, interval):
                return bucket(self.first - timedelta(days=1), interval)
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    def year_before(self) -> Period:
        """Return the same days a year earlier 同比 (29 February becomes the 28th)."""
        first = _shift_year(self.first)
        last = _shift_year(self.last)
        if self == bucket(self.first, "month"):
            return bucket(first, "month")
        return Period(first, last)


def bucket(day: date, interval: Interval | str) -> Period:
    """Return the day, ISO week, month, quarter or year that `day` falls in."""
    if interval == "day":
        return Period(day, day)
    if interval == "week":
        monday = day - timedelta(days=day.weekday())
        return Period(monday, monday + timedelta(days=6))
    if interval == "month":
        return Period(day.replace(day=1), _month_end(day))
    if interval == "quarter":
        start = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
        return Period(start, _month_end(date(start.year, start.month + 2, 1)))
    if interval == "year":
        return Period(date(day.year, 1, 1), date(day.year, 12, 31))
    raise ValueError(f"unknown interval {interval!r}")


def label(day: date, interval: Interval | str) -> str:
    """Name the bucket of `day`: 2026-11-01, 2026-W44, 2026-11, 2026-Q4 or 2026."""
    if interval == "day":
        return day.isoformat()
    if interval == "week":
        iso = day.isocalendar()
        return f"{iso.year:04d}-W{iso.week:02d}"
    if interval == "month":
        return f"{day.year:04d}-{day.month:02d}"
    if interval == "quarter":
        return f"{day.year:04d}-Q{(day.month - 1) // 3 + 1}"
    if interval == "year":
        return f"{day.year:04d}"
    raise ValueError(f"unknown interval {interval!r}")


def buckets(period: Period, interval: Interval | str) -> list[Period]:
    """Return every bucket that touches `period`, in order."""
    found = []
    one = bucket(period.first, interval)
    while one.last < period.last:  # there is no day after the last of the year 9999
        found.append(one)
        one = bucket(one.last + timedelta(days=1), interval)
    return [*found, one]


def fitting_interval(period: Period) -> Interval:
    """Return the interval that draws `period` with about 6 to 60 points."""
    if period.days <= 31:
        return "day"
    if period.days <= 200:
        return "week"
    return "month" if period.days <= 1900 else "quarter"


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _shift_year(day: date) -> date:
    last = monthrange(day.year - 1, day.month)[1]
    return day.replace(year=day.year - 1, day=min(day.day, last))
