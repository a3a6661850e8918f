"""A process starts without what it may never need."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

from tests.upkeep.rows import environment

SLOW = {"scipy.stats", "scipy.optimize", "scipy.sparse", "duckdb", "pyarrow", "openpyxl"}
SCRIPT = """
import sys
from manyi.cli.main import start_django
start_django()
from django.urls import get_resolver
get_resolver().url_patterns
print(*sys.modules)
"""


def test_all_addresses_are_known_before_anything_large_is_loaded(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=environment(tmp_path / "data"),
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.split())
    assert "manyi.api.analysis" in loaded
    assert loaded & SLOW == set()


def test_make_run_compiles_once_where_python_may_not_write_beside_the_sources(monkeypatch) -> None:
    found = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "bytecode.py"))
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    kept = found["with_bytecode"]()
    assert kept["PYTHONPYCACHEPREFIX"] == str(Path(sys.prefix) / "bytecode")
    assert "PYTHONDONTWRITEBYTECODE" not in kept
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE")
    assert "PYTHONPYCACHEPREFIX" not in found["with_bytecode"]()
