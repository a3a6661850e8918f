"""`manyi bench NAME`: measure this machine and this installation's code, on data of its own."""

from __future__ import annotations

import argparse
import importlib
import json
from collections.abc import Callable, Iterable
from typing import Any

# Name → module that offers `run(**options) -> dict`, and what it measures.
BENCHES = {
    "fsync": ("bench_disk", "how many times a second the disk makes 4 kB durable"),
    "ingest": ("bench_ingest", "durable single responses over HTTP"),
    "bulk": ("bench_bulk", "records a second through the bulk interface"),
    "page": ("bench_page", "server time of the respondent's page"),
    "overview": ("bench_overview", "server time of the Overview's numbers on a large lake"),
    "pages": ("bench_pages", "server time of staff pages and API reads on a large organisation"),
    "search": ("bench_search", "the search by words and by meaning on a large organisation"),
    "stats": ("bench_stats", "speed of the statistics"),
    "unnamed": ("bench_unnamed", "whether what nobody named is found and rises only when it does"),
    "meaning": ("bench_meaning", "how well and how fast texts are found by meaning"),
    "text": ("bench_text", "how well and how fast texts are understood"),
    "analyse": ("bench_analyse", "how fast imported texts are read and stored"),
    "worker": ("bench_worker", "what memory a worker needs, with the accurate tier"),
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", choices=[*BENCHES, "all"], help=_about())
    parser.add_argument("--json", action="store_true", help="JSON on stdout")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of each load")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--records", type=int, default=0, help="size where a bench has one")
    parser.add_argument(
        "--units", type=int, default=0, help="pages, search: units of the organisation"
    )
    parser.add_argument(
        "--data", default="", help="pages, search: folder to keep the organisation in"
    )
    parser.add_argument(
        "--only", default="", help="pages: addresses, search: ways that hold this text alone"
    )


def run(args: argparse.Namespace) -> int:
    names = list(BENCHES) if args.name == "all" else [args.name]
    found: dict[str, Any] = {}
    for name in names:
        module = importlib.import_module(f"manyi.cli.{BENCHES[name][0]}")
        found[name] = module.run(
            seconds=args.seconds,
            clients=args.clients,
            records=args.records or None,
            units=args.units or None,
            data=args.data,
            only=args.only,
        )
        if not args.json:
            _print(name, found[name], getattr(module, "rows", None))
    if args.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    return 0


def _about() -> str:
    return "; ".join(f"{name}: {about}" for name, (_, about) in BENCHES.items())


def _print(
    name: str,
    found: dict[str, Any],
    rows: Callable[[dict[str, Any]], Iterable[str]] | None,
) -> None:
    print(f"{name}")
    for key, value in found.items():
        if rows is None or not isinstance(value, dict):
            print(f"  {key:32}{value}")
    for line in rows(found) if rows else ():
        print(line)
