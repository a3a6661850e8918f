"""Every row of a database, read by a process of its own through the project's own driver."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

PASSWORD = "a-long-enough-password"
_SCRIPT = """
import json, sys
from manyi.base.sqlite import swap_driver
swap_driver()
import sqlite3
db = sqlite3.connect(sys.argv[1])
db.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
found = {"integrity": db.execute("PRAGMA integrity_check").fetchone()[0], "tables": {}}
names = [n for (n,) in db.execute(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
for name in names:
    columns = [c[1] for c in db.execute(f'PRAGMA table_info("{name}")')]
    rows = [[v.hex() if isinstance(v, bytes) else v for v in row]
            for row in db.execute(f'SELECT * FROM "{name}"')]
    found["tables"][name] = {"columns": columns, "rows": sorted(rows, key=repr)}
print(json.dumps(found))
"""


def everything(database: Path) -> dict[str, Any]:
    """Return `integrity` and `tables`: name → columns and sorted rows."""
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(database)], capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def environment(data: Path, **more: str) -> dict[str, str]:
    """Return an environment whose only Manyi settings are a data folder and `more`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MANYI_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return kept | {"MANYI_DATA": str(data), "MANYI_LANGUAGE": "en"} | more


def manyi(
    data: Path, *words: str, timeout: float = 900, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a command on a data folder."""
    return subprocess.run(
        [sys.executable, "-m", "manyi", *words],
        env=environment(data, **more),
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def owned(data: Path, **more: str) -> None:
    """Make an installation that a@example.com owns; without more settings, a copy of one."""
    if more:
        _set_up(data, **more)
    else:
        shutil.copytree(_owned(), data)


def demonstrated(data: Path) -> None:
    """Make an installation with the demo in it: a copy of one that `manyi demo` made."""
    shutil.copytree(_demonstrated(), data)


@cache
def _owned() -> Path:
    data = Path(tempfile.mkdtemp(dir=os.environ["MANYI_DATA"])) / "owned"
    _set_up(data)
    return data


@cache
def _demonstrated() -> Path:
    data = Path(tempfile.mkdtemp(dir=os.environ["MANYI_DATA"])) / "demo"
    done = manyi(data, "demo")
    assert done.returncode == 0, done.stderr
    return data


def _set_up(data: Path, **more: str) -> None:
    password = data.parent / f"{data.name}-password"
    password.write_text(PASSWORD)
    words = ["--organisation", "A", "--email", "a@example.com", "--password-file", str(password)]
    done = manyi(data, "setup", *words, **more)
    assert done.returncode == 0, done.stderr
