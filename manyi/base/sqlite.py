"""The one SQLite library of the process: new enough to lose nothing.

Versions 3.7.0 to 3.51.2 can drop committed writes in WAL mode (fixed in 3.51.3, 3.50.7
and 3.44.6), so the bundled driver takes the place of the interpreter's before anything
imports it. A second library in the process would drop the first one's file locks.
"""

from __future__ import annotations

import sys
from typing import Any

FIXED_BRANCHES = {(3, 44): 6, (3, 50): 7, (3, 51): 3}


class AffectedSqlite(Exception):
    """The SQLite library at hand can lose committed writes; its text says what to do."""


def is_safe(version: tuple[int, int, int]) -> bool:
    """Whether a SQLite version is free of the WAL-reset race."""
    if version[:2] in FIXED_BRANCHES:
        return version[2] >= FIXED_BRANCHES[version[:2]]
    return version >= (3, 52, 0) or version < (3, 7, 0)


def swap_driver() -> str:
    """Make `import sqlite3` mean the bundled driver, and return its SQLite's version.

    Raises AffectedSqlite where neither it nor the interpreter's own is safe.
    """
    if "sqlite3" not in sys.modules:
        try:
            import pysqlite3
            from pysqlite3 import dbapi2
        except ImportError:
            pass
        else:
            sys.modules["sqlite3"] = pysqlite3
            sys.modules["sqlite3.dbapi2"] = dbapi2
    import sqlite3

    if not is_safe(sqlite3.sqlite_version_info):
        raise AffectedSqlite(
            f"SQLite {sqlite3.sqlite_version} can lose committed data. Install the package "
            "pysqlite3 (0.6.1 or newer) into this environment, or use PostgreSQL."
        )
    _shorten_binding(sqlite3)
    return sqlite3.sqlite_version


def _shorten_binding(driver: Any) -> None:
    """Name the adapters of None and of truths.

    Without one the driver asks each such value, in vain, for an adapter of its own: that took
    most of the time of inserting a row.
    """
    driver.register_adapter(type(None), {None: None}.get)
    driver.register_adapter(bool, int)
