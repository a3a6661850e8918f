"""`manyi restore FILE`: a backup into an empty data folder, row for row."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from manyi.base.env import data_folder
from manyi.cli.main import start_django
from manyi.kit.problems import Problem
from manyi.upkeep import archive

TOLERATED = {"lost+found", ".DS_Store"}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a file that `manyi backup` wrote")
    parser.add_argument(
        "--erasures",
        type=Path,
        metavar="FILE",
        help="erasures.txt of the data folder before, or a later backup: forget those people again",
    )


def run(args: argparse.Namespace) -> int:
    about = archive.manifest(args.file)
    folder = data_folder(os.environ)
    _require_empty(folder)
    # The folder within stays until all is done: what is half restored is never served.
    with tempfile.TemporaryDirectory(prefix=archive.RESTORING, dir=folder) as name:
        parts = archive.unpack(args.file, Path(name))
        with _undone_on_failure(folder):
            records, again = _restore(args, parts, about, folder)
    print(f"{folder}: restored as of {about['made_at']}; {records} records in the lake")
    print(f"{again} people who were erased since are forgotten again")
    return 0


def _restore(
    args: argparse.Namespace, parts: dict[str, Path], about: dict[str, Any], folder: Path
) -> tuple[int, int]:
    for name in {archive.KEY, archive.OLD_KEY} & parts.keys():
        parts[name].replace(folder / name)
    start_django()  # reads the key that has just been put back
    from manyi.upkeep import ledger, restore

    erased = ledger.read(args.erasures) if args.erasures else set()
    with restore.undone_on_failure():
        restore.put_back(parts, about)
        if ledger.FILE in parts:
            parts[ledger.FILE].replace(folder / ledger.FILE)
            erased |= ledger.read(folder / ledger.FILE)
        return restore.bring_up_to_date(erased=erased, now=datetime.now(UTC))


def _require_empty(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(path.name not in TOLERATED for path in folder.iterdir()):
        raise Problem("restore.not_empty", place=str(folder))


@contextlib.contextmanager
def _undone_on_failure(folder: Path) -> Iterator[None]:
    """Leave the folder as empty as it was, so that a second try is possible."""
    before = set(folder.iterdir())
    try:
        yield
    except BaseException:
        for path in set(folder.iterdir()) - before:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise
