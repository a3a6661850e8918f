"""`manyi import`: a file of feedback, or a list, through the same door as the pages."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from manyi.cli.main import DONE, FAILED, SOME_REJECTED, WRONG_USAGE, language
from manyi.connectors import actions, importing, queries, wire
from manyi.connectors.lists import ATTRIBUTE, IGNORE, LISTS
from manyi.connectors.models import Import
from manyi.kit.problems import Problem
from manyi.kit.say import say
from manyi.tabular.names import ROLES
from manyi.upkeep import keys

SHOWN = 10
_BLOCK = 1024 * 1024


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    what = list(Import.What.values)
    parser.add_argument("file", type=Path, metavar="FILE", help="CSV, XLSX, JSON lines or SAV")
    to = parser.add_mutually_exclusive_group()
    to.add_argument("--survey", help="id or code of the survey that answers belong to")
    to.add_argument("--source", help="where the file comes from; the same name for its like")
    parser.add_argument("--what", choices=what, default="feedback", help="what the file holds")
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="COLUMN=FIELD",
        help="what a column holds, such as 评分=score:overall; may be repeated",
    )
    parser.add_argument("--date", metavar="DAY", help="date of rows that have none: 2026-11-01")
    parser.add_argument("--organisation", metavar="CODE", help="needed where there are several")
    parser.add_argument("--dry-run", action="store_true", help="count and check, store nothing")


def run(args: argparse.Namespace) -> int:
    """Import the file; 3 when rows were rejected."""
    from manyi.cli.who import owner

    keys.require_key()
    columns = _columns(args)
    if columns is None or not _is_usable(args):
        return WRONG_USAGE
    options = {
        "columns": columns,
        "source": args.source,
        "survey": args.survey,
        "occurred_at": args.date,
    }
    try:
        job = actions.start(
            by=owner(args.organisation),
            chunks=_chunks(args.file),
            file_name=args.file.name,
            what=args.what,
            now=datetime.now(UTC),
            is_dry_run=args.dry_run,
            mapping=None,
            options={k: v for k, v in options.items() if v},
        )
    except Problem as problem:
        if problem.code in ("import.column_unknown", "mapping.invalid"):
            return _misused(problem)
        raise
    _work(job)
    return _told(job)


def _columns(args: argparse.Namespace) -> dict[str, str] | None:
    known = (*ROLES,) if args.what == "feedback" else (*LISTS[args.what].by_code, ATTRIBUTE, IGNORE)
    found = {}
    for one in args.map:
        column, _, field = one.rpartition("=")
        role = field if args.what != "feedback" else field.partition(":")[0]
        if not column or role not in known:
            words = f"--map {one}: write COLUMN=FIELD with a field of {', '.join(known)}."
            sys.stderr.write(words + "\n")
            return None
        found[column] = field
    return found


def _is_usable(args: argparse.Namespace) -> bool:
    if args.what != "feedback" and (args.survey or args.source or args.date):
        sys.stderr.write("--survey, --source and --date are for feedback only.\n")
        return False
    if not args.file.is_file():
        sys.stderr.write(f"{args.file}: there is no such file.\n")
        return False
    return True


def _misused(problem: Problem) -> int:
    sys.stderr.write(say(problem.code, language(), problem.params) + "\n")
    return WRONG_USAGE


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _work(job: Import) -> None:
    """Do the work here; killed, it is taken up by the worker of the installation."""
    worker = f"cli:{importing.WORKER}"[:64]
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    with bar:
        task = bar.add_task(job.file_name, total=None)

        def tick(seen: Import) -> None:
            bar.update(task, completed=seen.progress, total=seen.total)

        importing.work_through(job, worker=worker, clock=lambda: datetime.now(UTC), tick=tick)
    job.refresh_from_db()


def _told(job: Import) -> int:
    """Say what became of the rows and return the exit code."""
    tongue = language()
    problem = wire.problem(job, tongue)
    if problem:
        sys.stderr.write(problem["detail"] + "\n")
        return FAILED
    if job.state != Import.State.DONE:
        return FAILED
    sys.stdout.write(say("import.told", tongue, _counts(job)) + "\n")
    for one in queries.first_problems(job, at_most=SHOWN):
        said = wire.row_problem(one, tongue)
        place = f"{job.file_name}:{said['line']}"
        sys.stderr.write(f"{place}: {said['column']}: {said['detail']}\n")
    return SOME_REJECTED if job.rejected else DONE


def _counts(job: Import) -> dict[str, Any]:
    return {name: getattr(job, name) for name in actions.COUNTS}
