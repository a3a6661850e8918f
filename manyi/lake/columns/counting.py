"""The counts that pages ask for, from columns: what the engine would count, to the last row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from manyi.feedback.taxonomy import group_of
from manyi.kit.selection import ATTRIBUTE
from manyi.lake.columns.frame import Frame, NotLaidOut, Source
from manyi.lake.columns.mixing import Mixed, mix
from manyi.lake.columns.rows import first, taken, until
from manyi.lake.columns.words import lexicon
from manyi.lake.crowd import MOST_SIDES, Crowd
from manyi.lake.expressions import NO_SURVEY, OPEN, Shape, keys, scale_keys
from manyi.lake.people import People, bits_for
from manyi.lake.tables import ASPECT_GROUP, schema
from manyi.stats.moments import GROUPS

if TYPE_CHECKING:
    import pyarrow as pa

Integers = NDArray[np.int64]
# So few groups are not looked through for those that nobody is in.
_FEW_GROUPS = 32
# Columns that most often hold one value alone.
_OFTEN_ALIKE = frozenset({"metric", "worst", "best", "aspect"})


def count(
    shape: Shape,
    values: Mapping[str, Any],
    tables: Mapping[str, pa.Table],
    frames: dict[Any, Frame],
) -> pa.Table | People | Crowd:
    """Return the answer to a question, of "pairs" who answered (those of few groups as a crowd);
    raises NotLaidOut.

    `frames` keeps the rows that were picked for other measures of the same question.
    """
    measure = _MEASURES.get(shape.measure)
    if measure is None:
        raise NotLaidOut
    words = lexicon(values["organisation"])
    fixed = {"anonymous": True} if shape.measure in _OF_ANONYMOUS else {}
    return measure(_Counting(Source(shape, values, tables, words), frames, **fixed))


def rows(
    shape: Shape,
    values: Mapping[str, Any],
    tables: Mapping[str, pa.Table],
    frames: dict[Any, Frame],
) -> int:
    """Return how many rows a question is about; raises NotLaidOut."""
    words = lexicon(values["organisation"])
    return len(_Counting(Source(shape, values, tables, words), frames).frame)


class _Counting:
    """One question: its rows, and the columns that it counts them by."""

    def __init__(self, source: Source, frames: dict[Any, Frame], **fixed: bool) -> None:
        self.source, self.shape, self.words = source, source.shape, source.lexicon
        key = (self.shape.sources, *fixed)
        if key not in frames:
            frames[key] = source.frame(**fixed)
        self.frame = frames[key]

    @property
    def sides(self) -> int:
        """Return how many sides there are, at least one."""
        return max((one.side.bit_length() for one in self.source.spans), default=1)

    def codes(self, name: str) -> tuple[NDArray[np.integer], int]:
        """Return a column's code in each row, and how many codes there are."""
        if name in ("side", "sides"):
            found = self.frame.of_span(name)
            return found, int(found.max(initial=0)) + 1
        if name == "cluster":
            return self.frame.cluster, GROUPS
        if name == "apart":
            return self.frame.apart(OPEN, NO_SURVEY), len(self.words.columns["apart"])
        if name == ASPECT_GROUP:
            return self._aspect_groups()
        if name[0] == "g" and name[1:].isdigit():
            found = self._group(self.shape.by[int(name[1:])], int(name[1:]))
        else:
            found = self.frame.column(self._column(name))
        return found, len(self.words.columns[self._column(name)])

    def _column(self, name: str) -> str:
        """Return the column whose words a column's codes stand for."""
        if name == "period":
            return str(self.shape.interval)
        if name == ASPECT_GROUP:
            return "aspect"
        if name[0] != "g" or not name[1:].isdigit():
            return name
        dimension = self.shape.by[int(name[1:])]
        return "setting" if dimension.startswith(ATTRIBUTE) else dimension

    def _group(self, dimension: str, place: int) -> NDArray[np.int32]:
        if dimension.startswith(ATTRIBUTE):
            name = str(self.source.values[f"by_{place}"])
            return self.frame.held(f"setting {name}", lambda: self.source.settings_of(name))
        found = self.frame.column(dimension)
        if dimension != "unit" or not self.shape.rolled:
            return found
        above, words = self.source.tables["above"], self.words.columns["unit"]
        below, tops = (words.codes(above[n].to_pylist()) for n in ("below", f"g{place}"))
        nobody = words.codes([None])[0]
        rolled = np.full(len(words), nobody, np.int32)
        rolled[below] = tops
        return rolled[found]

    def _aspect_groups(self) -> tuple[NDArray[np.int32], int]:
        found, words = self.frame.column("aspect"), self.words.columns["aspect"]
        groups = words.codes([group_of(one) if one else one for one in list(words.values)])
        return groups[found], len(words)

    def is_open(self, codes: Integers) -> NDArray[np.bool_]:
        """Return which codes of what comes apart stand for people who are not anonymous."""
        found: NDArray[np.bool_] = codes == self.words.columns["apart"].codes([OPEN])[0]
        return found

    def mixed(self, names: Sequence[str]) -> Mixed:
        """Return the columns mixed; those with the fewest codes first."""
        found = Mixed(len(self.frame))
        each = {}
        for name in names:
            alike = self.frame.uniform(name) if name in _OFTEN_ALIKE else None
            if alike is None:
                each[name] = self.codes(name)
            else:
                found.always(name, alike)
        # Sides last: what one person gave on several of them lies together.
        for name in sorted(each, key=lambda name: (name == "side", each[name][1])):
            found.add(name, *each[name])
        return found

    def table(self, names: Sequence[str], told: Mapping[str, Integers], **counts: Any) -> pa.Table:
        """Return counts by the values that codes stand for."""
        import pyarrow as pa

        columns = {name: self._values(name, told[name]) for name in names}
        return pa.table(columns | {n: pa.array(c, pa.int64()) for n, c in counts.items()})

    def _values(self, name: str, codes: Integers) -> pa.Array:
        import pyarrow as pa

        if name in ("side", "sides"):
            return pa.array(codes, pa.int64())
        if name == "cluster":
            return pa.array(codes, pa.uint8())
        if name == "apart":
            return self.words.columns["apart"].taken(codes, pa.int64())
        column = self._column(name)
        kind = pa.date32() if name == "period" else self._kind(column)
        return self.words.columns[column].taken(codes, kind)

    def _kind(self, column: str) -> pa.DataType:
        import pyarrow as pa

        return pa.string() if column == "setting" else schema(self.shape.table).field(column).type


def _tally(names: Sequence[str], asked: _Counting) -> pa.Table:
    if not names:
        raise NotLaidOut
    mixed = asked.mixed(names)
    if "apart" in names:
        codes, n = mixed.counted()
        told = mixed.told(codes)
        hidden = np.where(asked.is_open(told["apart"]), 0, n)
        return asked.table(names, told, n=n, n_anonymous=hidden)
    mixed.add("anonymous", asked.frame.plain("anonymous"), 2)
    counts = mixed.counts().reshape(-1, 2)
    codes = np.flatnonzero(counts.any(axis=1))
    told, n = mixed.told(2 * codes), counts[codes]
    return asked.table(names, told, n=n.sum(axis=1), n_anonymous=n[:, 1])


def _tallied(*own: str) -> Callable[[_Counting], pa.Table]:
    return lambda asked: _tally([*keys(asked.shape), *own], asked)


def _cells(asked: _Counting) -> pa.Table:
    return _tally([*keys(asked.shape), *scale_keys(asked.shape), "value"], asked)


def _cells_by_cluster(asked: _Counting) -> pa.Table:
    return _tally([*keys(asked.shape), *scale_keys(asked.shape), "value", "cluster"], asked)


def _hidden(*own: str) -> Callable[[_Counting], pa.Table]:
    def measure(asked: _Counting) -> pa.Table:
        names = [*keys(asked.shape), *own]
        if not names:
            raise NotLaidOut
        mixed = asked.mixed(names)
        codes, n = mixed.counted()
        return asked.table(names, mixed.told(codes), n=n)

    return measure


def _hidden_by_aspect_group(asked: _Counting) -> pa.Table:
    """Count anonymous records by the groups of the aspects that they mention, once in each."""
    names = [*keys(asked.shape), ASPECT_GROUP]
    mixed = asked.mixed(names)
    mixed.tighten()
    _, record = np.unique(asked.frame.records, return_inverse=True)
    each = np.unique(record * mixed.width + mixed.code)
    counts = np.bincount(each % max(mixed.width, 1), minlength=mixed.width)
    codes = np.flatnonzero(counts)
    return asked.table(names, mixed.told(codes), n=counts[codes])


def _asked(asked: _Counting) -> pa.Table:
    return _records_by([*keys(asked.shape), "row"], asked)


def _asked_by_cluster(asked: _Counting) -> pa.Table:
    return _records_by([*keys(asked.shape), "row", "cluster"], asked)


def _records_by(names: Sequence[str], asked: _Counting) -> pa.Table:
    """Count records by group; the rows of one lie together."""
    mixed, record = asked.mixed(names), asked.frame.records
    mixed.tighten()
    other = np.concatenate([[0], np.cumsum(record[1:] != record[:-1])]) if len(record) else record
    pairs = np.unique(other * mixed.width + mixed.code)
    counts = np.bincount(pairs % max(mixed.width, 1), minlength=mixed.width)
    codes = np.flatnonzero(counts)
    return asked.table(names, mixed.told(codes), n=counts[codes])


def _pairs(asked: _Counting) -> People | Crowd:
    names = [*keys(asked.shape), *scale_keys(asked.shape)]
    if asked.shape.by or asked.shape.interval or asked.sides > MOST_SIDES:
        return _people_by(names, asked)
    return _crowd(names, asked)


def _crowd(names: Sequence[str], asked: _Counting) -> Crowd:
    plain = [name for name in names if name != "side"]
    mixed, customer = asked.mixed(names), asked.frame.column("customer")
    n_unknown = np.bincount(mixed.code[customer < 0], minlength=mixed.width)
    known, unknown = np.flatnonzero(mixed.counts() - n_unknown), np.flatnonzero(n_unknown)
    told, place = _alike(mixed.told(known), plain)
    width, groups = len(asked.words.customers) + 1, asked.table(plain, told)
    # Nobody known is -1, and so falls into the last place, which stands for no customer.
    at = customer
    if groups.num_rows > 1:
        at = _placed(place, known, mixed)[mixed.code] * width + customer
    sides = np.zeros(groups.num_rows * width, np.uint8)
    for bit, pieces in asked.frame.by_side().items() if groups.num_rows else ():
        here = np.zeros(len(sides), bool)
        for rows in pieces:
            here[at[rows]] = True
        sides |= here.view(np.uint8) << bit
    nobody = _unknown(names, asked, mixed.told(unknown), n_unknown[unknown])
    return Crowd(groups, sides.reshape(-1, width)[:, :-1], nobody, asked.shape.sided)


def _alike(
    told: Mapping[str, Integers], names: Sequence[str]
) -> tuple[dict[str, Integers], Integers]:
    """Return the different groups by these columns, and the place of each line among them."""
    each, place = np.unique(np.stack([told[name] for name in names]), axis=1, return_inverse=True)
    return dict(zip(names, each, strict=True)), place.reshape(-1)


def _placed(place: Integers, codes: Integers, mixed: Mixed) -> Integers:
    """Return for each mixed code the place of its group, for those of no group any."""
    found = np.zeros(mixed.width, np.int64)
    found[codes] = place
    return found


def _rows(asked: _Counting) -> pa.Table:
    shape, record = asked.shape, asked.frame.records
    most = shape.at_most
    at = until(record, int(asked.source.values["cut"])) if most is None else first(record, most)
    return taken(asked.frame, asked.words, shape.table, shape.columns, at)


def _mentioning(asked: _Counting) -> pa.Table:
    return _people_by([*keys(asked.shape), "aspect"], asked).answer


def _people(asked: _Counting) -> pa.Table:
    return _people_by([*keys(asked.shape), *scale_keys(asked.shape)], asked).answer


def _people_by(names: Sequence[str], asked: _Counting) -> People:
    mixed = asked.mixed(names)
    if mixed.width > _FEW_GROUPS:
        mixed.tighten()
    bits = bits_for(mixed.width)
    customer, many = asked.frame.column("customer"), len(asked.words.customers) + 1
    # Nobody known is -1, and so comes first.
    code, n = _counted(mix(customer + 1, many, mixed.code, 1 << bits), many << bits)
    first = int(np.searchsorted(code, 1 << bits))
    known = code[first:].astype(np.int64) - (1 << bits)
    unknown = _unknown(names, asked, mixed.told(code[:first]), n[:first])
    groups = asked.table(names, mixed.told(np.arange(mixed.width if len(known) else 0)))
    return People(groups, bits, known, n[first:].astype(np.int32), unknown)


def _counted(codes: Integers, width: int) -> tuple[Integers, Integers]:
    """Return the different codes in their order, and how often each occurs."""
    if width > 4 * len(codes):
        return np.unique(codes, return_counts=True)
    counts = np.bincount(codes, minlength=width)
    found = np.flatnonzero(counts)
    return found, counts[found]


def _unknown(
    names: Sequence[str], asked: _Counting, told: Mapping[str, Integers], n: Integers
) -> pa.Table:
    """Return how many records of nobody known there are, each a person of its own: by group, and
    by all the sides that they lie on."""
    if asked.shape.sided:
        if asked.frame.is_overlapping:
            return _unknown_by_sides(names, asked)
        names = [*(name for name in names if name != "side"), "sides"]
        told = {**told, "sides": told["side"]}
    return asked.table(names, told, n=n, n_known=np.zeros_like(n))


def _unknown_by_sides(names: Sequence[str], asked: _Counting) -> pa.Table:
    names = [*(name for name in names if name != "side"), "sides"]
    side, sides = asked.frame.of_span("side"), asked.frame.of_span("sides")
    unknown = (asked.frame.column("customer") < 0) & (side == (sides & -sides))
    mixed = asked.mixed(names)
    counts = np.bincount(mixed.code, unknown).astype(np.int64)
    codes = np.flatnonzero(counts)
    return asked.table(names, mixed.told(codes), n=counts[codes], n_known=0 * codes)


_OF_ANONYMOUS = frozenset({"anonymous", "anonymous_said", "anonymous_by_aspect_group"})
_MEASURES: dict[str, Callable[[_Counting], Any]] = {
    "cells": _cells,
    "cells_by_cluster": _cells_by_cluster,
    "pairs": _pairs,
    "people": _people,
    "people_by_sides": _people,
    "records": _tallied("state"),
    "answers": _tallied("row", "code", "number"),
    "answers_by_cluster": _tallied("row", "code", "number", "cluster"),
    "asked": _asked,
    "asked_by_cluster": _asked_by_cluster,
    "values": _tallied(),
    "anonymous": _hidden(),
    "anonymous_said": _hidden("aspect"),
    "anonymous_by_aspect_group": _hidden_by_aspect_group,
    "rows": _rows,
    "said": _tallied("aspect", "polarity"),
    "mentioned": _tallied("aspect", "polarity", "cluster"),
    "mentioning": _mentioning,
}
