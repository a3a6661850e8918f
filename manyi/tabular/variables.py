"""Coded tables: variables with labels, value labels and missing codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

Kind = Literal["number", "text", "date", "datetime"]
Row = Sequence[Any]
Rows = Callable[[], Iterable[Row]]

LONGEST_NAME = 64
_UNFIT = re.compile(r"[^\w.]+|\.(?=_|$)")
_RESERVED = frozenset(
    ("ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH")
)
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,8}")


@dataclass(frozen=True)
class Variable:
    """One column: a coded one has `values` (code, label), of which `missing` are no answers.

    Variables of one `group` are the ticks (1 or 0) of a question with several answers.
    """

    name: str
    label: str
    kind: Kind = "text"
    values: tuple[tuple[float, str], ...] = ()
    missing: tuple[float, ...] = ()
    is_ordered: bool = False
    group: str = ""
    group_label: str = ""


@dataclass(frozen=True)
class Study:
    """A coded table on its way into a file; `rows` may be asked for more than once."""

    title: str
    variables: Sequence[Variable]
    rows: Rows
    made_at: datetime
    language: str = "en"
    notes: Sequence[str] = ()


def fit_names(wanted: Iterable[str]) -> list[str]:
    """Return names that every package takes: a letter first, few signs, each once, ≤ 64 bytes."""
    found: list[str] = []
    taken = set(_RESERVED)
    for text in wanted:
        name, again = _fit(text), 2
        while name.upper() in taken:
            ending = f"_{again}"
            name, again = _cut(_fit(text), LONGEST_NAME - len(ending)) + ending, again + 1
        taken.add(name.upper())
        found.append(name)
    return found


def _fit(text: str) -> str:
    name = _UNFIT.sub("_", text.replace(":", "_")).strip("_.") or "v"
    return _cut(name if name[0].isalpha() else f"v{name}", LONGEST_NAME).rstrip("_.")


def _cut(text: str, size: int) -> str:
    return cut(text.encode(), size).decode()


def cut(raw: bytes, size: int) -> bytes:
    """Return at most `size` bytes of UTF-8 without breaking a character."""
    if len(raw) <= size:
        return raw
    return raw[:size].decode("utf-8", "ignore").encode()


def numbered(codes: Sequence[str]) -> dict[str, float]:
    """Return a number for each code: its own where all are whole numbers, else 1, 2, 3 …"""
    if codes and all(_WHOLE.fullmatch(code) for code in codes):
        return {code: float(code) for code in codes}
    return {code: float(i) for i, code in enumerate(codes, start=1)}


def free_code(taken: Iterable[float], highest: float | None = 0.0) -> float:
    """Return 99, 999 … : the first that is above everything that can be answered."""
    high = max([*taken, 1e8 if highest is None else highest], default=0.0)
    code = 99.0
    while code <= high:
        code = code * 10 + 9
    return code


def widths(study: Study, size: Callable[[str], int]) -> list[int]:
    """Return the longest text of each variable, by `size`; at least 1."""
    found = [1] * len(study.variables)
    texts = [i for i, one in enumerate(study.variables) if one.kind == "text"]
    for row in study.rows():
        for i in texts:
            if row[i] is not None:
                found[i] = max(found[i], size(str(row[i])))
    return found


def moment(value: date | datetime) -> datetime:
    """Return a moment without zone; a day begins at midnight."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - as clocks there show it


__all__ = ["Rows", "Study", "Variable", "fit_names", "free_code", "numbered", "widths"]
