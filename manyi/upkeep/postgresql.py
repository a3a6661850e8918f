"""PostgreSQL's own tools, which copy a database and put it back."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from django.db import connection

from manyi.base.env import POSTGRESQL_OPTIONS
from manyi.kit.problems import Problem


def dump(to: Path, snapshot: str) -> None:
    """Write the database as `snapshot` sees it, by pg_dump."""
    options = ["--format=custom", f"--snapshot={snapshot}", f"--file={to}"]
    _call("pg_dump", [*options, "--no-owner", "--no-privileges"])


def load(path: Path) -> None:
    """Put a dump into the empty database, all or nothing, by pg_restore."""
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    _call("pg_restore", [*options, str(path)])


def empty() -> None:
    """Take every table away again."""
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(name)} CASCADE")


def _call(name: str, options: list[str]) -> None:
    tool = shutil.which(name)
    if tool is None:
        raise Problem("backup.no_tool", tool=name)
    to = connection.settings_dict
    address = {"PGHOST": to["HOST"], "PGPORT": to["PORT"], "PGUSER": to["USER"]}
    address |= {"PGPASSWORD": to["PASSWORD"], "PGDATABASE": to["NAME"]}
    address |= {POSTGRESQL_OPTIONS[key]: value for key, value in to["OPTIONS"].items()}
    given = {key: str(value) for key, value in address.items() if value}
    if name == "pg_restore":
        options = [f"--dbname={to['NAME']}", *options]
    done = subprocess.run(  # noqa: S603
        [tool, *options], env={**os.environ, **given}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise Problem("backup.tool_failed", tool=name, said=said[:300])
