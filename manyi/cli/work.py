"""`manyi work`: one worker that turns the loop."""

from __future__ import annotations

import argparse

from manyi.loop.run import work


def arguments(parser: argparse.ArgumentParser) -> None:
    """This command takes none."""


def run(args: argparse.Namespace) -> int:
    work()
    return 0
