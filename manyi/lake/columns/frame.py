"""The rows that a question means, picked out of the columns of files and of rows in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from manyi.lake.columns import layout, parts, records
from manyi.lake.columns.parts import Part, Run
from manyi.lake.columns.records import Held
from manyi.lake.columns.spans import Span, spans_of
from manyi.lake.columns.words import Codes, Lexicon
from manyi.lake.expressions import Shape
from manyi.lake.tables import ANSWERS, ATTRIBUTES, MENTIONS

if TYPE_CHECKING:
    import pyarrow as pa

# So many rows are counted at once in memory; the engine streams what is more.
MOST_ROWS = 12_000_000
Bools = NDArray[np.bool_]


class NotLaidOut(Exception):
    """The columns do not hold what is asked: the engine is to be asked instead."""


@dataclass(frozen=True)
class Piece:
    """Some rows of a part that lie in a span."""

    part: Part
    rows: slice | NDArray[np.int64]
    span: Span

    def __len__(self) -> int:
        if isinstance(self.rows, slice):
            return int(self.rows.stop - self.rows.start)
        return len(self.rows)

    def where(self, keep: Bools) -> Piece:
        if keep.all():
            return self
        at = np.flatnonzero(keep)
        rows = at + self.rows.start if isinstance(self.rows, slice) else self.rows[at]
        return replace(self, rows=rows)


@dataclass(frozen=True)
class Asked:
    """What a table's rows must be: leading and other columns equal to a value, columns among
    values, inside spans, of these records alone."""

    table: str
    fixed: Mapping[str, Any]
    among: Mapping[str, Sequence[Any]]
    spans: Sequence[Span]
    either: tuple[Mapping[str, Sequence[Any]], ...] = ()


class Frame:
    """Rows of a table, column by column."""

    def __init__(self, pieces: Iterable[Piece], lexicon: Lexicon) -> None:
        self.pieces = [one for one in pieces if len(one)]
        self.lexicon = lexicon
        self._columns: dict[str, Codes] = {}
        self._rows = sum(map(len, self.pieces))
        if self._rows > MOST_ROWS:
            raise NotLaidOut

    def __len__(self) -> int:
        return self._rows

    def column(self, name: str) -> Codes:
        """Return the codes of a column, as all parts have them."""
        if name not in self._columns:
            stored = "day" if name in _OF_DAY else name
            found = np.empty(len(self), np.int32)
            for at, one in self._places():
                own, shared = one.part.codes(stored)[one.rows], one.part.shared(name)
                np.take(shared, own, out=found[at], mode="clip")
            self._columns[name] = found
        return self._columns[name]

    def uniform(self, name: str) -> int | None:
        """Return the code that all rows have of a column; None where they differ."""
        found = set()
        for one in self.pieces:
            codes = one.part.codes("day" if name in _OF_DAY else name)[one.rows]
            low = int(codes.min())
            if low != codes.max():
                return None
            found.add(int(one.part.shared(name)[low]))
        return found.pop() if len(found) == 1 else None

    def plain(self, name: str) -> NDArray[Any]:
        """Return a column that holds no codes."""
        each = [one.part.plain(name)[one.rows] for one in self.pieces]
        return np.concatenate(each) if each else np.zeros(0, np.int64)

    @cached_property
    def records(self) -> NDArray[np.int64]:
        return self.plain("record")

    def held(self, name: str, look_up: Callable[[], Held]) -> Codes:
        """Return what the rows' records hold, looked up once for a name."""
        if name not in self._columns:
            self._columns[name] = look_up().of(self.records)
        return self._columns[name]

    @cached_property
    def cluster(self) -> NDArray[Any]:
        return self.plain("cluster")

    @cached_property
    def anonymous(self) -> Bools:
        return self.plain("anonymous").astype(bool)

    def apart(self, is_open: int, no_survey: int) -> Codes:
        """Return the survey's code of each anonymous row, and the one of `is_open` of others."""
        if "apart" not in self._columns:
            self._columns["apart"] = self._apart(is_open, no_survey)
        return self._columns["apart"]

    def _apart(self, is_open: int, no_survey: int) -> Codes:
        words = self.lexicon.columns["apart"]
        known = words.codes([is_open])[0]
        found = np.empty(len(self), np.int32)
        for at, one in self._places():
            anonymous = one.part.plain("anonymous")[one.rows].view(bool)
            if not anonymous.any():
                found[at] = known
                continue
            values = one.part.values("survey")
            shared = words.codes([no_survey if value is None else value for value in values])
            own = shared.take(one.part.codes("survey")[one.rows], mode="clip")
            found[at] = np.where(anonymous, own, known)
        return found

    def by_side(self) -> Mapping[int, list[slice]]:
        """Return for each side's place where the rows lie that are on it."""
        found: dict[int, list[slice]] = {}
        for at, one in self._places():
            found.setdefault(max(one.span.side.bit_length() - 1, 0), []).append(at)
        return found

    def of_span(self, name: str) -> Codes:
        """Return the side, or all sides, that each row lies on."""
        sides = np.array([getattr(one.span, name) for one in self.pieces], np.int32)
        return np.repeat(sides, [len(one) for one in self.pieces])

    @cached_property
    def is_overlapping(self) -> bool:
        """Whether rows lie on several sides at once."""
        return any(one.span.side != one.span.sides for one in self.pieces)

    def _places(self) -> Iterator[tuple[slice, Piece]]:
        start = 0
        for one in self.pieces:
            yield slice(start, start + len(one)), one
            start += len(one)


_OF_DAY = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True)
class Source:
    """What the lake holds at one moment: files, rows in memory, copies that count no more."""

    shape: Shape
    values: Mapping[str, Any]
    tables: Mapping[str, pa.Table]
    lexicon: Lexicon

    def parts(self, table: str) -> Iterator[tuple[Part, Bools | None]]:
        """Yield every part of a table with which of its rows count; None where all do."""
        if f"cold_{table}" in self.shape.sources:
            gone = self._left("superseded"), self._left("due" if table == MENTIONS else "rehot")
            for path in self.values[f"cold_{table}"]:
                try:
                    part = parts.opened(table, path, self.lexicon)
                except OSError as error:
                    raise NotLaidOut from error
                yield part, part.counting(*gone)
        if f"hot_{table}" in self.shape.sources:
            yield parts.of_rows(table, self.tables[f"hot_{table}"], self.lexicon), None

    def _left(self, name: str) -> pa.Table | None:
        return self.tables[name] if name in self.shape.less else None

    @cached_property
    def spans(self) -> Sequence[Span]:
        if self.shape.sided:
            return list(spans_of(self.tables["sides"]))
        return self.dates

    @cached_property
    def dates(self) -> Sequence[Span]:
        if not self.shape.dated:
            return [Span(0, date.max.toordinal())]
        ends = (date.fromisoformat(self.values[end]).toordinal() for end in ("first", "last"))
        return [Span(*ends)]

    def frame(self, **more: bool) -> Frame:
        """Return the rows that the question is about; `more` must be equal as well."""
        fixed = {name: self.values[name] for name in self.shape.fixed} | more
        generation = self._generation if self.shape.table == MENTIONS else {}
        wanted = [name for name in sorted(self.shape.filters) if name != "record"]
        among = {name: self.tables[f"only_{name}"][name].to_pylist() for name in wanted}
        for name in sorted(self.shape.own):
            own = self.tables[f"own_{name}"][name].to_pylist()
            among[name] = own if name not in among else list(set(own) & set(among[name]))
        asked = Asked(self.shape.table, fixed, among | generation, self.spans)
        of_records = [self._having(i) for i in range(self.shape.attributes)]
        of_records += [self._answering(i) for i in range(self.shape.answers)]
        of_records += [self._saying(i, names) for i, names in enumerate(self.shape.said)]
        if "record" in self.shape.filters:
            of_records.append(records.among(self.tables["only_record"]["record"].to_numpy()))
        return Frame(self._pieces(asked, of_records), self.lexicon)

    @property
    def _generation(self) -> dict[str, list[int]]:
        return {"generation": [int(self.values["generation"])]}

    def settings_of(self, name: str) -> Held:
        """Return the setting of an attribute that each record has, or that of none."""
        asked = Asked(ATTRIBUTES, {"name": name}, {}, self.dates)

        def look() -> Held:
            given, nothing = self._rows(asked), self.lexicon.columns["setting"].codes([None])[0]
            return records.held(given.records, given.column("setting"), nothing)

        return self._remembered("settings", asked, look)

    def _having(self, i: int) -> Held:
        settings = self.tables[f"settings_{i}"]["setting"].to_pylist()
        fixed = {"name": self.values[f"attribute_{i}"]}
        return self._records(Asked(ATTRIBUTES, fixed, {"setting": settings}, self.dates))

    def _answering(self, i: int) -> Held:
        fixed = {"question": self.values[f"question_{i}"]}
        lines = (
            {"row": self.tables[f"lines_{i}"]["row"].to_pylist()} if i in self.shape.lines else {}
        )
        either = (
            self._values("code", f"codes_{i}"),
            self._values("number", f"numbers_{i}"),
        )
        return self._records(Asked(ANSWERS, fixed, lines, self.dates, either))

    def _values(self, name: str, table: str) -> dict[str, list[Any]]:
        return {name: self.tables[table][name].to_pylist()}

    def _saying(self, i: int, names: Sequence[str]) -> Held:
        among = {name: self.tables[f"said_{i}_{name}"][name].to_pylist() for name in names}
        return self._records(Asked(MENTIONS, {}, among | self._generation, self.dates))

    def _records(self, asked: Asked) -> Held:
        return self._remembered("among", asked, lambda: records.among(self._rows(asked).records))

    def _rows(self, asked: Asked) -> Frame:
        return Frame(self._pieces(asked, ()), self.lexicon)

    def _remembered(self, what: str, asked: Asked, look: Callable[[], Held]) -> Held:
        """Return what is looked up in files, in rows in memory, or in both, once for these."""
        cold, hot = f"cold_{asked.table}", f"hot_{asked.table}"
        there = [name for name in (cold, hot) if name in self.shape.sources]
        paths = tuple(self.values[cold]) if cold in there else ()
        tables = [self.tables[hot] if hot in there else None]
        tables += [self._left(name) for name in ("superseded", "rehot", "due")]
        # Codes are the process's own: another lexicon has others.
        key = (what, repr(asked), tuple(there), paths, id(self.lexicon))
        return records.remembered(key, [*tables, self.lexicon], look)

    def _pieces(self, asked: Asked, of_records: Sequence[Held]) -> Iterator[Piece]:
        for part, counting in self.parts(asked.table):
            _require_laid_out(part, asked)
            admitted = _Admitted(part, asked, self.lexicon, counting)
            for piece in _cut(part, asked):
                found = piece.where(keep) if (keep := admitted.of(piece)) is not None else piece
                for one in of_records:
                    found = found.where(one.of(part.plain("record")[found.rows]))
                yield found


def _require_laid_out(part: Part, asked: Asked) -> None:
    if part.left_out:
        lead = layout.FIRST[asked.table][0]
        if asked.fixed.get(lead) is None or asked.fixed[lead] in part.left_out:
            raise NotLaidOut


def _cut(part: Part, asked: Asked) -> Iterator[Piece]:
    """Yield the rows of the wanted runs in each span, rows that touch in one piece."""
    names = layout.FIRST.get(asked.table, ())
    runs = part.runs_of(tuple(_own(part, name, asked) for name in names))
    for span in asked.spans if runs else ():
        start = stop = -1
        for first, end in _inside(part, runs, span):
            if first != stop:
                if start < stop:
                    yield Piece(part, slice(start, stop), span)
                start = first
            stop = end
        if start < stop:
            yield Piece(part, slice(start, stop), span)


def _inside(part: Part, runs: Iterable[Run], span: Span) -> Iterator[tuple[int, int]]:
    """Yield where the rows of each run that lie in a span begin and end."""
    first = int(np.searchsorted(part.ordinals, span.first, "left"))
    last = int(np.searchsorted(part.ordinals, span.last, "right"))
    if first >= last:
        return
    days, is_whole = part.codes("day"), first == 0 and last == len(part.ordinals)
    # As small as the days themselves: for larger numbers all days would be copied.
    ends = np.array((first, last), days.dtype)
    for run in runs:
        if is_whole:
            yield run.start, run.stop
            continue
        low, high = days[run.start : run.stop].searchsorted(ends).tolist()
        yield run.start + low, run.start + high


def _own(part: Part, name: str, asked: Asked) -> frozenset[int] | None:
    """Return the part's own codes of what is asked of a leading column; None for any."""
    if name in asked.fixed:
        wanted = {asked.fixed[name]}
    elif name in asked.among:
        wanted = set(asked.among[name])
    else:
        return None
    return frozenset(at for at, value in enumerate(part.values(name)) if value in wanted)


class _Admitted:
    """Which rows of a part meet the conditions that are not on its leading columns."""

    def __init__(self, part: Part, asked: Asked, lexicon: Lexicon, counting: Bools | None) -> None:
        self.part, self.lexicon, self.counting = part, lexicon, counting
        lead = layout.FIRST.get(asked.table, ())
        self.anonymous = asked.fixed.get("anonymous")
        fixed = {n: [v] for n, v in asked.fixed.items() if n not in (*lead, "anonymous")}
        among = {n: v for n, v in asked.among.items() if n not in lead}
        self.good = {name: self._good(name, v) for name, v in (fixed | among).items()}
        self.either = [{n: self._good(n, v) for n, v in one.items()} for one in asked.either]

    def _good(self, name: str, values: Sequence[Any]) -> Bools:
        """Return which of the part's own codes of a column are admitted."""
        words, shared = self.lexicon.columns[name], self.part.shared(name)
        good = words.known(values)
        found = np.zeros(len(words), bool)
        found[good] = True
        return found[shared]

    def of(self, piece: Piece) -> Bools | None:
        """Return which rows of a piece are admitted; None where all are."""
        keep = None if self.counting is None else self.counting[piece.rows]
        if self.anonymous is not None:
            own = self.part.plain("anonymous")[piece.rows] == bool(self.anonymous)
            keep = own if keep is None else keep & own
        for name, good in self.good.items():
            keep = self._and(keep, name, good, piece)
        if self.either:
            any_of = [
                good[self.part.codes(n)[piece.rows]] for e in self.either for n, good in e.items()
            ]
            whole: Bools = np.logical_or.reduce(any_of)
            keep = whole if keep is None else keep & whole
        return keep

    def _and(self, keep: Bools | None, name: str, good: Bools, piece: Piece) -> Bools | None:
        if good.all():
            return keep
        own: Bools = good[self.part.codes(name)[piece.rows]]
        return own if keep is None else keep & own
