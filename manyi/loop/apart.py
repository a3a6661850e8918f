"""A step in a process of its own: what it loads and holds is gone when it ends."""

from __future__ import annotations

import subprocess
import sys
import threading

from manyi.base.log import logger

log = logger(__name__)
_running: set[subprocess.Popen[bytes]] = set()
_stopping = threading.Event()


def run(*words: str) -> int:
    """Run a `manyi` command to its end, its errors on our stderr; one that fails is logged.

    It is started anew, never forked: this process may have threads. Returns 0, since there is
    no more to do at once.
    """
    if _stopping.is_set():
        return 0
    with subprocess.Popen(  # noqa: S603 (our own command, no shell)
        [sys.executable, "-m", "manyi", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    ) as child:
        _running.add(child)
        if _stopping.is_set():  # told so while it was started
            child.terminate()
        try:
            code = child.wait()
        finally:
            _running.discard(child)
    if code and not _stopping.is_set():
        log.error("command_failed", command=words[0], code=code)
    return 0


def stop() -> None:
    """End what runs, and start nothing more; safe in a signal's handler."""
    _stopping.set()
    for child in tuple(_running):
        child.terminate()
