"""How a survey is answered, page by page or at once: the public page and the API share it.

Every write joins the group commit and is answered after it. The same submission id is one
record, whatever is retried.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from manyi.base.ids import id_within, new_id
from manyi.base.writer import writer
from manyi.feedback import directory as directories
from manyi.feedback import rows
from manyi.feedback.incoming import in_one_order
from manyi.feedback.models import Answer, FeedbackRecord, Score
from manyi.feedback.reference import record_id_of, reference
from manyi.feedback.versions import questionnaire
from manyi.kit.problems import Busy, FieldProblem
from manyi.questionnaire import answering
from manyi.questionnaire import rows as coded
from manyi.questionnaire.model import Questionnaire
from manyi.surveys.models import Survey, SurveyVersion

__all__ = ["record_id_of", "reference", "submit_all", "submit_page"]

SOURCE = "survey"


@dataclass(frozen=True)
class Context:
    """Where an answer came from; unknown codes are left out and noted in the record's meta."""

    language: str = ""
    channel: str = "web"
    source: str = ""
    unit: str | None = None
    touchpoint: str | None = None
    agent: str | None = None
    hidden: Mapping[str, str] = field(default_factory=dict)
    orders: Mapping[str, Any] | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Response:
    """What is stored so far of one submission."""

    record_id: int
    answers: dict[str, object]
    orders: Mapping[str, Any]
    hidden: Mapping[str, str]
    is_complete: bool
    reference: str


@dataclass(frozen=True)
class Submitted:
    """What became of a page or of a whole response; nothing is stored when there are problems."""

    record_id: int | None = None
    next_page: str | None = None
    is_complete: bool = False
    is_new: bool = False
    problems: tuple[FieldProblem, ...] = ()
    answers: Mapping[str, object] = field(default_factory=dict)
    reference: str = ""


def open_response(version: SurveyVersion, submission_id: str) -> Response | None:
    """Return what is stored of a submission, or None before its first page."""
    record = _find(version, submission_id)
    if record is None or record.version_id is None:
        return None
    return Response(
        record.pk,
        _answers(record.pk, questionnaire(record.version_id)),
        record.meta.get("orders", {}),
        record.meta.get("hidden", {}),
        record.completed_at is not None,
        reference(record.pk),
    )


def submit_page(
    version: SurveyVersion,
    submission_id: str,
    page_code: str,
    raw: Mapping[str, object],
    *,
    context: Context,
    now: datetime,
) -> Submitted:
    """Store one page of answers. Sending it twice stores it once.

    Raises Busy when nothing could be stored.
    """
    return writer.submit(lambda: _page(version, submission_id, page_code, raw, context, now))


def submit_all(
    version: SurveyVersion,
    submission_id: str,
    raw: Mapping[str, object],
    *,
    context: Context,
    now: datetime,
) -> Submitted:
    """Store a whole response. Sending it twice stores it once. Raises Busy."""
    asked = questionnaire(version.pk)
    checked = answering.check_all(asked, raw, context.language, context.hidden)
    if checked.problems:
        return Submitted(problems=checked.problems)
    return writer.submit(lambda: _whole(version, submission_id, checked.values, context, now))


def _ref(version: SurveyVersion, submission_id: str) -> str:
    return f"{version.survey_id}:{submission_id}"


def _find(version: SurveyVersion, submission_id: str) -> FeedbackRecord | None:
    return FeedbackRecord.objects.filter(
        organisation_id=version.survey.organisation_id,
        source=SOURCE,
        source_ref=_ref(version, submission_id),
    ).first()


def _answers(record_id: int, asked: Questionnaire) -> dict[str, object]:
    stored = Answer.objects.filter(record_id=record_id).order_by("pk")
    fields = ("question", "row", "code", "number", "text")
    return coded.values_of(asked, [coded.AnswerRow(*a) for a in stored.values_list(*fields)])


def _page(
    version: SurveyVersion,
    submission_id: str,
    page_code: str,
    raw: Mapping[str, object],
    context: Context,
    now: datetime,
) -> Submitted:
    record = _find(version, submission_id)
    if record is not None and record.version_id not in (None, version.pk):
        version = SurveyVersion.objects.select_related("survey").get(pk=record.version_id)
    asked = questionnaire(version.pk)
    stored = _answers(record.pk, asked) if record else {}
    if record is not None and record.completed_at is not None:
        return _finished(record, stored)
    checked = answering.check_page(asked, page_code, raw, stored, context.language, context.hidden)
    page = asked.page(page_code)
    if checked.problems or page is None:
        return Submitted(record.pk if record else None, problems=checked.problems, answers=stored)
    on_page = {x.code for x in page.questions}
    kept = {code: v for code, v in stored.items() if code not in on_page}
    values = answering.prune(asked, {**kept, **checked.values}, context.hidden)
    following = (
        page if checked.revealed else answering.next_page(asked, values, page_code, context.hidden)
    )
    if following is None:
        left_out = answering.check_all(asked, values, context.language, context.hidden).problems
        following = _page_of(asked, left_out)
    completed_at = now if following is None else None
    record_id = _keep(version, record, submission_id, values, context, now, completed_at)
    return Submitted(
        record_id,
        next_page=None if following is None else following.code,
        is_complete=following is None,
        is_new=record is None,
        answers=values,
        reference=reference(record_id),
    )


def _page_of(asked: Questionnaire, problems: tuple[FieldProblem, ...]) -> Any:
    """Return the page of the first required question that was jumped over, if any."""
    if not problems:
        return None
    code = problems[0].pointer.partition(".")[0]
    return next((p for p in asked.pages if any(x.code == code for x in p.questions)), None)


def _whole(
    version: SurveyVersion,
    submission_id: str,
    values: Mapping[str, object],
    context: Context,
    now: datetime,
) -> Submitted:
    digest = _digest(values, context)
    record_id = _begin(version, submission_id, values, context, now, now, digest)
    is_new = record_id is not None
    if record_id is None:
        record = _find(version, submission_id)
        if record is None:
            raise Busy()
        if record.completed_at is not None and record.content_hash == digest:
            return _finished(record, values)
        if record.completed_at is not None:
            # Nobody knows who chose this id first: neither answer may cost the other one.
            return _whole(version, f"{submission_id}:{digest}", values, context, now)
        record_id = _go_on(version, record, values, context, now, now)
    return Submitted(
        record_id,
        is_complete=True,
        is_new=is_new,
        answers=values,
        reference=reference(record_id),
    )


def _finished(record: FeedbackRecord, values: Mapping[str, object]) -> Submitted:
    return Submitted(record.pk, is_complete=True, answers=values, reference=reference(record.pk))


def _keep(
    version: SurveyVersion,
    record: FeedbackRecord | None,
    submission_id: str,
    values: Mapping[str, object],
    context: Context,
    now: datetime,
    completed_at: datetime | None,
) -> int:
    """Write the record of a submission as it now stands."""
    if record is not None:
        return _go_on(version, record, values, context, now, completed_at)
    digest = _digest(submission_id, context)
    record_id = _begin(version, submission_id, values, context, now, completed_at, digest)
    if record_id is None:
        # Another process began it since we looked.
        raise Busy()
    return record_id


def _go_on(
    version: SurveyVersion,
    record: FeedbackRecord,
    values: Mapping[str, object],
    context: Context,
    now: datetime,
    completed_at: datetime | None,
) -> int:
    said = _said(version, values, context, now)
    FeedbackRecord.objects.filter(pk=record.pk).update(
        **said,
        completed_at=completed_at,
        is_partial=False,
        **(rows.UNREAD if record.analysed_at else {}),
        is_indexed=rows.stays_indexed(record, said["verbatim"]),
        lake_part=None,
        revision=record.revision + 1,
        language=context.language or record.language,
        meta={**record.meta, **_meta(context), "seconds": _seconds(record, now)},
    )
    rows.delete_parts(record.pk, (Score, Answer))
    _insert_answers(record.pk, version, values)
    return record.pk


def _said(
    version: SurveyVersion, values: Mapping[str, object], context: Context, now: datetime
) -> dict[str, Any]:
    asked = questionnaire(version.pk)
    words = coded.verbatim(asked, values, context.language)
    consent = _consent(version, asked, values, context, now)
    return {"verbatim": words, "consent": consent}


def _insert_answers(record_id: int, version: SurveyVersion, values: Mapping[str, object]) -> None:
    asked = questionnaire(version.pk)
    scores = coded.scores(asked, values)
    rows.insert("scores", [(record_id, s.item, s.metric, s.worst, s.best, s.value) for s in scores])
    answers = coded.answer_rows(asked, values)
    rows.insert(
        "answers", [(record_id, a.question, a.row, a.code, a.number, a.text) for a in answers]
    )


def _begin(
    version: SurveyVersion,
    submission_id: str,
    values: Mapping[str, object],
    context: Context,
    now: datetime,
    completed_at: datetime | None,
    digest: str,
) -> int | None:
    """Store a new record and return its id; None where the submission is stored already."""
    survey: Survey = version.survey
    codes = directories.directory(survey.organisation_id)
    unit = codes.units.get(context.unit or "")
    meta = _meta(context)
    if context.unit and unit is None:
        meta["unit_unknown"] = context.unit[:60]
    attributes = dict(context.hidden)
    if context.source:
        attributes["source"] = context.source
    said = _said(version, values, context, now)
    unit_id = unit[0] if unit else survey.unit_id
    record_id, occurred_at = new_id(), now
    if version.is_anonymous:
        occurred_at = codes.day_start(now, unit_id)
        record_id = id_within(occurred_at)
    is_new = rows.insert_new_record(
        (
            record_id,
            survey.organisation_id,
            SOURCE,
            _ref(version, submission_id),
            "survey",
            context.channel,
            survey.pk,
            version.pk,
            None,
            unit_id,
            codes.touchpoints.get(context.touchpoint or "") or survey.touchpoint_id,
            codes.agents.get(context.agent or ""),
            None,
            rows.moment(occurred_at),
            rows.day(codes.day(now, unit_id)),
            rows.moment(now),
            rows.moment(completed_at),
            False,
            version.is_anonymous,
            context.language,
            said["verbatim"],
            rows.document(attributes),
            rows.document(said["consent"]),
            rows.document(meta),
            digest,
            1,
            None,
            not said["verbatim"],
            None,
        )
    )
    if not is_new:
        return None
    _insert_answers(record_id, version, values)
    return record_id


def _meta(context: Context) -> dict[str, Any]:
    meta = dict(context.meta)
    if context.orders:
        meta["orders"] = dict(context.orders)
    if context.hidden:
        meta["hidden"] = dict(context.hidden)
    return meta


def _seconds(record: FeedbackRecord, now: datetime) -> int:
    return int((now - record.received_at).total_seconds())


def _digest(said: object, context: Context) -> str:
    place = (context.language, context.source, context.unit, context.touchpoint, context.agent)
    content = in_one_order((said, place, context.hidden))
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _consent(
    version: SurveyVersion,
    asked: Questionnaire,
    values: Mapping[str, object],
    context: Context,
    now: datetime,
) -> dict[str, Any] | None:
    """Return what the respondent was told and agreed to, in which words, when and where."""
    given = {
        x.code: values[x.code]
        for x in asked.questions()
        if x.kind == "consent" and x.code in values
    }
    if not given and not asked.consent_notice:
        return None
    return {
        "purpose": "feedback",
        "version": str(version.pk),
        "language": context.language,
        "channel": context.channel,
        "at": now.date().isoformat() if version.is_anonymous else now.isoformat(),
        "given": given,
    }
