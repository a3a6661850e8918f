"""Where the lake holds copies of given records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from manyi.lake import engine
from manyi.lake.columns.copies import Place, held
from manyi.lake.columns.words import lexicon
from manyi.lake.expressions import Shape, compiled
from manyi.lake.models import LakeFile, Superseded
from manyi.lake.tables import RECORDS


def copies(organisation: int, record_ids: Iterable[int], table: str = RECORDS) -> list[Superseded]:
    """Return every copy of these records in live files, as rows that would outdate them."""
    wanted = sorted(set(record_ids))
    paths = LakeFile.objects.filter(
        organisation_id=organisation, table=table, replaced_at=None
    ).values_list("path", flat=True)
    found = [str(engine.folder() / path) for path in paths]
    if not wanted or not found:
        return []
    return [
        Superseded(organisation_id=organisation, record_id=record, part=part, month=month)
        for record, part, month in _places(organisation, wanted, found, table)
    ]


def _places(organisation: int, wanted: list[int], paths: list[str], table: str) -> set[Place]:
    """Return record, part and month of each copy: from the files' columns, which take no engine,
    or by the engine where some have none."""
    try:
        return held(table, paths, wanted, lexicon(str(organisation)))
    except OSError:
        rows = _scanned(organisation, wanted, paths, table)
        return {(row["record"], row["part"], f"{row['month']:%Y-%m}") for row in rows}


def _scanned(
    organisation: int, wanted: list[int], paths: list[str], table: str
) -> list[dict[str, Any]]:
    import pyarrow as pa

    shape = Shape(table=table, measure="copies", sources=frozenset({f"cold_{table}"}))
    rows = engine.run(
        compiled(shape),
        values={"organisation": str(organisation), f"cold_{table}": paths},
        tables={"wanted": pa.table({"record": pa.array(wanted, pa.int64())})},
    )
    return rows.to_pylist()
