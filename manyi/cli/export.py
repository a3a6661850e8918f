"""`manyi export`: feedback to a file, as the owner sees it."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from manyi.accounts.permissions import scope
from manyi.accounts.queries import unit_by_code
from manyi.cli.main import DONE, WRONG_USAGE, language
from manyi.kit.selection import parse
from manyi.reports.actions import note
from manyi.reports.exporting import FORMS, Exporting, Tick
from manyi.tabular.triple_s import unpack


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("file", type=Path, metavar="FILE", help="where to write")
    parser.add_argument("--format", choices=FORMS, help="from the file's ending when left out")
    parser.add_argument("--survey", help="id or code of a survey")
    parser.add_argument("--source", help="where the feedback came from")
    parser.add_argument("--unit", metavar="CODE", help="a unit and everything below it")
    parser.add_argument("--from", dest="first", metavar="DAY", help="first day: 2026-11-01")
    parser.add_argument("--to", dest="last", metavar="DAY", help="last day, included")
    parser.add_argument("--organisation", metavar="CODE", help="needed where there are several")


def run(args: argparse.Namespace) -> int:
    """Write the file and say how many records it holds."""
    from manyi.cli.who import owner

    form = args.format or _form(args.file)
    if form is None:
        sys.stderr.write(f"{args.file}: add --format {'|'.join(FORMS)}.\n")
        return WRONG_USAGE
    by = owner(args.organisation)
    if args.unit:
        unit_by_code(scope(by), args.unit)
    given = {
        "survey": args.survey,
        "source": args.source,
        "unit": args.unit,
        "from": args.first,
        "to": args.last,
    }
    selection = parse(scope(by), {k: [v] for k, v in given.items() if v})
    export = Exporting(by, selection, language=language())
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
    )
    with bar:
        task = bar.add_task(args.file.name, total=export.count())
        n = _write(export, args.file, form, lambda done: bar.update(task, completed=done))
        bar.update(task, completed=n)
    note(by=by, selection=selection, form=form, n=n, now=datetime.now(UTC))
    sys.stdout.write(f"{args.file}: {n}\n")
    return DONE


def _write(export: Exporting, path: Path, form: str, tick: Tick) -> int:
    """Write the file; Triple-S is a definition and its answers beside it, or a zip of both."""
    if form != "sss" or path.suffix.lower() == ".zip":
        return export.write(path, form, tick)
    with TemporaryDirectory(dir=path.parent) as folder:
        packed = Path(folder) / "export.zip"
        n = export.write(packed, form, tick)
        unpack(packed, path)
    return n


def _form(path: Path) -> str | None:
    found = path.suffix.lower().lstrip(".")
    others = {"jsonl": "json", "ndjson": "json", "zip": "sss"}
    return others.get(found, found if found in FORMS else None)
