"""Single values of several variables laid side by side, one line a record, for methods by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from manyi.kit.scale import Scale
from manyi.kit.selection import ATTRIBUTE, Selection
from manyi.lake import question
from manyi.lake.mentioned import ASPECT
from manyi.lake.tables import ANSWERS, ATTRIBUTES, MENTIONS, RECORDS, SCORES

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")
MOST_LINES = 50_000
_MOST_CHOICES = 100


@dataclass(frozen=True)
class ScoreOf:
    """The score of an item of one family, as an index from 0 (worst) to 100 (best)."""

    item: str
    family: str


@dataclass(frozen=True)
class CodeOf:
    """The code chosen in a question, or in a row of a matrix."""

    question: str
    row: str = ""


@dataclass(frozen=True)
class HasCode:
    """Whether a code was chosen (1) or not (0), among those who answered the question."""

    question: str
    code: str


@dataclass(frozen=True)
class NumberOf:
    """The number given to a question, or in a row of a matrix."""

    question: str
    row: str = ""


@dataclass(frozen=True)
class DimensionOf:
    """The code of a dimension, of `attribute:NAME`, or the `day`; units rolled up to `depth`."""

    name: str
    depth: int | None = None


Asked = ScoreOf | CodeOf | HasCode | NumberOf | DimensionOf


@dataclass(frozen=True, eq=False)
class Lines:
    """One line a record: `columns` hold numbers (NaN for none) or codes (None for none).

    `scales` tells the scale of a score where all lines have the same one. `customer` is below
    0 where nobody is known. Of more than `MOST_LINES` records the lines are a sample, the same
    one every time.
    """

    record: np.ndarray
    customer: np.ndarray
    anonymous: np.ndarray
    columns: Mapping[Asked, np.ndarray]
    scales: Mapping[Asked, Scale | None]

    def __len__(self) -> int:
        return len(self.record)


def remembered(selection: Selection, key: Any, make: Callable[[], T]) -> T:
    """Return `make()`, made once for each selection and key until the database changes."""
    now = question.read(selection.split(), SCORES)
    whole = ("analysis", selection.query(), selection.scope.unit_ids, key)
    return now.remembered(whole, make, is_of_lake=False)


def side_by_side(
    selection: Selection, asked: Sequence[Asked], *, at_most: int = MOST_LINES
) -> Lines:
    """Return the records of a selection, as the pages count them, with these variables."""
    whole = selection.split()
    names = {one.name for one in asked if isinstance(one, DimensionOf)} - {"day"}
    plain = sorted(name for name in names if not name.startswith(ATTRIBUTE))
    wanted = ["record", "customer", "anonymous", "day", *plain]
    base = _rows(whole, RECORDS, wanted, {}, at_most)
    sorted_base = base.take(np.argsort(base["record"].to_numpy(), kind="stable"))
    record = sorted_base["record"].to_numpy()
    reader = _Reader(whole, sorted_base, record, at_most)
    found = {one: reader.column(one) for one in asked}
    return Lines(
        record,
        sorted_base["customer"].to_numpy(),
        np.asarray(sorted_base["anonymous"].to_pylist(), bool),
        {one: column for one, (column, _) in found.items()},
        {one: scale for one, (_, scale) in found.items()},
    )


def said_by_record(selection: Selection) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Return record, aspect and polarity (-1, 0, 1) of what the selection's texts mention."""
    columns = ("record", "aspect", "polarity")
    most = MOST_LINES * _MOST_CHOICES
    rows = _rows(selection.split(), MENTIONS, columns, {"facet": ASPECT}, most)
    return rows["record"].to_numpy(), rows["aspect"].to_pylist(), rows["polarity"].to_numpy()


def _rows(
    selection: Selection, table: str, columns: Sequence[str], fixed: Mapping[str, str], most: int
) -> pa.Table:
    from manyi.lake.tables import schema

    now = question.read(selection, table)
    asked = question.question(selection, table, now, fixed=fixed)
    if asked is None:
        return schema(table).empty_table().select(list(columns))
    return asked.ask("rows", columns=tuple(columns), at_most=most)


class _Reader:
    """Reads one variable after the other and lays it beside the records."""

    def __init__(
        self, selection: Selection, base: pa.Table, record: np.ndarray, at_most: int
    ) -> None:
        self.selection, self.base, self.record = selection, base, record
        self.at_most = at_most

    def column(self, one: Asked) -> tuple[np.ndarray, Scale | None]:
        match one:
            case ScoreOf():
                return self._score(one)
            case CodeOf():
                return self._code(one), None
            case HasCode():
                return self._has(one), None
            case NumberOf():
                return self._number(one), None
            case DimensionOf():
                return self._dimension(one), None

    def _places(self, records: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return which of these records are among ours, and at which line."""
        if not len(self.record):
            return np.zeros(len(records), bool), np.zeros(0, np.int64)
        at = np.minimum(np.searchsorted(self.record, records), len(self.record) - 1)
        there = self.record[at] == records
        return there, at[there]

    def _score(self, one: ScoreOf) -> tuple[np.ndarray, Scale | None]:
        fixed = {"item": one.item, "metric": one.family}
        columns = ("record", "value", "worst", "best")
        rows = _rows(self.selection, SCORES, columns, fixed, self.at_most)
        there, at = self._places(rows["record"].to_numpy())
        value, worst, best = (rows[name].to_numpy()[there] for name in columns[1:])
        found = np.full(len(self.record), np.nan)
        found[at] = (value - worst) / (best - worst) * 100
        ends = set(zip(worst.tolist(), best.tolist(), strict=True))
        return found, Scale(*ends.pop()) if len(ends) == 1 else None

    def _answers(self, name: str, columns: Sequence[str]) -> tuple[pa.Table, np.ndarray]:
        most = self.at_most * _MOST_CHOICES
        rows = _rows(self.selection, ANSWERS, ("record", *columns), {"question": name}, most)
        there, at = self._places(rows["record"].to_numpy())
        return rows.filter(there), at

    def _code(self, one: CodeOf) -> np.ndarray:
        rows, at = self._answers(one.question, ("row", "code"))
        found = np.full(len(self.record), None, object)
        for place, row, code in zip(
            at.tolist(), rows["row"].to_pylist(), rows["code"].to_pylist(), strict=True
        ):
            if row == one.row and code not in ("", "na"):
                found[place] = code
        return found

    def _has(self, one: HasCode) -> np.ndarray:
        rows, at = self._answers(one.question, ("code",))
        found = np.full(len(self.record), np.nan)
        codes = np.asarray(rows["code"].to_pylist(), object)
        found[at[codes != "na"]] = np.fmax(found[at[codes != "na"]], 0.0)
        found[at[codes == one.code]] = 1.0
        return found

    def _number(self, one: NumberOf) -> np.ndarray:
        rows, at = self._answers(one.question, ("row", "number"))
        mine = np.asarray(rows["row"].to_pylist(), object) == one.row
        found = np.full(len(self.record), np.nan)
        found[at[mine]] = rows["number"].to_numpy()[mine]
        return found

    def _dimension(self, one: DimensionOf) -> np.ndarray:
        if one.name.startswith(ATTRIBUTE):
            return self._attribute(one.name.removeprefix(ATTRIBUTE))
        if one.name == "day":
            return np.array([day.toordinal() for day in self.base["day"].to_pylist()], float)
        stored = self.base[one.name].to_pylist()
        codes = question.read(self.selection, RECORDS).codes
        if not codes.is_numbered(one.name):
            return np.array([value or None for value in stored], object)
        rolled = codes.above(one.depth) if one.depth is not None and one.name == "unit" else {}
        named = codes.by_id(one.name)
        return np.array([named.get(rolled.get(value, value)) for value in stored], object)

    def _attribute(self, name: str) -> np.ndarray:
        # Asking for an attribute's rows takes the table of attributes alone.
        rows = _rows(
            self.selection, ATTRIBUTES, ("record", "setting"), {"name": name}, self.at_most
        )
        there, at = self._places(rows["record"].to_numpy())
        found = np.full(len(self.record), None, object)
        found[at] = np.asarray(rows["setting"].to_pylist(), object)[there]
        return found
