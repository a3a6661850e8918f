"""Where a table begins: titles above it, header rows of one to three lines, empty margins."""

from __future__ import annotations

import itertools
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from manyi.tabular.limits import Cell

_NUMBER = re.compile(r"^[+-]?[\d,]*\.?\d+%?$")
_DATE = re.compile(r"^\d{2,4}[-/.年]\d{1,2}[-/.月]\d{1,4}")
_NAME_CHARS = 300
_SHORT = 60
Row = Sequence[Cell]


@dataclass(frozen=True)
class Header:
    """The columns' names, the index of the first body row, and the empty columns before."""

    names: tuple[str, ...]
    body: int
    margin: int


def is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def find_header(head: Sequence[Row]) -> Header:
    """Return the header of the first rows of a file."""
    margin = min((_first(r) for r in head if _count(r)), default=0)
    rows = [list(r[margin:]) for r in head]
    width = max((_last(r) for r in rows), default=0)
    rows = [r[:width] + [None] * (width - len(r)) for r in rows]
    top = _top(rows)
    if _is_data(rows[top]):
        return Header(_unique([""] * width), top, margin)
    depth = _depth(rows[top:])
    names = _joined(rows[top : top + depth])
    return Header(_unique(names), top + depth, margin)


def _first(row: Row) -> int:
    return next(i for i, c in enumerate(row) if not is_blank(c))


def _last(row: Row) -> int:
    return max((i + 1 for i, c in enumerate(row) if not is_blank(c)), default=0)


def _count(row: Row) -> int:
    return sum(not is_blank(c) for c in row)


def _distinct(row: Row) -> int:
    return len({str(c) for c in row if not is_blank(c)})


def _top(rows: Sequence[Row]) -> int:
    """Return the first row that is as wide as a table's, past titles and notes."""
    full = [_count(r) for r in rows if _count(r)]
    need = max(1.0, 0.5 * statistics.median(full)) if full else 1.0
    if need > 1:
        need = max(2.0, need)
    for i, row in enumerate(rows):
        if _distinct(row) >= need or (_count(row) >= need and _distinct(row) > 1):
            return i
    return next((i for i, r in enumerate(rows) if _count(r)), 0)


def _is_value(cell: Cell) -> bool:
    """Whether a cell is a number or a date, which hardly any column is named."""
    if isinstance(cell, (int, float)):
        return True
    text = (cell or "").strip()
    return bool(_NUMBER.match(text) or _DATE.match(text))


def _is_data(row: Row) -> bool:
    cells = [c for c in row if not is_blank(c)]
    return sum(_is_value(c) for c in cells) * 2 > len(cells)


def _depth(rows: Sequence[Row]) -> int:
    if len(rows) > 2 and any('{"ImportId"' in str(c) for c in rows[2]):
        return 3
    depth = 1
    while depth < 3 and depth < len(rows) - 1 and _continues(rows, depth):
        depth += 1
    return depth


def _continues(rows: Sequence[Row], at: int) -> bool:
    """Whether row `at` names parts of the merged cells of the row above it."""
    above, row, body = rows[at - 1], rows[at], rows[at + 1 :]
    if not _merged_above(above, row) or not _could_be_names(row):
        return False
    below = [[r[i] for r in body] for i in range(len(row))]
    repeated = sum(not is_blank(c) and any(c == b for b in below[i]) for i, c in enumerate(row))
    return repeated == 0 and any(_differs(c, below[i]) for i, c in enumerate(row))


def _merged_above(above: Row, row: Row) -> bool:
    gap = any(is_blank(a) and not is_blank(b) for a, b in zip(above, row, strict=True))
    twice = any(not is_blank(a) and a == b for a, b in itertools.pairwise(above))
    starts = not is_blank(above[0]) or not is_blank(row[0])
    return starts and (gap or twice)


def _could_be_names(row: Row) -> bool:
    cells = [c for c in row if not is_blank(c)]
    return len(cells) > 0 and all(
        isinstance(c, str) and not _is_value(c) and len(c) <= _SHORT for c in cells
    )


def _differs(name: Cell, below: Sequence[Cell]) -> bool:
    """Whether the cells below are of another kind than the name: numbers, dates, long or few."""
    cells = [c for c in below if not is_blank(c)]
    if is_blank(name) or not cells:
        return False
    repeats = len(cells) >= 4 and len({str(c) for c in cells}) * 2 <= len(cells)
    return repeats or sum(_is_value(c) or len(str(c)) > _SHORT for c in cells) * 2 > len(cells)


def _joined(rows: Sequence[Row]) -> list[str]:
    parts = [_filled(r) if i < len(rows) - 1 else list(r) for i, r in enumerate(rows)]
    return [_join([_text(r[i]) for r in parts]) for i in range(len(rows[0]))]


def _filled(row: Row) -> list[Cell]:
    """Repeat a merged cell's text over the empty cells that follow it."""
    out: list[Cell] = []
    for cell in row:
        out.append(out[-1] if is_blank(cell) and out else cell)
    return out


def _join(parts: Sequence[str]) -> str:
    kept: list[str] = []
    for part in parts:
        plain = re.sub(r"\W+", "", part).lower()
        known = {re.sub(r"\W+", "", k).lower() for k in kept}
        if part and plain not in known and not part.startswith('{"ImportId"'):
            kept.append(part)
    return " / ".join(kept)


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    return re.sub(r"[\s\x00]+", " ", str(cell)).strip().strip("\ufeff")[:_NAME_CHARS]


def tidy(names: Sequence[str]) -> tuple[str, ...]:
    """Return names that can be shown and kept: one line each, not endless, each once."""
    return _unique([_text(name) for name in names])


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    out: list[str] = []
    taken: set[str] = set()
    for i, raw in enumerate(names, start=1):
        base = raw or f"Column {i}"
        name, again = base, 2
        while name in taken:
            name, again = f"{base} ({again})", again + 1
        taken.add(name)
        out.append(name)
    return tuple(out)
