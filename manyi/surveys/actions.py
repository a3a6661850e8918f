"""What is done to surveys. A draft is edited; publishing freezes it; answers keep it alive."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from manyi.accounts import audit
from manyi.accounts.models import Member, Organisation, Touchpoint, Unit
from manyi.accounts.permissions import require
from manyi.kit.localtext import LocalText, local
from manyi.kit.problems import FieldProblem, Problem
from manyi.kit.tokens import new_code
from manyi.programmes.models import Population
from manyi.questionnaire.read import load
from manyi.questionnaire.write import dump
from manyi.surveys import queries
from manyi.surveys.models import Survey, SurveyVersion

YEARS = range(2000, 2200)
SETTINGS = frozenset(
    [
        *("unit", "touchpoint", "population", "is_weighted", "is_anonymous"),
        *("leaves_out_flagged", "judged_to"),
        *("opens_at", "closes_at", "response_limit", "closed_text"),
    ]
)
_COPIED = (
    *("unit", "touchpoint", "population", "is_weighted"),
    *("is_anonymous", "response_limit", "closed_text"),
)


def create(
    *,
    by: Member,
    definition: object,
    now: datetime,
    title: LocalText | str | None = None,
    **settings: Any,
) -> Survey:
    """Store a new draft; its title is the questionnaire's own unless another is given."""
    require(by, "survey.edit", settings.get("unit"))
    q = load(definition)
    survey = Survey(
        organisation=by.organisation,
        code=new_code(),
        title=_title(title, by.organisation) or dict(q.title),
        definition=dump(q),
        created_at=now,
        updated_at=now,
    )
    _apply(survey, settings)
    with transaction.atomic():
        survey.save()
        _record(by, "survey.create", survey, now)
    return survey


def update_draft(
    *,
    by: Member,
    survey: Survey,
    now: datetime,
    title: LocalText | str | None = None,
    definition: object = None,
    **settings: Any,
) -> Survey:
    """Change what is given of a draft; respondents see it once it is published.

    Settings (opening times, limit, unit) hold at once, for the published version too.
    """
    require(by, "survey.edit", survey.unit)
    if definition is not None:
        survey.definition = dump(load(definition))
    if title is not None:
        survey.title = _title(title, survey.organisation) or survey.title
    _apply(survey, settings)
    survey.updated_at = now
    _save(by, survey, "survey.update", now, changed=sorted(settings))
    return survey


def publish(*, by: Member, survey: Survey, now: datetime) -> SurveyVersion:
    """Freeze the draft and open the survey; an unchanged draft keeps its version."""
    require(by, "survey.publish", survey.unit)
    definition = dump(load(survey.definition))
    with transaction.atomic():
        version = _unchanged(survey, definition) or _freeze(by, survey, definition, now)
        survey.current = version
        survey.state = Survey.State.OPEN
        survey.updated_at = now
        _save(by, survey, "survey.publish", now, version=version.number)
    return version


def close(*, by: Member, survey: Survey, now: datetime) -> Survey:
    """Take no more answers. Closing twice is the same as once."""
    return _turn(by, survey, Survey.State.CLOSED, "survey.close", now)


def reopen(*, by: Member, survey: Survey, now: datetime) -> Survey:
    """Take answers to the published version again."""
    if survey.current is None:
        raise Problem("survey.unpublished")
    return _turn(by, survey, Survey.State.OPEN, "survey.reopen", now)


def duplicate(*, by: Member, survey: Survey, now: datetime) -> Survey:
    """Store a draft with the same questions and settings under a new code."""
    marks = {"zh-Hans": "（副本）", "en": " (copy)"}
    title = {tag: words + marks.get(tag, marks["en"]) for tag, words in survey.title.items()}
    kept = {name: getattr(survey, name) for name in _COPIED}
    return create(by=by, definition=survey.definition, title=title, now=now, **kept)


def delete(*, by: Member, survey: Survey, now: datetime) -> None:
    """Remove a survey that nobody has answered; otherwise refuse: close it instead."""
    require(by, "survey.edit", survey.unit)
    try:
        with transaction.atomic():
            Survey.objects.filter(pk=survey.pk).update(current=None)
            _record(by, "survey.delete", survey, now)
            Survey.objects.get(pk=survey.pk).delete()
    except ProtectedError:
        raise Problem("survey.answered") from None
    queries.forget(survey.code)


def _title(title: LocalText | str | None, organisation: Organisation) -> dict[str, str]:
    return local(title, organisation.language) if title else {}


def _apply(survey: Survey, settings: Mapping[str, Any]) -> None:
    unknown = settings.keys() - SETTINGS
    if unknown:
        raise TypeError(f"not settings of a survey: {', '.join(sorted(unknown))}")
    for name, value in settings.items():
        setattr(survey, name, value)
    if survey.population is None and "is_weighted" not in settings:
        survey.is_weighted = False
    if survey.closed_text and isinstance(survey.closed_text, str):
        survey.closed_text = local(survey.closed_text, survey.organisation.language)
    _check(survey)


def _check(survey: Survey) -> None:
    # A moment at either end of the calendar has no neighbour to be shifted into by a zone.
    errors = [
        FieldProblem(name, "survey.moment_odd", {"first": YEARS[0], "last": YEARS[-1]})
        for name in ("opens_at", "closes_at")
        if (at := getattr(survey, name)) and at.year not in YEARS
    ]
    if survey.opens_at and survey.closes_at and survey.closes_at <= survey.opens_at:
        errors.append(FieldProblem("closes_at", "survey.closes_early"))
    if survey.response_limit is not None and survey.response_limit < 1:
        errors.append(FieldProblem("response_limit", "survey.limit_low"))
    for name in ("unit", "touchpoint", "population"):
        place: Unit | Touchpoint | Population | None = getattr(survey, name)
        if place is not None and place.organisation_id != survey.organisation_id:
            errors.append(FieldProblem(name, "not_found"))
    if survey.is_weighted and survey.population is None:
        errors.append(FieldProblem("is_weighted", "survey.weighted_to_none"))
    if errors:
        raise Problem("survey.invalid", errors=tuple(errors))


def _unchanged(survey: Survey, definition: dict[str, Any]) -> SurveyVersion | None:
    last = survey.versions.order_by("-number").first()
    same = last and (last.definition, last.is_anonymous) == (definition, survey.is_anonymous)
    return last if same else None


def _freeze(by: Member, survey: Survey, definition: dict[str, Any], now: datetime) -> SurveyVersion:
    last = survey.versions.order_by("-number").values_list("number", flat=True).first()
    return survey.versions.create(
        number=(last or 0) + 1,
        definition=definition,
        is_anonymous=survey.is_anonymous,
        published_at=now,
        published_by=by.user.display_name,
    )


def _turn(by: Member, survey: Survey, state: str, deed: str, now: datetime) -> Survey:
    require(by, "survey.publish", survey.unit)
    if survey.state != state:
        survey.state = state
        survey.updated_at = now
        _save(by, survey, deed, now)
    return survey


def _save(by: Member, survey: Survey, deed: str, now: datetime, **detail: Any) -> None:
    with transaction.atomic():
        survey.save()
        _record(by, deed, survey, now, **detail)
    queries.forget(survey.code)


def _record(by: Member, deed: str, survey: Survey, now: datetime, **detail: Any) -> None:
    audit.record(
        survey.organisation_id,
        actor=by,
        action=deed,
        target=f"survey:{survey.code}",
        detail=detail,
        now=now,
    )
