"""One organisation's lake at one moment: live files, outdated copies and hot rows together.

All three are read in one snapshot of the database, so that a record that moves into the
lake meanwhile is counted once. What was read, and what was made of it, is kept until the
database changes, for the thread and for those others that find the database as it was then.
What was made of the lake alone outlives changes elsewhere: of sessions, beats, definitions.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.db import connection, transaction
from django.db.models import Max

from manyi.base import commits
from manyi.base.once import once, once_at, token
from manyi.feedback import taxonomy
from manyi.kit.period import Period
from manyi.lake import engine
from manyi.lake.codes import Codes
from manyi.lake.hot import COUNTS, Rows, due_records, hot_records, tables_of
from manyi.lake.models import LakeFile, Superseded
from manyi.lake.tables import MENTIONS

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")
_KEPT = 8
_SHARED = 32
_ANSWERS_KEPT = 512
_NOTHING = object()
_local = threading.local()
_sharing, _remembering = threading.Lock(), threading.Lock()
_shared: OrderedDict[Any, tuple[Any, Snapshot]] = OrderedDict()
_codes: dict[Any, Codes] = {}


@dataclass
class Snapshot:
    """`files` are (table, month, path); `hot` maps a table to its hot rows."""

    organisation: int
    files: list[tuple[str, str, str]]
    superseded: pa.Table | None
    rehot: pa.Table | None
    hot: dict[str, pa.Table]
    due: pa.Table | None = None
    answers: OrderedDict[Any, Any] = field(default_factory=OrderedDict)
    passing: OrderedDict[Any, Any] = field(default_factory=OrderedDict)

    @cached_property
    def codes(self) -> Codes:
        """Return the organisation's codes, read once."""
        return Codes(self.organisation)

    @cached_property
    def generation(self) -> int:
        """Return the generation of mentions in force."""
        return taxonomy.number(self.organisation)

    def paths(self, table: str, when: Period | None) -> list[str]:
        """Return the files of a table that may hold rows of `when`."""
        first = f"{when.first:%Y-%m}" if when else ""
        last = f"{when.last:%Y-%m}" if when else "~"
        root = engine.folder()
        return [
            f"{root}/{p}" for t, month, p in self.files if t == table and first <= month <= last
        ]

    def remembered(self, key: Any, ask: Callable[[], T], *, is_of_lake: bool = True) -> T:
        """Return `ask()`, asked once for each key while this snapshot holds.

        What depends on more than rows, codes and the taxonomy is kept (`is_of_lake` False)
        until anything in the database changes.
        """
        answers = self.answers if is_of_lake else self.passing
        with _remembering:
            found = answers.get(key, _NOTHING)
            if found is not _NOTHING:
                answers.move_to_end(key)
                return cast(T, found)
        found = ask()
        with _remembering:
            answers[key] = found
            if len(answers) > _ANSWERS_KEPT:
                answers.popitem(last=False)
        return found

    def know(self, codes: Codes, generation: int) -> None:
        """Take codes and generation as of now: what is made of this is made of them."""
        self.__dict__.update(codes=codes, generation=generation)

    def after(self, before: Snapshot | None) -> Snapshot:
        """Return the same, with what was made of the one before where they are alike."""
        if before is None or not self._is_like(before):
            return self
        found = replace(before, passing=OrderedDict())
        found.know(before.codes, before.generation)
        return found

    def _is_like(self, other: Snapshot) -> bool:
        return (
            self.files == other.files
            and self.hot.keys() == other.hot.keys()
            and all(_equal(table, other.hot[name]) for name, table in self.hot.items())
            and _equal(self.superseded, other.superseded)
            and _equal(self.rehot, other.rehot)
            and _equal(self.due, other.due)
            and self.generation == other.generation
            and self.codes == other.codes
        )


def read(organisation: int, tables: Iterable[str]) -> Snapshot:
    """Return the organisation's lake as it is now, with the hot rows of `tables`."""
    wanted = frozenset(tables)
    if connection.in_atomic_block:
        return _read(organisation, wanted, lambda _, look_up: look_up())
    kept: OrderedDict[Any, tuple[Any, Snapshot]] = _local.__dict__.setdefault("kept", OrderedDict())
    key = (connection.settings_dict["NAME"], organisation, wanted)
    now = token()
    if key in kept and kept[key][0] == now:
        kept.move_to_end(key)
        return kept[key][1]
    before = _state()
    with consistent():
        now = token()
        state = _state()
        # Equal on both sides of the token: what another thread read then is what we would read.
        found = _of_others(key, state) if state == before else None
        if found is None:
            found = _read(organisation, wanted, partial(once_at, now))
            codes = once_at(now, ("codes", organisation), lambda: _read_codes(organisation))
            found.know(codes, taxonomy.number(organisation))
            found = found.after(kept[key][1] if key in kept else _latest(key))
            if state == before == _state():
                _share(key, state, found)
    kept[key] = (now, found)
    if len(kept) > _KEPT:
        kept.popitem(last=False)
    return found


def _equal(one: pa.Table | None, other: pa.Table | None) -> bool:
    return one is other if one is None or other is None else bool(one.equals(other))


def _of_others(key: Any, state: Any) -> Snapshot | None:
    with _sharing:
        known, found = _shared.get(key, (None, None))
        return found if state is not None and known == state else None


def codes_of(organisation: int) -> Codes:
    """Return all codes of an organisation, read once while the database stays as it is."""
    return once(("codes", organisation), lambda: _read_codes(organisation))


def _read_codes(organisation: int) -> Codes:
    """Return all codes: those that were read last where they name all as before, so that what
    was made of them stands."""
    key, found = (connection.settings_dict["NAME"], organisation), Codes(organisation).whole()
    before = _codes.get(key)
    if before is None or before != found:
        _codes[key] = found
        return found
    return before


def _latest(key: Any) -> Snapshot | None:
    """Return what was last read of these tables, by whomever."""
    with _sharing:
        return _shared[key][1] if key in _shared else None


def _share(key: Any, state: Any, found: Snapshot) -> None:
    if state is None:
        return
    with _sharing:
        _shared[key] = (state, found)
        _shared.move_to_end(key)
        if len(_shared) > _SHARED:
            _shared.popitem(last=False)


def _state() -> Any:
    """Return what all threads call the present state of the database; None where nothing says."""
    return commits.seen(connection) if connection.vendor == "sqlite" else token()


@contextmanager
def consistent() -> Iterator[None]:
    """Read inside as of one moment, without the write lock that atomic() would take.

    Inside a transaction, or another of these, that moment is the outer one's.
    """
    if connection.in_atomic_block or getattr(connection.connection, "in_transaction", False):
        yield
        return
    if connection.vendor != "sqlite":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("COMMIT")


def _read(organisation: int, tables: frozenset[str], shared: Callable[[Any, Any], Any]) -> Snapshot:
    """Read it; `shared` looks up, once for each key, what questions about other tables share."""
    files, superseded, rehot = shared(("lake", organisation), lambda: _cold(organisation))
    rows = {}
    if tables - {MENTIONS}:
        hot = hot_records(organisation).filter(COUNTS)
        read = shared(("hot", organisation), lambda: Rows(hot, organisation, part=0))
        rows = {name: read.table(name) for name in tables - {MENTIONS}}
    due = due_records(organisation) if MENTIONS in tables else None
    if due is not None:
        rows |= tables_of(due, organisation, part=0, tables=[MENTIONS])
    return Snapshot(
        organisation,
        files,
        superseded,
        rehot,
        {name: found for name, found in rows.items() if found.num_rows},
        None if due is None else _ids(due.values_list("pk", flat=True)),
    )


def _cold(organisation: int) -> tuple[list[tuple[str, str, str]], Any, Any]:
    """Return the live files, and which of their copies count no more."""
    live = LakeFile.objects.filter(organisation_id=organisation, replaced_at=None)
    files = list(live.order_by("month", "path").values_list("table", "month", "path"))
    newest = live.aggregate(newest=Max("max_record"))["newest"]
    again = hot_records(organisation).filter(pk__lte=newest or 0)
    rehot = None if newest is None else _ids(again.values_list("pk", flat=True))
    return files, _superseded(organisation), rehot


def _superseded(organisation: int) -> pa.Table | None:
    import pyarrow as pa

    gone = Superseded.objects.filter(organisation_id=organisation)
    rows = list(gone.values_list("record_id", "part"))
    if not rows:
        return None
    record, part = zip(*rows, strict=True)
    return pa.table({"record": pa.array(record, pa.int64()), "part": pa.array(part, pa.int64())})


def _ids(ids: Iterable[int]) -> pa.Table | None:
    import pyarrow as pa

    found = pa.array(list(ids), pa.int64())
    return pa.table({"record": found}) if len(found) else None
