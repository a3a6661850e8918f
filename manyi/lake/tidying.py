"""Fewer and larger files, without the copies that count no more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Min

from manyi.base.ids import new_id
from manyi.lake import engine, files
from manyi.lake.columns import layout
from manyi.lake.files import Written
from manyi.lake.models import LakeFile, Superseded

# Files of like size are merged eight at a time, so that a row is rewritten a few times only.
MANY = 8
GRACE = timedelta(minutes=10)
# A question opens every file of its months: a month that rests for a while becomes one file,
# unless that would be more than fits into memory at once.
QUIET = timedelta(hours=1)
MOST_ROWS = 4_000_000
_OUTDATED_FOR = timedelta(minutes=10)
_OUTDATED_MANY = 1_000


@dataclass(frozen=True)
class _Month:
    organisation: int
    month: str


def compact(now: datetime) -> int:
    """Rewrite months with outdated copies and merge small files; return files replaced."""
    lay_out()
    replaced = sum(_purge(one, now) for one in _outdated_months(now))
    replaced += sum(_merge(group, now) for group in _alike())
    return replaced + sum(_merge(group, now) for group in _resting(now))


def _outdated_months(now: datetime) -> list[_Month]:
    waiting = (
        Superseded.objects.order_by()
        .values_list("organisation_id", "month")
        .annotate(Count("pk"), Min("created_at"))
    )
    return [
        _Month(organisation, month)
        for organisation, month, n, oldest in waiting
        if n >= _OUTDATED_MANY or oldest <= now - _OUTDATED_FOR
    ]


def _purge(one: _Month, now: datetime) -> int:
    """Rewrite a month without its outdated copies, in every table at once."""
    gone = list(
        Superseded.objects.filter(organisation_id=one.organisation, month=one.month).values_list(
            "pk", "record_id", "part"
        )
    )
    live = LakeFile.objects.filter(
        organisation_id=one.organisation, month=one.month, replaced_at=None
    )
    by_table: dict[str, list[LakeFile]] = defaultdict(list)
    for file in live:
        by_table[file.table].append(file)
    written = []
    for table, old in by_table.items():
        rows = _without(files.read(file.path for file in old), gone)
        if rows.num_rows:
            written.append(files.write(one.organisation, table, one.month, rows))
    return _swap(
        [file for old in by_table.values() for file in old], written, [pk for pk, *_ in gone], now
    )


def _without(rows: Any, gone: Iterable[tuple[int, int, int]]) -> Any:
    import pyarrow as pa

    outdated = list(gone)
    keys = pa.table(
        {
            "record": pa.array([record for _, record, _ in outdated], pa.int64()),
            "part": pa.array([part for _, _, part in outdated], pa.int64()),
        }
    )
    return rows.join(keys, ["record", "part"], join_type="left anti").select(rows.column_names)


def _alike() -> list[list[LakeFile]]:
    """Return groups of at least eight files of one month, one table and like size."""
    groups: dict[Any, list[LakeFile]] = defaultdict(list)
    for file in LakeFile.objects.filter(replaced_at=None).order_by("pk"):
        tier = (max(file.rows, 1000) // 1000).bit_length() // 3
        groups[file.organisation_id, file.month, file.table, tier].append(file)
    return [group for group in groups.values() if len(group) >= MANY]


def _resting(now: datetime) -> list[list[LakeFile]]:
    """Return the files of each month and table that nothing has been added to for a while."""
    groups: dict[Any, list[LakeFile]] = defaultdict(list)
    for file in LakeFile.objects.filter(replaced_at=None).order_by("pk"):
        groups[file.organisation_id, file.month, file.table].append(file)
    return [
        group
        for group in groups.values()
        if len(group) > 1
        and max(file.created_at for file in group) <= now - QUIET
        and sum(file.rows for file in group) <= MOST_ROWS
    ]


def _merge(old: list[LakeFile], now: datetime) -> int:
    first = old[0]
    rows = files.read(file.path for file in old)
    written = files.write(first.organisation_id, first.table, first.month, rows)
    return _swap(old, [written], [], now)


def _swap(old: list[LakeFile], new: list[Written], gone: list[int], now: datetime) -> int:
    """Make the new files live in place of the old; 0 where another worker came first."""
    with transaction.atomic():
        mine = LakeFile.objects.filter(pk__in=[file.pk for file in old], replaced_at=None)
        if mine.update(replaced_at=now) == len(old):
            if old:
                files.publish(old[0].organisation_id, new_id(), new, now)
            Superseded.objects.filter(pk__in=gone).delete()
            return len(old)
        transaction.set_rollback(True)
    files.discard(one.path for one in new)
    return 0


def sweep(now: datetime) -> int:
    """Delete files replaced a while ago and files that no list names; return how many."""
    past = LakeFile.objects.filter(replaced_at__lt=now - GRACE)
    paths = list(past.values_list("path", flat=True))
    files.discard(paths)
    LakeFile.objects.filter(path__in=paths).delete()
    strays = list(_strays(now))
    files.discard(strays)
    return len(paths) + len(strays)


def lay_out() -> int:
    """Lay out the columns of live files that have none; return of how many."""
    live = LakeFile.objects.filter(replaced_at=None).values_list("table", "path")
    root = engine.folder()
    done = 0
    for table, path in live.order_by("-month", "path"):
        if not layout.beside(root / path).exists():
            layout.write(table, root / path, layout.ordered(table, files.read([path])))
            done += 1
    return done


def _strays(now: datetime) -> Iterable[str]:
    """Yield files that a crash left behind: old enough that nobody is about to publish them."""
    known = set(LakeFile.objects.values_list("path", flat=True))
    root = engine.folder()
    latest = (now - GRACE).timestamp()
    for path in root.glob("*/*/*/*"):
        name = path.relative_to(root)
        own = name.with_suffix(".parquet") if name.suffix == layout.SUFFIX else name
        if own.as_posix() not in known and path.stat().st_mtime < latest:
            yield name.as_posix()
