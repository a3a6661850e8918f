"""The file as columns: scores as numbers, comments as texts, groups and days as codes."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from manyi.kit.problems import Problem
from manyi.study.columns import Asked, Column, decide
from manyi.study.masking import without_numbers
from manyi.tabular import reading
from manyi.tabular.guess import guess
from manyi.tabular.limits import Cell
from manyi.tabular.moments import as_date
from manyi.tabular.talks import customer_said
from manyi.tabular.values import is_missing

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NO_DAY = -1
NO_GROUP = -1
TEXT_AT_MOST = 4_000
_BLANK_AT_MOST = 24


@dataclass
class Scores:
    """The answers of one column, NaN where there is none, and what could not be used."""

    column: Column
    values: Floats
    unread: Counter[str] = field(default_factory=Counter)
    off_scale: int = 0

    @property
    def n(self) -> int:
        return int(np.count_nonzero(~np.isnan(self.values)))


@dataclass
class Groups:
    """One column of groups: a code for each row (-1 = none) and the groups' names."""

    column: Column
    codes: Ints
    names: list[str]


@dataclass
class Sheet:
    """Everything that was read of one file."""

    path: Path
    shape: reading.Shape
    columns: list[Column]
    n: int
    scores: list[Scores]
    groups: list[Groups]
    days: Ints | None
    day_column: Column | None
    texts: list[str]
    repeated: int

    @property
    def with_text(self) -> int:
        return sum(bool(t) for t in self.texts)

    @property
    def used(self) -> int:
        """Return the number of rows that hold a score or a comment."""
        held = np.array([bool(t) for t in self.texts] or [False] * self.n, np.bool_)
        for score in self.scores:
            held |= ~np.isnan(score.values)
        return int(held.sum())


def read(path: Path, asked: Asked) -> Sheet:
    """Read the file at `path`; raises Problem where it is no table or holds nothing to study."""
    if not path.is_file():
        raise Problem("study.file_missing", path=str(path))
    with tempfile.TemporaryDirectory(prefix="manyi-study-") as folder:
        converted = Path(folder) / "rows.jsonl"
        shape = reading.convert(path, converted)
        if not shape.rows:
            raise Problem("study.no_rows", file=path.name)
        sample = reading.sample(converted)
        columns = decide(guess(shape.columns, sample), sample, asked)
        return _columnwise(path, shape, columns, converted)


def _columnwise(path: Path, shape: reading.Shape, columns: list[Column], converted: Path) -> Sheet:
    wanted = [c for c in columns if c.use != "left"]
    cells: dict[int, list[Cell]] = {c.at: [] for c in wanted}
    repeated = n = 0
    for row in reading.rows(converted):
        n += 1
        repeated += row.occurrence > 0
        width = len(row.cells)
        for at, column in cells.items():
            column.append(row.cells[at] if at < width else None)
    date_column = next((c for c in columns if c.use == "date"), None)
    return Sheet(
        path=path,
        shape=shape,
        columns=columns,
        n=n,
        scores=[_scores(c, cells[c.at]) for c in wanted if c.use == "score"],
        groups=[_groups(c, cells[c.at]) for c in wanted if c.use == "group"],
        days=_days(date_column, cells[date_column.at]) if date_column else None,
        day_column=date_column,
        texts=_texts([_said(c, cells[c.at]) for c in wanted if c.use == "text"]),
        repeated=repeated,
    )


def _scores(column: Column, cells: Sequence[Cell]) -> Scores:
    known: dict[Cell, float] = {}
    unread: Counter[str] = Counter()
    values = np.full(len(cells), np.nan)
    for i, cell in enumerate(cells):
        if cell not in known:
            known[cell] = _value(column, cell)
        values[i] = known[cell]
        if np.isinf(values[i]):
            unread[str(cell)[:40]] += 1
    values[np.isinf(values)] = np.nan
    scale = column.scale
    assert scale is not None
    off = ~np.isnan(values) & ((values < scale.low) | (values > scale.high))
    values[off] = np.nan
    return Scores(column, values, unread, int(off.sum()))


def _value(column: Column, cell: Cell) -> float:
    """Return the answer, NaN for no answer, infinity for what cannot be read."""
    if isinstance(cell, bool):
        return float(cell)
    if is_missing(cell):
        return float("nan")
    number = column.number(cell)
    return float("inf") if number is None else number


def _groups(column: Column, cells: Sequence[Cell]) -> Groups:
    at: dict[str, int] = {}
    different = list(dict.fromkeys(cells))
    told = [cell for cell in different if not is_missing(cell)]
    known: dict[Cell, int] = dict.fromkeys(different, NO_GROUP)
    for cell, name in zip(told, without_numbers([_name(cell) for cell in told]), strict=True):
        known[cell] = at.setdefault(name, len(at))
    codes = np.array([known[cell] for cell in cells], np.int64)
    return Groups(column, codes, list(at))


def _name(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).split())[:60]


def _days(column: Column, cells: Sequence[Cell]) -> Ints:
    order = cast("Literal['dmy', 'mdy'] | None", column.order)
    known: dict[Cell, int] = {}
    days = np.full(len(cells), NO_DAY, np.int64)
    for i, cell in enumerate(cells):
        if cell not in known:
            moment = as_date(cell, order)
            known[cell] = NO_DAY if moment is None else moment.date().toordinal()
        days[i] = known[cell]
    return days


def day(ordinal: int) -> date:
    return date.fromordinal(ordinal)


def _said(column: Column, cells: Sequence[Cell]) -> Sequence[Cell]:
    """Return the texts of a column; of conversations, what the customers said."""
    return [customer_said(cell) for cell in cells] if column.is_talk else cells


def _texts(columns: Sequence[Iterable[Cell]]) -> list[str]:
    return ["\n".join(filter(None, map(_text, row))) for row in zip(*columns, strict=True)]


def _text(cell: Cell) -> str:
    text = "" if cell is None else str(cell).strip("\ufeff \t\r\n")[:TEXT_AT_MOST]
    short = len(text) <= _BLANK_AT_MOST  # folding long texts would cost more than reading them
    return "" if short and is_missing(text) else text
