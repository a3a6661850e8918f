"""Parquet files of the lake: `<organisation>/<table>/<month>/<name>.parquet`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from manyi.base.ids import new_id
from manyi.lake import engine
from manyi.lake.columns import layout
from manyi.lake.models import LakeFile

if TYPE_CHECKING:
    import pyarrow as pa

_ROW_GROUP = 65_536


@dataclass(frozen=True)
class Written:
    """A file on disk that no list names yet; `path` is below the lake's folder."""

    table: str
    month: str
    path: str
    rows: int
    max_record: int


def write_all(organisation: int, tables: Mapping[str, pa.Table]) -> list[Written]:
    """Write each table's rows, one file a month, and return once they are on disk."""
    return [
        write(organisation, table, month, part)
        for table, rows in tables.items()
        for month, part in _months(rows)
    ]


def _months(rows: pa.Table) -> Iterable[tuple[str, pa.Table]]:
    import pyarrow.compute as pc

    for month in sorted(set(pc.unique(rows["month"]).to_pylist())):
        yield f"{month:%Y-%m}", rows.filter(pc.equal(rows["month"], month))


def write(organisation: int, table: str, month: str, rows: pa.Table) -> Written:
    """Write one file, sorted by what is asked for, and its columns; its name appears once it is
    on disk."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    path = f"{organisation}/{table}/{month}/{new_id():x}.parquet"
    final = engine.folder() / path
    final.parent.mkdir(parents=True, exist_ok=True)
    draft = final.with_suffix(".draft")
    rows = layout.ordered(table, rows)
    pq.write_table(rows, draft, compression="zstd", row_group_size=_ROW_GROUP)
    _sync(draft)
    layout.write(table, final, rows)
    draft.replace(final)
    _sync(final.parent)
    return Written(table, month, path, rows.num_rows, pc.max(rows["record"]).as_py())


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read(paths: Iterable[str]) -> Any:
    """Return the rows of files together."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    root = engine.folder()
    return pa.concat_tables(pq.read_table(root / path, partitioning=None) for path in paths)


def publish(organisation: int, part: int, written: Iterable[Written], now: datetime) -> None:
    """Make files live; inside the transaction that claims their records."""
    LakeFile.objects.bulk_create(
        LakeFile(
            organisation_id=organisation,
            table=one.table,
            month=one.month,
            path=one.path,
            rows=one.rows,
            part=part,
            max_record=one.max_record,
            created_at=now,
        )
        for one in written
    )


def discard(paths: Iterable[str]) -> None:
    """Delete files, whether they are still there or not."""
    for path in paths:
        file = engine.folder() / path
        file.unlink(missing_ok=True)
        layout.beside(file).unlink(missing_ok=True)
