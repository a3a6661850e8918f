"""`manyi demo`: a supermarket chain to look around in, loaded once."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from manyi.cli.serve import prepare_database
from manyi.packs import demo, demo_load


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--scale", type=_whole, default=1, metavar="N", help="N times as many records (3,200)"
    )


def run(args: argparse.Namespace) -> int:
    prepare_database()
    loaded = demo_load.load(now=datetime.now(UTC), scale=args.scale)
    print(f"{loaded.organisation.code}: {loaded.records} records, {loaded.new} new")
    for role, name, password in demo.log_ins():
        print(f"  {role:18}{name:22}{password}")
    return 0


def _whole(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 1000:
        raise argparse.ArgumentTypeError("between 1 and 1000")
    return number
