"""One count of the commits to an SQLite database, the same for all threads of a process.

Each connection counts what others commit (`PRAGMA data_version`), from a start of its own: one
connection that never writes counts for everybody. Reading the files themselves would be wrong,
since closing them lets go of the locks that the process holds on them.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_one_by_one = threading.Lock()


@dataclass(frozen=True)
class _Watcher:
    """A connection that only counts, and which file it looks at."""

    file: tuple[int, int]
    connection: Any


_watchers: dict[str, _Watcher] = {}


def seen(connection: Any) -> tuple[Any, ...] | None:
    """Return what changes with each commit to the connection's database; None where nothing
    tells, as of a database in memory."""
    module = connection.Database
    with _one_by_one:
        try:
            watcher = _watcher(module, Path(connection.settings_dict["NAME"]))
            [(count,)] = watcher.connection.execute("PRAGMA data_version").fetchall()
        except (OSError, module.Error):
            return None
    return (*watcher.file, id(watcher), count)


def _watcher(module: Any, path: Path) -> _Watcher:
    status = path.stat()
    file, name = (status.st_dev, status.st_ino), str(path)
    known = _watchers.get(name)
    if known is not None and known.file == file:
        return known
    opened = module.connect(name, check_same_thread=False, isolation_level=None, timeout=0)
    found = _watchers[name] = _Watcher(file, opened)
    if known is not None:
        known.connection.close()
    return found
