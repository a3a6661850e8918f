from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from manyi.lake import engine


def test_outside_the_lake_nothing_can_be_read_or_written(tmp_path: Path) -> None:
    stranger = tmp_path / "secret.csv"
    stranger.write_text("a\n1\n")
    refused = pytest.raises(duckdb.Error)
    with engine.connection().cursor() as cursor:
        with refused:
            cursor.execute(f"SELECT * FROM read_csv('{stranger}')")
        with refused:
            cursor.execute(f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'")
        with refused:
            cursor.execute(f"ATTACH '{tmp_path / 'other.db'}'")
        with refused:
            cursor.execute("SET enable_external_access = true")
        with refused:
            cursor.execute("INSTALL httpfs")


def test_tables_in_memory_work_under_the_lock_and_stay_with_their_question() -> None:
    table = pa.table({"n": [1, 2, 3]})
    answer = engine.run('SELECT sum(n) AS n FROM "mine"', values={}, tables={"mine": table})
    assert answer.to_pylist() == [{"n": 6}]
    with engine.connection().cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE own AS SELECT 1 AS x")
        assert cursor.execute("SELECT x FROM own").fetchall() == [(1,)]
    with pytest.raises(duckdb.Error):
        engine.run('SELECT * FROM "mine"', values={}, tables={})


def test_files_of_the_lake_can_be_read(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    path = engine.folder() / "x.parquet"
    pq.write_table(pa.table({"n": [4]}), path)
    sql = engine.bound('SELECT n FROM "cold_x"', ["cold_x"], [])
    assert engine.run(sql, values={"cold_x": [str(path)]}, tables={}).to_pylist() == [{"n": 4}]
    path.unlink()


def test_the_server_starts_without_the_engine() -> None:
    heavy = "[m for m in ('ibis', 'duckdb', 'pyarrow', 'pandas') if m in sys.modules]"
    code = (
        "import sys, django; django.setup();"
        "from manyi.metrics import queries; from manyi.lake import writing, tidying, checking;"
        f"sys.exit(str({heavy}) if {heavy} else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
