"""Writes: a file is handed in, its columns are settled, and it is set going or stopped."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from manyi.accounts import audit
from manyi.accounts.actions import add_unit
from manyi.accounts.given import CODE_LENGTH
from manyi.accounts.models import Member, Unit
from manyi.accounts.permissions import require
from manyi.connectors import drafting
from manyi.connectors.lists import LISTS
from manyi.connectors.models import FirstPassword, Import, RememberedMapping
from manyi.feedback import directory
from manyi.kit.problems import Forbidden, NotFound, Problem
from manyi.tabular import mapping as mappings
from manyi.tabular import reading
from manyi.tabular.limits import MEGABYTE, Limits
from manyi.tabular.reading import Shape
from manyi.tabular.words import fold

State, Stage = Import.State, Import.Stage
SMALL = 5 * MEGABYTE
_NOTES = 20


def require_import(by: Member, what: str) -> None:
    """Raise Forbidden unless `by` may import this."""
    if what not in Import.What.values:
        raise Problem("import.what_unknown", value=what[:40])
    require(by, "import.run")
    require(by, LISTS[what].deed if what in LISTS else "feedback.receive")


def start(
    *,
    by: Member,
    chunks: Iterable[bytes],
    file_name: str,
    what: str = "feedback",
    now: datetime,
    **unattended: Any,
) -> Import:
    """Take a file in, ready to be mapped or, unattended, to be stored.

    The arguments are those of `prepare`.
    """
    job = prepare(by=by, chunks=chunks, file_name=file_name, what=what, now=now, **unattended)
    return begin(by=by, job=job, now=now)


def prepare(
    *,
    by: Member,
    chunks: Iterable[bytes],
    file_name: str,
    what: str = "feedback",
    now: datetime,
    **unattended: Any,
) -> Import:
    """Keep a file and return its import, not stored yet; small ones are read at once.

    With `mapping` (a mapping, or None for the remembered or guessed one), `options` and
    `is_dry_run` it goes on without a person; else somebody maps its columns first.
    """
    require_import(by, what)
    upload = _keep(chunks)
    job = Import(
        organisation=by.organisation,
        user=by.user,
        what=what,
        file_name=Path(file_name.replace("\\", "/")).name[:200] or "file",
        upload=upload.name,
        path=f"{upload.stem}.rows",
        created_at=now,
        is_unattended=bool(unattended),
        is_dry_run=unattended.get("is_dry_run", False),
        mapping={"given": unattended} if unattended else {},
    )
    try:
        if upload.stat().st_size <= SMALL:
            settle(job, read(job), now=now)
    except Problem:
        upload.unlink(missing_ok=True)
        raise
    return job


def begin(*, by: Member, job: Import, now: datetime) -> Import:
    """Store a prepared import; the worker goes on with it."""
    job.pk = None  # tried again, the group commit stores it anew
    with transaction.atomic():
        job.save(force_insert=True)
        if job.is_unattended and not job.is_dry_run:
            _note(by, job, now)
    return job


def drop(job: Import) -> None:
    """Delete the files of a prepared import that is not begun."""
    drafting.at(job.upload).unlink(missing_ok=True)
    drafting.at(job.path).unlink(missing_ok=True)


def _note(by: Member, job: Import, now: datetime) -> None:
    """Leave an entry in the audit chain: who brought which file in."""
    audit.record(
        by.organisation_id,
        actor=by,
        action="import.run",
        target=f"import:{job.pk}",
        detail={"what": job.what, "file": job.file_name},
        now=now,
    )


def _keep(chunks: Iterable[bytes]) -> Path:
    path, limit, size = drafting.folder() / f"{secrets.token_hex(16)}.upload", Limits().bytes, 0
    with path.open("wb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > limit:
                break
            file.write(chunk)
    if 0 < size <= limit:
        return path
    path.unlink()
    if size == 0:
        raise Problem("file.empty")
    raise Problem("file.too_large", limit=limit // MEGABYTE)


def read(job: Import) -> Shape:
    """Make the uploaded file into plain rows, in a child process; stores nothing."""
    upload = drafting.at(job.upload)
    if not upload.exists():
        raise Problem("import.file_gone")
    return reading.convert(upload, drafting.at(job.path), sheet=job.sheet or None)


def settle(job: Import, shape: Shape, *, now: datetime) -> None:
    """Give a job what its file turned out to be; unattended, set it going. Saves nothing."""
    given = job.mapping.get("given", {})
    kept = ("format", "encoding", "sheets", "header_row")
    notes = [asdict(p) for p in shape.problems[:_NOTES]]
    job.shape = {**{k: getattr(shape, k) for k in kept}, "notes": notes}
    job.sheet, job.columns, job.total = shape.sheet[:100], list(shape.columns), shape.rows
    job.signature = drafting.signature(job.what, job.columns)
    job.mapping = given.get("mapping") or drafting.draft(job)
    job.stage = Stage.MAPPING
    if not job.is_unattended:
        return
    job.mapping = with_options(job, given.get("options", {}))
    wrong = drafting.problems(job)
    if wrong:
        raise Problem("import.mapping_incomplete", errors=tuple(wrong))
    job.stage = Stage.STORING


def with_options(job: Import, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mapping with `source`, `survey`, `occurred_at` … and single `columns` set anew.

    `columns` maps a column's name to a role or field, for scores and answers with `:item`.
    """
    chosen = checked(job.what, job.mapping)
    fields = {k: v for k, v in options.items() if k != "columns" and v is not None}
    wanted = options.get("columns") or {}
    if not all(isinstance(role, str) for role in wanted.values()):
        raise Problem("mapping.invalid", key="columns", value=str(wanted)[:80])
    unknown = [name for name in wanted if name not in job.columns]
    if unknown:
        raise Problem("import.column_unknown", value=unknown[0][:80])
    if job.what != Import.What.FEEDBACK:
        return {"columns": {**chosen["columns"], **wanted}}
    columns = [_with_role(c, wanted.get(c["name"])) for c in chosen["columns"]]
    return checked(job.what, {**chosen, **fields, "columns": columns})


def checked(what: str, given: Any) -> dict[str, Any]:
    """Return a mapping as it is stored; refuse what is none."""
    try:
        if what == Import.What.FEEDBACK:
            found = mappings.from_json(given)
            if all(_is_plain(c) for c in found.columns):
                return drafting.storable(found).to_json()
        else:
            columns = dict(given["columns"])
            if all(isinstance(word, str) for pair in columns.items() for word in pair):
                return {"columns": columns}
    except (AttributeError, KeyError, TypeError, ValueError):
        pass
    raise Problem("mapping.invalid", key="mapping", value=str(given)[:80])


def _is_plain(column: mappings.Column) -> bool:
    texts = (column.name, column.item or "", column.metric or "")
    return all(isinstance(text, str) for text in texts)


def _with_role(column: dict[str, Any], wanted: str | None) -> dict[str, Any]:
    if not wanted:
        return column
    role, _, item = wanted.partition(":")
    return {**column, "role": role, **({"item": item} if item else {})}


def choose_sheet(*, by: Member, job: Import, sheet: str, now: datetime) -> None:
    """Read another sheet of the workbook instead."""
    require_import(by, job.what)
    _waiting(job)
    job.sheet, job.mapping, job.is_checked = sheet, {}, False
    settle(job, read(job), now=now)
    job.save()


def choose(*, by: Member, job: Import, mapping: Mapping[str, Any], now: datetime) -> None:
    """Store what a person said the columns mean."""
    require_import(by, job.what)
    _waiting(job)
    mapping = checked(job.what, mapping)
    changed = mapping != job.mapping
    Import.objects.filter(pk=job.pk, stage=Stage.MAPPING).update(
        mapping=mapping, is_checked=job.is_checked and not changed
    )
    job.mapping, job.is_checked = mapping, job.is_checked and not changed


def _waiting(job: Import) -> None:
    if job.stage != Stage.MAPPING or job.state != State.WAITING:
        raise Problem("import.under_way")


def check(*, by: Member, job: Import, now: datetime) -> None:
    """Go through the whole file and count what would happen, storing nothing."""
    _go(by, job, is_dry_run=True)


def run(*, by: Member, job: Import, now: datetime) -> None:
    """Store the file's rows, and remember its mapping for the next one like it."""
    with transaction.atomic():
        remember(job, now=now)
        _go(by, job, is_dry_run=False)
        _note(by, job, now)


def _go(by: Member, job: Import, **how: Any) -> None:
    require_import(by, job.what)
    wrong = drafting.problems(job)
    if wrong:
        raise Problem("import.mapping_incomplete", errors=tuple(wrong))
    counts = dict.fromkeys(("offset", "line", "progress", *COUNTS), 0)
    with transaction.atomic():
        started = Import.objects.filter(pk=job.pk, stage=Stage.MAPPING, state=State.WAITING).update(
            stage=Stage.STORING, is_checked=False, **counts, **how
        )
        if not started:
            raise Problem("import.under_way")
        job.problems.all().delete()
    job.refresh_from_db()


COUNTS = ("created", "updated", "unchanged", "rejected")


def remember(job: Import, *, now: datetime) -> None:
    """Keep a mapping for files with the same columns; a date is that of one file only."""
    kept = {k: v for k, v in job.mapping.items() if k != "occurred_at"}
    RememberedMapping.objects.update_or_create(
        organisation_id=job.organisation_id,
        signature=job.signature,
        defaults={"mapping": kept, "used_at": now},
    )


def cancel(*, by: Member, job: Import, now: datetime) -> None:
    """Stop an import; what it has stored stays, and the same file can be sent again."""
    require_import(by, job.what)
    open_ones = Import.objects.filter(pk=job.pk, state__in=(State.WAITING, State.RUNNING))
    if open_ones.update(state=State.CANCELLED, finished_at=now, claimed_by=""):
        drafting.at(job.upload).unlink(missing_ok=True)


def resume(*, by: Member, job: Import, now: datetime) -> None:
    """Let an import that failed go on where it stopped."""
    require_import(by, job.what)
    if not drafting.at(job.path).exists():
        raise Problem("import.file_gone")
    Import.objects.filter(pk=job.pk, state=State.FAILED, stage=Stage.STORING).update(
        state=State.WAITING, problem=None, finished_at=None, claimed_by=""
    )


def create_units(
    *, by: Member, job: Import, words: Sequence[str], parent: Unit | None, now: datetime
) -> int:
    """Make a unit of each word of the file that names none yet; returns how many."""
    require(by, "unit.edit", parent)
    with transaction.atomic():
        for word in dict.fromkeys(words):
            add_unit(by=by, code=_code(word), name=word[:120], parent=parent, now=now)
    directory.forget(job.organisation_id)
    return len(set(words))


def _code(word: str) -> str:
    """Return a code for links and files; the word itself stays the unit's name."""
    return re.sub(r"[/\\,;<>\"'`|\s]+", "-", word).strip("-.")[:CODE_LENGTH] or "unit"


def take_passwords(*, by: Member, job: Import) -> list[tuple[str, str, str]]:
    """Return (log-in, name, password) of the members made, once and to the importer alone."""
    if by.user_id != job.user_id:
        raise Forbidden("forbidden", deed="member.edit")
    with transaction.atomic():
        rows = list(FirstPassword.objects.select_for_update().filter(job=job).order_by("pk"))
        if not rows:
            raise NotFound("import.passwords_taken")
        FirstPassword.objects.filter(pk__in=[r.pk for r in rows]).delete()
    return [(r.login, r.name, r.password) for r in rows]


def name_units(*, by: Member, job: Import, words: Mapping[str, str], now: datetime) -> None:
    """Say which unit each word of the unit column means; the mapping remembers it."""
    codes = {fold(word): code for word, code in words.items()}
    columns = [
        {**c, "codes": {**c["codes"], **codes}} if c["role"] == "unit" else c
        for c in job.mapping["columns"]
    ]
    choose(by=by, job=job, mapping={**job.mapping, "columns": columns}, now=now)
