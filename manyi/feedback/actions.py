"""The one door in: whatever brought a voice, `receive_many` stores it, once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from manyi.base.ids import id_within, new_id
from manyi.customers.actions import upsert_many
from manyi.customers.queries import customers, matched
from manyi.feedback import directory as directories
from manyi.feedback import rows
from manyi.feedback.directory import Directory
from manyi.feedback.incoming import Incoming
from manyi.feedback.models import FeedbackRecord, RecordHistory
from manyi.feedback.queries import customers_heard
from manyi.feedback.versions import questionnaire
from manyi.feedback.wire import content_of
from manyi.kit.problems import FieldProblem
from manyi.kit.selection import Scope
from manyi.questionnaire import answering
from manyi.questionnaire import rows as coded

CHUNK = 250


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one incoming record: created, updated, unchanged or rejected."""

    result: str
    record_id: int | None = None
    problems: tuple[FieldProblem, ...] = ()


@dataclass(slots=True)
class _Placed:
    """An incoming record with the ids behind its codes."""

    one: Incoming
    unit_id: int | None
    touchpoint_id: int | None
    agent_id: int | None = None
    survey_id: int | None = None
    version_id: int | None = None
    is_anonymous: bool = False
    customer_id: int | None = None
    answers: Sequence[coded.AnswerRow] = ()


def receive_many(scope: Scope, batch: Sequence[Incoming], *, now: datetime) -> list[Outcome]:
    """Store records inside `scope`. Receiving one twice stores it once.

    The same (source, source_ref) with other content updates the record and keeps the earlier
    version. Outcomes come in the order of `batch`; a rejected one stops no other.
    """
    outcomes: list[Outcome | None] = [None] * len(batch)
    for indexes in _chunks(batch):
        part = [batch[i] for i in indexes]
        for i, outcome in zip(indexes, _receive_chunk(scope, part, now), strict=True):
            outcomes[i] = outcome
    return [o for o in outcomes if o is not None]


def _chunks(batch: Sequence[Incoming]) -> Iterator[list[int]]:
    """Yield indexes in order, at most CHUNK at a time and no reference twice in one chunk."""
    indexes: list[int] = []
    seen: set[tuple[str, str]] = set()
    for i, one in enumerate(batch):
        ref = (one.source, one.source_ref)
        if len(indexes) == CHUNK or ref in seen:
            yield indexes
            indexes, seen = [], set()
        indexes.append(i)
        seen.add(ref)
    if indexes:
        yield indexes


def _receive_chunk(scope: Scope, part: Sequence[Incoming], now: datetime) -> list[Outcome]:
    try:
        # SQLite locks out all other writers, so inside a transaction nothing comes between our
        # look and our insert, and a savepoint is a third of what storing one record costs.
        with transaction.atomic(savepoint=not settings.ON_SQLITE):
            return _store(scope, part, now)
    except IntegrityError:
        if settings.ON_SQLITE and connection.in_atomic_block:
            raise
        # Another process stored one of these between our look and our insert: a second look
        # sees it.
        directories.forget(scope.organisation_id)
        with transaction.atomic():
            return _store(scope, part, now)


def _store(scope: Scope, part: Sequence[Incoming], now: datetime) -> list[Outcome]:
    codes = _known_codes(scope.organisation_id, part)
    outcomes: list[Outcome] = []
    new: list[_Placed] = []
    known = _stored(scope.organisation_id, part)
    placed_all = [_place(one, codes, scope) for one in part]
    _name_customers(scope, placed_all, known, now)
    for one, placed in zip(part, placed_all, strict=True):
        if isinstance(placed, Outcome):
            outcomes.append(placed)
            continue
        before = known.get((one.source, one.source_ref))
        if before is None:
            outcomes.append(Outcome("created", _id_of(placed, codes)))
            new.append(placed)
        elif before[1] == one.content_hash:
            outcomes.append(Outcome("unchanged", before[0]))
        elif not _sees(scope, before[2]):
            outcomes.append(_rejected("/source_ref", "record_elsewhere"))
        else:
            _replace(before[0], placed, codes, now)
            outcomes.append(Outcome("updated", before[0]))
    created = [o.record_id for o in outcomes if o.result == "created"]
    _insert(list(zip(created, new, strict=True)), codes, now)
    return outcomes


def _id_of(placed: _Placed, codes: Directory) -> int:
    """Return the id of a new record; an anonymous one's tells the day alone."""
    if not placed.is_anonymous:
        return new_id()
    return id_within(codes.day_start(placed.one.occurred_at, placed.unit_id))


def _moment_of(placed: _Placed, codes: Directory) -> datetime:
    at = placed.one.occurred_at
    return codes.day_start(at, placed.unit_id) if placed.is_anonymous else at


def _known_codes(organisation_id: int, part: Sequence[Incoming]) -> Directory:
    codes = directories.directory(organisation_id)
    missing = any(
        (one.unit and one.unit not in codes.units)
        or (one.touchpoint and one.touchpoint not in codes.touchpoints)
        or (one.survey and one.survey not in codes.surveys)
        for one in part
    )
    return directories.fresh(organisation_id) if missing else codes


def _stored(
    organisation_id: int, part: Sequence[Incoming]
) -> dict[tuple[str, str], tuple[int, str, int | None]]:
    refs: dict[str, list[str]] = {}
    for one in part:
        refs.setdefault(one.source, []).append(one.source_ref)
    found = {}
    for source, wanted in refs.items():
        for ref, pk, digest, unit_id in rows.stored_references(organisation_id, source, wanted):
            found[(source, ref)] = (pk, digest, unit_id)
    return found


def _sees(scope: Scope, unit_id: int | None) -> bool:
    return scope.unit_ids is None or unit_id in scope.unit_ids


def _rejected(pointer: str, code: str, **params: Any) -> Outcome:
    return Outcome("rejected", None, (FieldProblem(pointer, code, params),))


def _place(one: Incoming, codes: Directory, scope: Scope) -> _Placed | Outcome:
    unit = codes.units.get(one.unit) if one.unit else None
    if one.unit and unit is None:
        return _rejected("/unit", "unit_unknown", value=one.unit)
    touchpoint_id = codes.touchpoints.get(one.touchpoint) if one.touchpoint else None
    if one.touchpoint and touchpoint_id is None:
        return _rejected("/touchpoint", "touchpoint_unknown", value=one.touchpoint)
    placed = _Placed(one, unit[0] if unit else None, touchpoint_id)
    if one.survey:
        refused = _place_survey(placed, codes)
        if refused:
            return refused
    if not _sees(scope, placed.unit_id):
        return _rejected("/unit", "unit_not_yours", value=one.unit or "")
    if one.agent:
        placed.agent_id = codes.agent_id(one.agent, placed.unit_id)
    return placed


def _place_survey(placed: _Placed, codes: Directory) -> Outcome | None:
    one = placed.one
    survey = codes.surveys.get(one.survey or "")
    if survey is None or survey.version_id is None:
        return _rejected("/survey", "survey_unknown", value=one.survey or "")
    placed.survey_id, placed.version_id = survey.id, survey.version_id
    placed.is_anonymous = survey.is_anonymous
    placed.unit_id = placed.unit_id or survey.unit_id
    placed.touchpoint_id = placed.touchpoint_id or survey.touchpoint_id
    if not one.answers:
        return None
    checked = answering.check_partial(questionnaire(survey.version_id), one.answers, one.language)
    if checked.problems:
        problems = (
            FieldProblem(f"/answers/{p.pointer}", p.code, p.params) for p in checked.problems
        )
        return Outcome("rejected", None, tuple(problems))
    _code_answers(placed, checked.values)
    return None


def _code_answers(placed: _Placed, values: Mapping[str, object]) -> None:
    one = placed.one
    asked = questionnaire(placed.version_id or 0)
    placed.answers = coded.answer_rows(asked, values)
    given = {(item, metric) for item, metric, *_ in one.scores}
    for s in coded.scores(asked, values):
        if (s.item, s.metric) not in given:
            one.scores.append((s.item, s.metric, s.worst, s.best, s.value))
    if not one.verbatim:
        one.verbatim = coded.verbatim(asked, values, one.language)


def _name_customers(
    scope: Scope,
    placed_all: Sequence[_Placed | Outcome],
    known: Mapping[tuple[str, str], tuple[int, str, int | None]],
    now: datetime,
) -> None:
    """Find or make the customers of the records that are new or changed."""
    naming = [
        p
        for p in placed_all
        if isinstance(p, _Placed)
        and p.one.customer
        and not p.is_anonymous
        and known.get((p.one.source, p.one.source_ref), (0, ""))[1] != p.one.content_hash
        and _may_name(scope, p.one)
    ]
    if naming:
        ids = upsert_many(scope.organisation_id, [p.one.customer or {} for p in naming], now=now)
        for placed, customer_id in zip(naming, ids, strict=True):
            placed.customer_id = customer_id


def _may_name(scope: Scope, one: Incoming) -> bool:
    """Whether a record may be linked to its customer.

    Who stores feedback for some units only may neither learn of, nor change, customers of others.
    """
    if scope.unit_ids is None:
        return True
    customer = one.customer or {}
    place = customer.get("unit")
    if place and place != one.unit:
        return False
    there = matched(scope.organisation_id, customer)
    heard = customers_heard(scope).filter(customer_id__in=there)
    return there <= set(customers(scope, heard).filter(pk__in=there).values_list("pk", flat=True))


def _insert(pairs: Sequence[tuple[int | None, _Placed]], codes: Directory, now: datetime) -> None:
    received = rows.moment(now)
    records = []
    scores: list[tuple[Any, ...]] = []
    for pk, placed in pairs:
        records.append(_record_row(pk, placed, codes, received))
        scores += [(pk, *score) for score in placed.one.scores]
    rows.insert("records", records)
    rows.insert("scores", scores)
    _insert_details(pairs)


def _insert_details(pairs: Sequence[tuple[int | None, _Placed]]) -> None:
    rows.insert(
        "answers",
        [(pk, a.question, a.row, a.code, a.number, a.text) for pk, p in pairs for a in p.answers],
    )
    rows.insert(
        "turns",
        [
            (pk, i, role, rows.moment(at), text)
            for pk, p in pairs
            for i, (role, at, text) in enumerate(p.one.turns)
        ],
    )


def _record_row(
    pk: int | None, placed: _Placed, codes: Directory, received: Any
) -> tuple[Any, ...]:
    one = placed.one
    at = rows.moment(_moment_of(placed, codes))
    # An anonymous answer keeps nothing of the customer it came with.
    customer = {} if placed.is_anonymous else one.customer or {}
    attributes = {**_snapshot(customer), **one.attributes} if customer else one.attributes
    return (
        pk,
        codes.organisation_id,
        one.source,
        one.source_ref,
        one.kind,
        one.channel,
        placed.survey_id,
        placed.version_id,
        None,
        placed.unit_id,
        placed.touchpoint_id,
        placed.agent_id,
        placed.customer_id,
        at,
        rows.day(codes.day(one.occurred_at, placed.unit_id)),
        received,
        at,
        False,
        placed.is_anonymous,
        one.language,
        one.verbatim,
        rows.document(attributes) if attributes else rows.EMPTY_DOCUMENT,
        rows.document(customer.get("consent")) if customer else None,
        rows.EMPTY_DOCUMENT,
        one.content_hash,
        1,
        None,
        not one.verbatim,
        None,
    )


def _snapshot(customer: Mapping[str, Any]) -> dict[str, Any]:
    attributes = customer.get("attributes")
    return dict(attributes) if isinstance(attributes, Mapping) else {}


def _replace(record_id: int, placed: _Placed, codes: Directory, now: datetime) -> None:
    """Give a record its new content and keep what it said before."""
    record = FeedbackRecord.objects.select_for_update(of=("self",)).get(pk=record_id)
    RecordHistory.objects.create(
        record=record,
        revision=record.revision,
        content=content_of(record),
        replaced_at=now,
    )
    rows.delete_parts(record_id)
    fresh = dict(
        zip(
            rows.RECORD_COLUMNS,
            _record_row(record_id, placed, codes, rows.moment(record.received_at)),
            strict=True,
        )
    )
    for name in ("id", "organisation_id", "received_at", "wave_id", "meta"):
        del fresh[name]
    fresh["revision"] = record.revision + 1
    for name in ("attributes", "consent"):
        fresh[name] = _plain(placed, name)
    for name in ("occurred_at", "completed_at"):
        fresh[name] = _moment_of(placed, codes)
    rows.forget_read([record_id])
    fresh |= rows.UNREAD
    fresh["is_indexed"] = rows.stays_indexed(record, placed.one.verbatim)
    FeedbackRecord.objects.filter(pk=record_id).update(**fresh)
    rows.insert("scores", [(record_id, *score) for score in placed.one.scores])
    _insert_details([(record_id, placed)])


def _plain(placed: _Placed, name: str) -> Any:
    customer = {} if placed.is_anonymous else placed.one.customer or {}
    if name == "consent":
        return customer.get("consent")
    return {**_snapshot(customer), **placed.one.attributes}


def mark_partial(*, now: datetime) -> int:
    """Count answers that were broken off more than 24 h ago as partial ones. A loop step."""
    broken_off = FeedbackRecord.objects.filter(
        completed_at=None, is_partial=False, received_at__lt=now - timedelta(hours=24)
    )
    return broken_off.update(is_partial=True)
