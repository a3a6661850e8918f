"""Reads: imports, their problems with the original rows, and previews."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from manyi.accounts.models import Member
from manyi.accounts.permissions import require
from manyi.connectors import drafting, lists
from manyi.connectors.models import Import, ImportProblem
from manyi.connectors.places import places
from manyi.connectors.storing import Reader
from manyi.kit.problems import FieldProblem, NotFound
from manyi.kit.say import say
from manyi.tabular import mapping as mappings
from manyi.tabular import reading
from manyi.tabular.limits import Cell
from manyi.tabular.words import fold
from manyi.tabular.writing import Column


def imports(member: Member) -> QuerySet[Import]:
    """Return the imports that a member sees, the latest first."""
    require(member, "import.run")
    return Import.objects.visible_to(member).select_related("user").order_by("-pk")


def import_by_id(member: Member, pk: int | str) -> Import:
    try:
        return imports(member).get(pk=int(pk))
    except (Import.DoesNotExist, ValueError, OverflowError):
        raise NotFound("not_found") from None


@dataclass(frozen=True)
class Preview:
    """One row as it will be stored, or why it will not."""

    line: int
    record: dict[str, Any]
    problems: Sequence[FieldProblem]


def preview(
    job: Import, member: Member, mapping: dict[str, Any], *, now: datetime, n: int = 10
) -> list[Preview]:
    """Return the first rows as `mapping` would store them."""
    rows = islice(reading.rows(drafting.at(job.path)), n)
    if job.what != Import.What.FEEDBACK:
        columns = mapping["columns"]
        return [
            Preview(row.number, lists.row_of(job.what, columns, job.columns, row.cells), ())
            for row in rows
        ]
    zone = ZoneInfo(member.organisation.time_zone)
    chosen = drafting.storable(mappings.from_json(mapping))
    reader = Reader(chosen, job.columns, zone, places(job.organisation_id))
    found = []
    for row in rows:
        record, wrong = reader.record(row)
        _, problems = reader.incoming(row, now)
        wrong = list(wrong or problems) + _place_problems(reader, record)
        found.append(Preview(row.number, record, wrong))
    return found


def _place_problems(reader: Reader, record: dict[str, Any]) -> list[FieldProblem]:
    found = []
    if record["unit"] and record["unit"] not in reader.known.units:
        found.append(FieldProblem("unit", "unit_unknown", {"value": record["unit"]}))
    if record["touchpoint"] and record["touchpoint"] not in reader.known.touchpoints:
        params = {"value": record["touchpoint"]}
        found.append(FieldProblem("touchpoint", "touchpoint_unknown", params))
    return found


def unknown_units(job: Import, mapping: dict[str, Any]) -> list[str]:
    """Return the words of the unit column that name no unit yet."""
    if job.what != Import.What.FEEDBACK or not drafting.at(job.path).exists():
        return []
    column = next((c for c in mapping["columns"] if c["role"] == "unit"), None)
    if column is None:
        return []
    words = drafting.distinct(job, column["name"])
    known = places(job.organisation_id)
    codes = mappings.from_json(mapping).of("unit")[0].codes
    return [w for w in known.unknown_units(words) if fold(w) not in codes]


def problem_columns(job: Import, language: str) -> list[Column]:
    """Return the headings of the list of problems: what is wrong, then the original row."""
    own = [
        Column("line", say("import.line", language), "integer"),
        Column("column", say("import.column", language)),
        Column("value", say("import.value", language)),
        Column("reason", say("import.reason", language), width=60),
    ]
    return own + [Column(f"c{i}", str(name)) for i, name in enumerate(job.columns)]


def problem_rows(job: Import, language: str) -> Iterator[list[Any]]:
    """Yield each problem with the row as it stands in the file, read along once."""
    path = drafting.at(job.path)
    originals = _originals(path) if path.exists() else iter(())
    number, cells = 0, []  # type: tuple[int, Sequence[Cell]]
    for one in job.problems.order_by("line", "pk").iterator(chunk_size=1000):
        while number < one.line:
            number, cells = next(originals, (one.line, []))
        reason = say(one.code, language, one.params)
        yield [one.line, one.column, one.value, reason, *(cells if number == one.line else [])]


def _originals(path: Any) -> Iterator[tuple[int, Sequence[Cell]]]:
    for row in reading.rows(path):
        yield row.number, row.cells


def first_problems(job: Import, *, at_most: int) -> Iterable[ImportProblem]:
    return job.problems.order_by("line", "pk")[:at_most]
