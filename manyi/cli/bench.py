"""`manyi bench NAME`: measure this machine and this installation's code, on data of its own."""

from __future__ import annotations

import argparse
import importlib
import json
from typing import Any

# Name → module that offers `run(**options) -> dict`, and what it measures.
BENCHES = {
    "fsync": ("bench_disk", "how many times a second the disk makes 4 kB durable"),
    "ingest": ("bench_ingest", "durable single responses over HTTP"),
    "bulk": ("bench_bulk", "records a second through the bulk interface"),
    "page": ("bench_page", "server time of the respondent's page"),
    "overview": ("bench_overview", "server time of the Overview's numbers on a large lake"),
    "stats": ("bench_stats", "speed of the statistics"),
    "text": ("bench_text", "how well and how fast texts are understood"),
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", choices=[*BENCHES, "all"], help=_about())
    parser.add_argument("--json", action="store_true", help="JSON on stdout")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of each load")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--records", type=int, default=0, help="size where a bench has one")


def run(args: argparse.Namespace) -> int:
    names = list(BENCHES) if args.name == "all" else [args.name]
    found: dict[str, Any] = {}
    for name in names:
        module = importlib.import_module(f"manyi.cli.{BENCHES[name][0]}")
        found[name] = module.run(
            seconds=args.seconds, clients=args.clients, records=args.records or None
        )
        if not args.json:
            _print(name, found[name])
    if args.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    return 0


def _about() -> str:
    return "; ".join(f"{name}: {about}" for name, (_, about) in BENCHES.items())


def _print(name: str, found: dict[str, Any]) -> None:
    print(f"{name}")
    for key, value in found.items():
        print(f"  {key:32}{value}")
