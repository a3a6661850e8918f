"""DuckDB in this process, locked to the lake's folder.

SQL is compiled from Ibis expressions alone, once for each shape of a question; what differs
from one question to the next (days, codes, files, hot rows) is bound when it runs.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    import pyarrow as pa

_opening = threading.Lock()
_opened: dict[Path, Any] = {}
# Pages that ask the lake queue here, so that dashboards never block respondents.
_CORES = os.cpu_count() or 1
_turns = threading.BoundedSemaphore(_CORES)


def folder() -> Path:
    """Return the lake's folder, made when first asked for."""
    return _made(Path(settings.DATA))


@cache
def _made(data: Path) -> Path:
    found = data.resolve() / "lake"
    found.mkdir(mode=0o700, exist_ok=True)
    return found


def connection() -> Any:
    """Return this process's one DuckDB connection; questions run on cursors of it."""
    root = folder()
    with _opening:
        if root not in _opened:
            _opened[root] = _open(root)
        return _opened[root]


def warm() -> None:
    """Open the engine before the first page asks for it: importing it takes a second."""
    connection()


def _open(root: Path) -> Any:
    import duckdb

    spill = root / "tmp"
    spill.mkdir(mode=0o700, exist_ok=True)
    engine = duckdb.connect()
    for setting in (
        "timezone = 'UTC'",
        # A name in SQL is a table, and never a variable of this process.
        "python_enable_replacements = false",
        f"allowed_directories = [{_quoted(root)}]",
        f"temp_directory = {_quoted(spill)}",
        "parquet_metadata_cache = true",
        "preserve_insertion_order = false",
        f"threads = {_CORES}",
        "memory_limit = '2GB'",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        engine.execute(f"SET {setting}")
    return engine


def _quoted(path: Path) -> str:
    return "'" + f"{path}/".replace("'", "''") + "'"


def marker(name: str) -> str:
    """Return the text that stands in an expression for a value bound later."""
    return f"§{name}§"


def bound(sql: str, files: Sequence[str], values: Sequence[str]) -> str:
    """Return compiled SQL with its markers and cold tables made parameters."""
    for name in files:
        sql = sql.replace(f'"{name}"', f"read_parquet(${name})")
    for name in values:
        sql = sql.replace(f"'{marker(name)}'", f"${name}")
    return sql


def run(sql: str, *, values: Mapping[str, Any], tables: Mapping[str, pa.Table]) -> pa.Table:
    """Return the answer to compiled SQL over files (among `values`) and tables in memory."""
    with _turns, connection().cursor() as cursor:
        for name, table in tables.items():
            cursor.register(name, table)
        return _plain(cursor.sql(sql, params=dict(values)).to_arrow_table())


def _plain(answer: pa.Table) -> pa.Table:
    """Return sums of whole numbers as int64 and days as days, however the engine gave them."""
    import pyarrow as pa

    fields = [field.with_type(_type(field.type)) for field in answer.schema]
    return answer.cast(pa.schema(fields))


def _type(given: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    if pa.types.is_decimal(given):
        return pa.int64()
    return pa.date32() if pa.types.is_timestamp(given) else given
