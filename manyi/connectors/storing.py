"""One chunk of rows into the database, together with the place behind it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from manyi.accounts import actions as accounts
from manyi.accounts.models import Member
from manyi.accounts.permissions import scope
from manyi.connectors import lists
from manyi.connectors.columns import column_of, named
from manyi.connectors.models import FirstPassword, Import, ImportProblem
from manyi.connectors.places import Places, places
from manyi.customers.actions import upsert_row as upsert_customer
from manyi.feedback import directory
from manyi.feedback.actions import CHUNK, receive_many
from manyi.feedback.incoming import Incoming
from manyi.feedback.incoming import read as read_record
from manyi.kit.problems import FieldProblem, Problem
from manyi.kit.selection import Scope
from manyi.tabular import mapping as mappings
from manyi.tabular.mapping import Mapping
from manyi.tabular.reading import Row

MOST_PROBLEMS = 100_000
MOST_SEEN = 500_000
_UPSERTS = {
    "units": accounts.upsert_unit,
    "members": accounts.upsert_member,
    "touchpoints": accounts.upsert_touchpoint,
    "agents": accounts.upsert_agent,
    "customers": upsert_customer,
}
# Refs that this process met in dry runs: nothing is stored, so the database cannot tell that
# a later row of the same file would be an update.
_seen: dict[int, dict[str, str]] = {}


class LostLease(Exception):
    """The job was cancelled, or another worker has it now."""


class Storing:
    """A job on its way: stores chunks and counts what became of their rows."""

    chunk = CHUNK

    def __init__(self, job: Import, by: Member, *, now: datetime) -> None:
        self.job, self.by, self.now = job, by, now
        if not job.progress:
            _seen.pop(job.pk, None)
        self.seen = _seen.setdefault(job.pk, {}) if job.is_dry_run else {}

    def store(self, rows: Sequence[Row], *, worker: str) -> None:
        """Store a chunk with its counts and problems, all of it or nothing."""
        with transaction.atomic():
            counts, problems = self._attempt(rows)
            values = {name: getattr(self.job, name) + n for name, n in counts.items()}
            values |= {"offset": rows[-1].offset, "line": rows[-1].number}
            values["progress"] = self.job.progress + len(rows)
            room = MOST_PROBLEMS - self.job.rejected
            ImportProblem.objects.bulk_create(problems[: max(0, room)])
            if not self.job.report(worker=worker, now=self.now, **values):
                raise LostLease
        for name, value in values.items():
            setattr(self.job, name, value)

    def _attempt(self, rows: Sequence[Row]) -> tuple[dict[str, int], list[ImportProblem]]:
        """Return what becomes of the rows; a dry run takes everything back at once."""
        if not self.job.is_dry_run:
            return self._take(rows)
        try:
            with transaction.atomic():
                found = self._take(rows)
                transaction.set_rollback(True)
        finally:
            directory.forget(self.job.organisation_id)  # it may know agents that never were
        return found

    def _take(self, rows: Sequence[Row]) -> tuple[dict[str, int], list[ImportProblem]]:
        raise NotImplementedError

    def _problem(self, line: int, column: str, one: FieldProblem, value: str) -> ImportProblem:
        params = {k: str(v)[:200] for k, v in one.params.items()}
        return ImportProblem(
            job=self.job,
            line=line,
            column=column[:200],
            code=one.code[:60],
            params=params,
            value=value[:200],
        )


def forget(job: Import) -> None:
    """Drop what this process remembers of a dry run."""
    _seen.pop(job.pk, None)


def storing_of(job: Import, by: Member, *, now: datetime) -> Storing:
    """Return what stores the rows of this job."""
    kind = StoringFeedback if job.what == Import.What.FEEDBACK else StoringList
    return kind(job, by, now=now)


class Reader:
    """Rows to records that the one door takes, or to the reasons why not."""

    def __init__(self, mapping: Mapping, columns: Sequence[str], zone: ZoneInfo, known: Places):
        self.mapping, self.columns, self.zone, self.known = mapping, columns, zone, known
        self._long = any(len(c.name) > 60 for c in mapping.columns)

    def record(self, row: Row) -> tuple[dict[str, Any], list[FieldProblem]]:
        """Return a row's record as on the wire; units and touchpoints may be named."""
        record, wrong = mappings.parse_row(
            self.mapping, self.columns, row.cells, zone=self.zone, occurrence=row.occurrence
        )
        record["unit"] = self.known.unit(record["unit"])
        record["touchpoint"] = self.known.touchpoint(record["touchpoint"])
        if self._long:
            record["attributes"] = {k[:60]: v for k, v in record["attributes"].items()}
        return record, wrong

    def incoming(self, row: Row, now: datetime) -> tuple[Incoming | None, Sequence[FieldProblem]]:
        record, wrong = self.record(row)
        if wrong:
            return None, wrong
        try:
            return read_record(record, now=now), ()
        except Problem as problem:
            return None, problem.errors or (FieldProblem("", problem.code, problem.params),)


class StoringFeedback(Storing):
    """Rows of feedback: through the one door, in the scope that the importer has today."""

    def __init__(self, job: Import, by: Member, *, now: datetime) -> None:
        super().__init__(job, by, now=now)
        self.scope: Scope = scope(by)
        self.mapping = mappings.from_json(job.mapping)
        zone = ZoneInfo(by.organisation.time_zone)
        known = places(job.organisation_id)
        self.reader = Reader(self.mapping, tuple(job.columns), zone, known)
        self.has_refs = bool(self.mapping.of("source_ref"))

    def _take(self, rows: Sequence[Row]) -> tuple[dict[str, int], list[ImportProblem]]:
        counts = dict.fromkeys(("created", "updated", "unchanged", "rejected"), 0)
        problems: list[ImportProblem] = []
        good: list[tuple[Row, Incoming]] = []
        for row in rows:
            one, wrong = self.reader.incoming(row, self.now)
            if one is None:
                counts["rejected"] += 1
                problems += self._said(row, wrong)
            else:
                good.append((row, one))
        outcomes = receive_many(self.scope, [one for _, one in good], now=self.now)
        for (row, one), outcome in zip(good, outcomes, strict=True):
            counts[self._result(one, outcome.result)] += 1
            problems += self._said(row, outcome.problems)
        return counts, problems

    def _result(self, one: Incoming, result: str) -> str:
        if not (self.job.is_dry_run and self.has_refs) or result == "rejected":
            return result
        seen = self.seen
        before = seen.get(one.source_ref)
        if len(seen) < MOST_SEEN:
            seen[one.source_ref] = one.content_hash
        if before is None:
            return result
        return "unchanged" if before == one.content_hash else "updated"

    def _said(self, row: Row, wrong: Sequence[FieldProblem]) -> Iterator[ImportProblem]:
        for one in wrong:
            column = column_of(self.mapping, one.pointer)
            yield self._problem(row.number, column, one, named(self.job.columns, row, column))


class StoringList(Storing):
    """Rows of units, people and touchpoints: each does what the importer may do by hand."""

    def __init__(self, job: Import, by: Member, *, now: datetime) -> None:
        super().__init__(job, by, now=now)
        # One member costs as much as hashing a password, and the write lock is held meanwhile.
        self.chunk = 1 if job.what == Import.What.MEMBERS else 20
        self.known = places(job.organisation_id)
        self.columns: dict[str, str] = job.mapping["columns"]

    def _take(self, rows: Sequence[Row]) -> tuple[dict[str, int], list[ImportProblem]]:
        counts = dict.fromkeys(("created", "updated", "unchanged", "rejected"), 0)
        problems: list[ImportProblem] = []
        for row in rows:
            given = self._given(row)
            try:
                with transaction.atomic():
                    counts[self._upsert(given)] += 1
            except Problem as problem:
                counts["rejected"] += 1
                problems += self._said(row, problem)
        return counts, problems

    def _given(self, row: Row) -> lists.Row:
        given = lists.row_of(self.job.what, self.columns, self.job.columns, row.cells)
        for key in {"unit", "parent"} & given.keys():
            given[key] = self.known.unit(given[key])
        return given

    def _upsert(self, given: lists.Row) -> str:
        if self.job.what == Import.What.MEMBERS:
            return self._upsert_member(given)
        if self.job.what == Import.What.UNITS and self.job.is_dry_run:
            if given.get("parent") in self.seen:
                given["parent"] = None  # the rows above make it when this is no dry run
            self.seen[given.get("code", "")] = ""
        result: str = _UPSERTS[self.job.what](by=self.by, row=given, now=self.now)
        return result

    def _upsert_member(self, given: lists.Row) -> str:
        password = _first_password()
        given["password"] = password
        result: str = accounts.upsert_member(by=self.by, row=given, now=self.now)
        if result == "created":
            logins = (given.get(k) for k in ("username", "email", "phone"))
            login = next(str(v) for v in logins if v)
            FirstPassword.objects.create(
                job=self.job, login=login, name=str(given.get("name") or ""), password=password
            )
        return result

    def _said(self, row: Row, problem: Problem) -> Iterator[ImportProblem]:
        errors = problem.errors or (FieldProblem("", problem.code, problem.params),)
        by_field = {field: name for name, field in self.columns.items()}
        for one in errors:
            column = by_field.get(one.pointer.strip("/").split("/")[0], "")
            yield self._problem(row.number, column, one, named(self.job.columns, row, column))


_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def _first_password() -> str:
    """Return a password to be changed at the first log-in, easy to read out."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
