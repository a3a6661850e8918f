"""`manyi analyze`: a file in, a report out; no server, no database, no network."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from manyi.cli.main import language
from manyi.study.run import analyze
from manyi.text.taxonomy import packs

WRONG_USAGE = 2


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", help="CSV, XLSX, JSON lines or SAV")
    for name, about in {
        "--text": "column of comments",
        "--score": "column of scores",
        "--by": "column whose groups to compare",
    }.items():
        parser.add_argument(name, nargs="+", action="extend", default=[], metavar="COL", help=about)
    parser.add_argument("--scale", metavar="1-5", help="worst and best answer")
    parser.add_argument("--industry", choices=list(packs()), help="trade of the themes")
    parser.add_argument("--out", type=Path, default=Path("report.html"))
    parser.add_argument("--language", choices=["zh-Hans", "en"], default=language())
    parser.add_argument("--title", help="heading of the report")


def run(args: argparse.Namespace) -> int:
    path = args.file or _taken_for_a_column(args)
    if path is None:
        print("manyi analyze: name the file to read.", file=sys.stderr)
        return WRONG_USAGE
    result = analyze(
        path,
        text=args.text,
        score=args.score,
        scale=args.scale,
        by=args.by,
        industry=args.industry,
        language=args.language,
        out=args.out,
        title=args.title,
        now=datetime.now(UTC),
    )
    print(result.answer)
    print(result.out.resolve())
    return 0


def _taken_for_a_column(args: argparse.Namespace) -> str | None:
    """Return the file that stands behind `--by COL`, where the option took it for a column."""
    for columns in (args.text, args.score, args.by):
        if len(columns) > 1 and Path(columns[-1]).is_file():
            return str(columns.pop())
    return None
