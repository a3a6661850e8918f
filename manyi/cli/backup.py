"""`manyi backup FILE`: everything that cannot be made again, in one file."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from manyi.upkeep import backup


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="where to write the backup, such as manyi.zip")


def run(args: argparse.Namespace) -> int:
    written = backup.create(args.file.resolve(), now=datetime.now(UTC))
    print(f"{written.path}  {written.size} bytes  sha256 {written.sha256}")
    return 0
