"""A disk that is really full: a small tmpfs where we may mount one, else a limit on file sizes."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

MEGABYTE = 1024 * 1024


class Disk:
    """A folder whose space can be taken away and given back."""

    def __init__(self, folder: Path, *, is_mount: bool) -> None:
        self.folder = folder
        self.is_mount = is_mount

    def fill(self, group: int) -> None:
        """Leave no byte to the processes of `group`; again, where some was given back meanwhile."""
        if self.is_mount:
            with contextlib.suppress(OSError), (self.folder / "filler").open("ab", 0) as file:
                for size in (64 * 1024, 1024, 1):
                    with contextlib.suppress(OSError):
                        while True:
                            file.write(b"\0" * size)
        else:
            _limit(group, 4096)

    def empty(self, group: int) -> None:
        """Give the space back."""
        if self.is_mount:
            (self.folder / "filler").unlink()
        else:
            _limit(group, resource.RLIM_INFINITY)


def _limit(group: int, size: int) -> None:
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            if os.getpgid(int(entry.name)) == group:
                resource.prlimit(int(entry.name), resource.RLIMIT_FSIZE, (size, -1))


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Disk]:
    """Yield a disk of 40 MB at `folder`."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=40m", "manyi-test", str(folder)]
    is_mount = (
        sys.platform == "linux"
        and os.getuid() == 0
        and subprocess.run(mount, capture_output=True).returncode == 0
    )
    try:
        yield Disk(folder, is_mount=is_mount)
    finally:
        if is_mount:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
