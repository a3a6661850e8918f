"""From a file that somebody handed in to a proposal of what its columns mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping as Reads
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings

from manyi.connectors import lists
from manyi.connectors.models import Import, RememberedMapping
from manyi.kit.problems import FieldProblem
from manyi.tabular import mapping as mappings
from manyi.tabular import reading
from manyi.tabular.guess import guess
from manyi.tabular.mapping import Column, Mapping
from manyi.tabular.names import tidy

SOURCE_LENGTH = 40
MOST_ATTRIBUTES = 50
_ENDING = re.compile(
    r"(?:[-_ .]*(?:\d{1,14}|v\d+|copy|副本|[年月日号季度周]|q[1-4]|第[一二三四]))+$", re.I
)


def folder() -> Path:
    """Return where uploads and their rows lie."""
    found = Path(settings.DATA) / "imports"
    found.mkdir(mode=0o700, exist_ok=True)
    return found


def at(name: str) -> Path:
    """Return the path of a stored name; names never hold a folder."""
    return folder() / Path(name).name


def source_of(file_name: str) -> str:
    """Return a name for where a file comes from: the same for each month's export of it."""
    stem = unicodedata.normalize("NFKC", Path(file_name).name).lower()
    stem = re.sub(r"\.(csv|tsv|txt|xlsx|json|jsonl|ndjson|sav|gz)\b", "", stem)
    plain = _ENDING.sub("", re.sub(r"\(\d+\)", "", stem).strip())
    tidied = re.sub(r"[\W_]+", "-", plain).strip("-")
    return tidied[:SOURCE_LENGTH].strip("-") or "import"


def signature(what: str, columns: Sequence[str]) -> str:
    return f"{what}-{mappings.signature(columns)}"


def draft(job: Import) -> dict[str, Any]:
    """Return what the columns probably mean: as the last time, else guessed."""
    remembered = RememberedMapping.objects.filter(
        organisation_id=job.organisation_id, signature=job.signature
    ).first()
    if job.what != Import.What.FEEDBACK:
        known = remembered.mapping["columns"] if remembered else {}
        guessed = lists.guess(job.what, job.columns)
        by_name = {tidy(name): code for name, code in known.items()}
        return {"columns": {c: by_name.get(tidy(c), guessed[c]) for c in job.columns}}
    if remembered:
        return _as_before(mappings.from_json(remembered.mapping), job.columns).to_json()
    found = guess(job.columns, reading.sample(at(job.path)))
    return storable(mappings.from_guess(found, source=source_of(job.file_name))).to_json()


def _as_before(known: Mapping, columns: Sequence[str]) -> Mapping:
    """Return a remembered mapping for columns that stand in another order."""
    by_name = {tidy(c.name): c for c in known.columns}
    found = tuple(
        replace(by_name[tidy(name)], name=name) if tidy(name) in by_name else Column(name, "ignore")
        for name in columns
    )
    return replace(known, columns=found)


def storable(mapping: Mapping) -> Mapping:
    """Return the mapping with what a record can hold: its metrics, and 50 attributes."""
    columns, kept = [], 0
    for column in mapping.columns:
        if column.role in ("attribute", "label") or (
            column.role == "answer" and not mapping.survey
        ):
            kept += 1
            if kept > MOST_ATTRIBUTES:
                column = replace(column, role="ignore")
        if column.metric == "mean":
            column = replace(column, metric="score")
        columns.append(column)
    return replace(mapping, columns=tuple(columns))


def problems(job: Import, chosen: Reads[str, Any] | None = None) -> list[FieldProblem]:
    """Return why a mapping cannot be used; an empty list means that it can."""
    given = job.mapping if chosen is None else chosen
    if job.what != Import.What.FEEDBACK:
        return lists.problems(job.what, given["columns"])
    mapping = mappings.from_json(given)
    found = mappings.problems(mapping)
    if not mapping.source.strip() or len(mapping.source) > SOURCE_LENGTH:
        found.append(FieldProblem("source", "import.source_length", {"limit": SOURCE_LENGTH}))
    return found


def distinct(job: Import, column: str, *, at_most: int = 200, rows: int = 50_000) -> list[str]:
    """Return the different words of a column, in the order of their first appearance."""
    if column not in job.columns:
        return []
    i, found = job.columns.index(column), {}
    for _, row in zip(range(rows), reading.rows(at(job.path)), strict=False):
        word = lists.plain(row.cells[i])
        if word and word not in found:
            found[word] = True
            if len(found) == at_most:
                break
    return list(found)
