"""`manyi recount`: whether the lake agrees with the database; it is mended where it does not."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from manyi.upkeep import counting


def arguments(parser: argparse.ArgumentParser) -> None:
    """This command takes none."""


def run(args: argparse.Namespace) -> int:
    print(f"{counting.recount(now=datetime.now(UTC))} disagreements")
    return 0
