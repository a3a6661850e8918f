"""`manyi work`: one worker that turns the loop."""

from __future__ import annotations

import argparse

from manyi.loop.run import work
from manyi.upkeep import keys, restore


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    accept_lost_key(parser)


def accept_lost_key(parser: argparse.ArgumentParser) -> None:
    """Let a command be told to go on where the former secret key is gone for good."""
    parser.add_argument(
        "--key-is-lost",
        action="store_true",
        help="go on though nothing that the former secret key sealed can be read again",
    )


def run(args: argparse.Namespace) -> int:
    restore.require_whole()
    if not args.key_is_lost:
        keys.require_key()
    work()
    return 0
