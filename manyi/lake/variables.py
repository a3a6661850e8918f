"""Single values of several variables laid side by side, one line a record, for methods by row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from manyi.kit.scale import Scale
from manyi.kit.selection import ATTRIBUTE, Selection
from manyi.lake import question, snapshot
from manyi.lake.expressions import mixed
from manyi.lake.mentioned import ASPECT
from manyi.lake.question import Question
from manyi.lake.tables import ANSWERS, ATTRIBUTES, MENTIONS, RECORDS, SCORES

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")
MOST_LINES = 50_000
# No place in the mixed order of records comes later.
ALL = 1 << 40


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
    one every time: those up to the place `cut` in the mixed order.
    """

    record: np.ndarray
    customer: np.ndarray
    anonymous: np.ndarray
    columns: Mapping[Asked, np.ndarray]
    scales: Mapping[Asked, Scale | None]
    cut: int = ALL

    def __len__(self) -> int:
        return len(self.record)


def remembered(selection: Selection, key: Any, make: Callable[[], T]) -> T:
    """Return `make()`, made once for each selection and key until the database changes."""
    now = question.read(selection.split(), SCORES)
    return now.remembered(_of(selection, key), make, is_of_lake=False)


def remembered_of(
    selection: Selection, tables: Collection[str], key: Any, make: Callable[[], T]
) -> T:
    """Return `make()`, made once for each selection and key until these tables change: it looks
    at nothing else."""
    whole = selection.split()
    names = {*tables, *(name for one in tables for name in question.needed(whole, one))}
    now = snapshot.read(selection.scope.organisation_id, names)
    return now.remembered(_of(selection, key), make)


def _of(selection: Selection, key: Any) -> Any:
    return ("analysis", selection.key, key)


def side_by_side(
    selection: Selection, asked: Sequence[Asked], *, at_most: int = MOST_LINES
) -> Lines:
    """Return the records of a selection, as the pages count them, with these variables."""
    whole = selection.split()
    names = {one.name for one in asked if isinstance(one, DimensionOf)} - {"day"}
    plain = sorted(name for name in names if not name.startswith(ATTRIBUTE))
    wanted = ["record", "customer", "anonymous", "day", *plain]
    base = _asked(whole, RECORDS, {})
    base = base.rows(wanted, at_most=at_most) if base else _nothing(RECORDS, wanted)
    base = base.take(np.argsort(base["record"].to_numpy(), kind="stable"))
    record = base["record"].to_numpy()
    cut = int(mixed(record).max()) if len(record) == at_most else ALL
    reader = _Reader(whole, base, record, cut)
    found = {one: reader.column(one) for one in asked}
    return Lines(
        record,
        base["customer"].to_numpy(),
        base["anonymous"].to_numpy(zero_copy_only=False).astype(bool),
        {one: column for one, (column, _) in found.items()},
        {one: scale for one, (_, scale) in found.items()},
        cut,
    )


@dataclass(frozen=True, eq=False)
class Said:
    """What texts mention, a line each: the record, the aspect's place among `aspects`, and how
    it is spoken of (-1, 0, 1)."""

    record: np.ndarray
    aspect: np.ndarray
    aspects: list[str]
    polarity: np.ndarray


def said_by_record(selection: Selection, cut: int) -> Said:
    """Return what the selection's texts mention, of records up to the `cut` of their lines."""
    columns = ("record", "aspect", "polarity")
    rows = _rows(selection.split(), MENTIONS, columns, {"facet": ASPECT}, cut)
    at, aspects = _coded(rows["aspect"])
    return Said(rows["record"].to_numpy(), at, aspects, rows["polarity"].to_numpy())


def places(record: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which wanted records are among these, which rise, and at which place each lies."""
    if not len(record):
        return np.zeros(len(wanted), bool), np.zeros(0, np.int64)
    at = np.minimum(np.searchsorted(record, wanted), len(record) - 1)
    there = record[at] == wanted
    return there, at[there]


def _coded(column: Any) -> tuple[np.ndarray, list[Any]]:
    """Return the place of each value among the different ones, and those; None is the last."""
    coded = column.combine_chunks().dictionary_encode()
    values = coded.dictionary.to_pylist()
    at = coded.indices.fill_null(len(values)).to_numpy()
    return at, [*values, None] if coded.null_count else values


def _rows(
    selection: Selection, table: str, columns: Sequence[str], fixed: Mapping[str, str], cut: int
) -> pa.Table:
    asked = _asked(selection, table, fixed)
    return asked.rows_until(cut, columns) if asked else _nothing(table, columns)


def _asked(selection: Selection, table: str, fixed: Mapping[str, str]) -> Question | None:
    return question.question(selection, table, question.read(selection, table), fixed=fixed)


def _nothing(table: str, columns: Sequence[str]) -> pa.Table:
    from manyi.lake.tables import schema

    return schema(table).empty_table().select(list(columns))


class _Reader:
    """Reads one variable after the other and lays it beside the records."""

    def __init__(self, selection: Selection, base: pa.Table, record: np.ndarray, cut: int) -> None:
        self.selection, self.base, self.record, self.cut = selection, base, record, cut

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

    def _score(self, one: ScoreOf) -> tuple[np.ndarray, Scale | None]:
        fixed = {"item": one.item, "metric": one.family}
        columns = ("record", "value", "worst", "best")
        rows = _rows(self.selection, SCORES, columns, fixed, self.cut)
        there, at = places(self.record, rows["record"].to_numpy())
        value, worst, best = (rows[name].to_numpy()[there] for name in columns[1:])
        found = np.full(len(self.record), np.nan)
        found[at] = (value - worst) / (best - worst) * 100
        ends = [*np.unique(worst).tolist(), *np.unique(best).tolist()]
        return found, Scale(*ends) if len(ends) == 2 else None

    def _answers(self, name: str, columns: Sequence[str]) -> tuple[pa.Table, np.ndarray]:
        rows = _rows(self.selection, ANSWERS, ("record", *columns), {"question": name}, self.cut)
        there, at = places(self.record, rows["record"].to_numpy())
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
        at, values = _coded(self.base[one.name])
        codes = question.read(self.selection, RECORDS).codes
        if codes.is_numbered(one.name):
            rolled = codes.above(one.depth) if one.depth is not None and one.name == "unit" else {}
            named = codes.by_id(one.name)
            values = [named.get(rolled.get(value, value)) for value in values]
        return np.array([value or None for value in values], object)[at]

    def _attribute(self, name: str) -> np.ndarray:
        # Asking for an attribute's rows takes the table of attributes alone.
        rows = _rows(self.selection, ATTRIBUTES, ("record", "setting"), {"name": name}, self.cut)
        there, at = places(self.record, rows["record"].to_numpy())
        found = np.full(len(self.record), None, object)
        found[at] = np.asarray(rows["setting"].to_pylist(), object)[there]
        return found
