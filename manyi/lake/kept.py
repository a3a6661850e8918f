"""What was counted in files, kept in the process and carried along as files come and go.

A file never changes, so a count over files differs from an older one by the files that came
and went and by the records whose copies have since become outdated, or count again: those
alone are counted. A few new files are handed back instead, to be counted with the hot rows.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, Union, cast

from manyi.lake import engine
from manyi.lake.adding import added, negative
from manyi.lake.content import content
from manyi.lake.crowd import Crowd
from manyi.lake.expressions import Shape, compiled
from manyi.lake.people import People

if TYPE_CHECKING:
    import pyarrow as pa

_MOST, _MOST_BYTES = 2048, 256 * 1024 * 1024
# So many new rows are counted with the hot ones before they are added to what is kept.
_FEW_ROWS = 20_000
Files = Mapping[str, frozenset[str]]
Counts = Union["pa.Table", People, Crowd]


class Sized(Protocol):
    @property
    def nbytes(self) -> int: ...


T = TypeVar("T", bound=Sized)


class Half(Protocol):
    """A question over files, as `halves` puts it."""

    @property
    def shape(self) -> Any: ...
    @property
    def values(self) -> Mapping[str, Any]: ...
    @property
    def tables(self) -> Mapping[str, pa.Table]: ...
    def ask(self) -> Counts: ...
    def over(self, files: Files, outdated: Outdated) -> Half: ...
    def of_records(self, records: pa.Array) -> Half: ...


@dataclass(frozen=True)
class Outdated:
    """The copies in files that count no more: by record and part, and of whole records."""

    superseded: pa.Table | None
    rehot: pa.Table | None


@dataclass(frozen=True)
class State:
    """Which files were counted, and which of their copies were left out."""

    files: Files
    outdated: Outdated


@dataclass(frozen=True)
class Kept:
    """A count (of people: with who they are) as of a state."""

    state: State
    value: Counts

    @property
    def nbytes(self) -> int:
        return int(self.value.nbytes)


@dataclass(frozen=True)
class Derived:
    """What follows from a count that is kept."""

    base: Any
    value: Sized

    @property
    def nbytes(self) -> int:
        return int(self.value.nbytes)


class _Gone(Exception):
    """What is kept cannot be carried along: it is counted anew."""


_kept: OrderedDict[Hashable, Kept | Derived] = OrderedDict()
_size = 0
_keeping = threading.Lock()


def counted(cold: Half) -> tuple[Counts, Files]:
    """Return what is counted in files, and a few new files that are still to be counted."""
    state, key = _state(cold), _key(cold)
    with _keeping:
        old = _kept.get(key)
        if old is not None:
            _kept.move_to_end(key)
    if isinstance(old, Kept):
        try:
            return _carried(cold, key, old, state)
        except (_Gone, OSError):
            pass
    value = cold.ask()
    _note_newest(state.files)
    _keep(key, Kept(state, value))
    return value, {}


def derived(value: Any, name: Hashable, work: Callable[[], T]) -> T:
    """Return what follows from a count that is kept, worked out once while that is the one."""
    key = (id(value), name)
    with _keeping:
        found = _kept.get(key)
        if isinstance(found, Derived) and found.base is value:
            _kept.move_to_end(key)
            return cast(T, found.value)
    made = work()
    _keep(key, Derived(value, made))
    return made


def _note_newest(files: Files) -> None:
    """Note what the files of the newest months hold: they are merged soon, and then gone."""
    newest = sorted(_months(files))[-2:]
    content(path for paths in _of_months(files, set(newest)).values() for path in paths)


def _carried(cold: Half, key: bytes, old: Kept, state: State) -> tuple[Counts, Files]:
    if old.state == state:
        return old.value, {}
    came, went = _not_merged(
        _less(state.files, old.state.files), _less(old.state.files, state.files)
    )
    _require(went)
    changed = _changed(cold, old.state, state, came)
    if len(changed) and _is_joined(cold):
        # Joined by their records, rows of one copy could meet those of another one.
        raise _Gone
    if not len(changed) and not any(went.values()):
        few = _few(cold, came)
        if few is not None:
            return old.value, few
    moved = _moved(cold, old, state, came, went, changed)
    _keep(key, Kept(state, moved))
    return moved, {}


def _require(files: Files) -> None:
    if not all(Path(path).exists() for paths in files.values() for path in paths):
        raise _Gone


def _moved(
    cold: Half, old: Kept, state: State, came: Files, went: Files, changed: pa.Array
) -> Counts:
    before, value = old.state.outdated, old.value
    if any(went.values()) and _is_joined(cold):
        months = _months(came) | _months(went)
        came, went = _of_months(state.files, months), _of_months(old.state.files, months)
        _require(went)
    after = state.outdated
    for sign, files, outdated in ((1, came, after), (-1, went, before)):
        if any(files.values()):
            value = _plus(value, cold.over(files, outdated).ask(), sign)
    if len(changed):
        own, stayed = cold.of_records(changed), _less(state.files, came)
        value = _plus(value, own.over(stayed, after).ask(), 1)
        value = _plus(value, own.over(stayed, before).ask(), -1)
    return value


def _plus(value: Counts, more: Counts, sign: int) -> Counts:
    if isinstance(value, People) and isinstance(more, People):
        return value.plus(more, sign)
    if isinstance(value, Crowd) and isinstance(more, Crowd) and sign > 0:
        return value.plus(more)
    if isinstance(value, People | Crowd) or isinstance(more, People | Crowd):
        raise _Gone
    return added(value, more if sign > 0 else negative(more))


def _is_joined(cold: Half) -> bool:
    return len(_state(cold).files) > 1


def _less(some: Files, others: Files) -> dict[str, frozenset[str]]:
    return {name: files - others.get(name, frozenset()) for name, files in some.items()}


def _not_merged(came: Files, went: Files) -> tuple[Files, Files]:
    """Return the files that came and went, without those of months where files were merged:
    those that came hold there what those that went held."""
    if not any(went.values()):
        return came, went
    merged = {
        (name, month)
        for name, paths in went.items()
        for month in {_month(path) for path in paths}
        if content(_in(came[name], month)) == content(_in(paths, month))
    }
    return _without(came, merged), _without(went, merged)


def _in(paths: Iterable[str], month: str) -> list[str]:
    return [path for path in paths if _month(path) == month]


def _without(files: Files, merged: set[tuple[str, str]]) -> Files:
    return {
        name: frozenset(path for path in paths if (name, _month(path)) not in merged)
        for name, paths in files.items()
    }


def _months(files: Files) -> set[str]:
    return {_month(path) for paths in files.values() for path in paths}


def _of_months(files: Files, months: set[str]) -> Files:
    return {n: frozenset(p for p in paths if _month(p) in months) for n, paths in files.items()}


def _month(path: str) -> str:
    return path.rsplit("/", 2)[-2]


def _few(cold: Half, came: Files) -> Files | None:
    """Return the new files where their rows are few; None where they are many."""
    if not any(came.values()):
        return {}
    return None if content(came[f"cold_{cold.shape.table}"]).rows > _FEW_ROWS else came


# --- records whose copies count no more, or again


def _changed(cold: Half, old: State, new: State, came: Files) -> pa.Array:
    """Return the records with copies in the files that stayed which are left out now and were
    not, or the other way round."""
    import pyarrow as pa

    ids = _copies_changed(old.outdated.superseded, new.outdated.superseded)
    ids |= _records(old.outdated.rehot) ^ _records(new.outdated.rehot)
    if not ids:
        return pa.array([], pa.int64())
    wanted = pa.array(sorted(ids), pa.int64())
    table = f"cold_{cold.shape.table}"
    files = new.files[table] - came[table]
    if not files:
        return pa.array([], pa.int64())
    return _with_copies(cold.shape.table, files, wanted, str(cold.values["organisation"]))


def _records(table: pa.Table | None) -> set[int]:
    return set() if table is None else set(table["record"].to_pylist())


def _copies_changed(old: pa.Table | None, new: pa.Table | None) -> set[int]:
    def pairs(table: pa.Table | None) -> set[tuple[int, int]]:
        rows = () if table is None else zip(*(table[n].to_pylist() for n in _COPY), strict=True)
        return set(rows)

    return {record for record, _ in pairs(old) ^ pairs(new)}


_COPY = ("record", "part")
_found: OrderedDict[Any, pa.Array] = OrderedDict()


def _with_copies(table: str, files: frozenset[str], ids: pa.Array, organisation: str) -> pa.Array:
    """Return which of these records have copies in the files; looked for once."""
    key = (files, tuple(ids.to_pylist()))
    if key not in _found:
        _found[key] = _look_for(table, files, ids, organisation)
        if len(_found) > 64:
            _found.popitem(last=False)
    return _found[key]


def _look_for(table: str, files: Iterable[str], ids: pa.Array, organisation: str) -> pa.Array:
    """Return which of these records the files hold."""
    import pyarrow as pa
    import pyarrow.compute as pc

    shape = Shape(table=table, measure="copies", sources=frozenset({f"cold_{table}"}))
    values = {"organisation": organisation, f"cold_{table}": sorted(files)}
    asked = {"wanted": pa.table({"record": ids})}
    found = engine.run(compiled(shape), values=values, tables=asked)
    return pc.unique(found["record"])


# --- what is kept, by question


def _state(cold: Half) -> State:
    files = {n: frozenset(v) for n, v in cold.values.items() if n.startswith("cold_")}
    tables = cold.tables
    return State(files, Outdated(tables.get("superseded"), tables.get("rehot")))


def _key(cold: Half) -> bytes:
    """Return what tells questions apart, but for the state of the files."""
    import pyarrow as pa

    shape = replace(cold.shape, less=frozenset())
    plain = sorted((n, v) for n, v in cold.values.items() if not n.startswith("cold_"))
    told = hashlib.blake2b(repr((engine.folder(), _told(shape), plain)).encode(), digest_size=16)
    for name, table in sorted(cold.tables.items()):
        if name in ("superseded", "rehot") or name.startswith("hot_"):
            continue
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table.combine_chunks())
        told.update(name.encode())
        told.update(sink.getvalue())
    return told.digest()


def _told(shape: Any) -> list[tuple[str, Any]]:
    """Return a shape's fields; sets have no order of their own."""
    return [
        (name, sorted(value) if isinstance(value, frozenset) else value)
        for name, value in sorted(vars(shape).items())
    ]


def _keep(key: Hashable, found: Kept | Derived) -> None:
    global _size
    with _keeping:
        _size -= _kept[key].nbytes if key in _kept else 0
        _kept[key] = found
        _kept.move_to_end(key)
        _size += found.nbytes
        while len(_kept) > _MOST or (_size > _MOST_BYTES and len(_kept) > 1):
            _size -= _kept.popitem(last=False)[1].nbytes
