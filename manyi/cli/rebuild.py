"""`manyi rebuild`: the lake again from the database."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from manyi.lake import writing


def arguments(parser: argparse.ArgumentParser) -> None:
    """This command takes none."""


def run(args: argparse.Namespace) -> int:
    print(f"{writing.rebuild(datetime.now(UTC))} records")
    return 0
