"""Reading surveys: what a member may see, and what the public sees under a code."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal

from django.db.models import Q, QuerySet

from manyi.kit.problems import NotFound
from manyi.kit.selection import Scope
from manyi.questionnaire.model import Questionnaire
from manyi.questionnaire.read import load
from manyi.surveys.models import Survey, SurveyVersion

KEPT_SECONDS = 3.0
_MOST_KEPT = 1000
State = Literal["open", "not_yet", "closed", "unknown"]


@dataclass(frozen=True)
class PublicState:
    """What stands under a public code at a moment. Whether it is full, feedback knows."""

    state: State
    survey: Survey | None = None
    version: SurveyVersion | None = None


def surveys(scope: Scope) -> QuerySet[Survey]:
    """Return the surveys of the organisation, and of the units that `scope` sees."""
    mine = Survey.objects.filter(organisation_id=scope.organisation_id)
    if scope.unit_ids is not None:
        mine = mine.filter(Q(unit=None) | Q(unit_id__in=scope.unit_ids))
    return mine.select_related("current", "unit", "touchpoint", "population").order_by(
        "-created_at", "-pk"
    )


def in_state(found: QuerySet[Survey], state: str, now: datetime) -> QuerySet[Survey]:
    """Return those that are draft, open or closed at `now`: what is past its end is closed."""
    over = Q(state=Survey.State.OPEN, closes_at__lte=now)
    if state == Survey.State.CLOSED:
        return found.filter(Q(state=state) | over)
    return found.filter(state=state).exclude(over) if state in Survey.State.values else found


def by_ref(scope: Scope, ref: str) -> Survey:
    """Return the survey with this id or code, or raise NotFound."""
    found = surveys(scope).filter(**({"pk": int(ref)} if _is_id(ref) else {"code": ref})).first()
    if found is None:
        raise NotFound("not_found")
    return found


def _is_id(ref: str) -> bool:
    """A code always holds a letter, so digits alone are an id."""
    return ref.isascii() and ref.isdigit() and len(ref) < 19


def public(code: str, now: datetime) -> PublicState:
    """Return what respondents meet under `code`; changes show within a few seconds."""
    survey = _kept_survey(code)
    if survey is None or survey.current is None:
        return PublicState("unknown")
    return PublicState(_state(survey, now), survey, survey.current)


def code_of(ref: str) -> str:
    """Return the public code of a survey given by id or code; another text comes back as it is."""
    if not _is_id(ref):
        return ref
    return Survey.objects.filter(pk=int(ref)).values_list("code", flat=True).first() or ref


def version(survey: Survey, number: int) -> SurveyVersion | None:
    """Return a published version, so that who began with it also ends with it."""
    if survey.current is not None and survey.current.number == number:
        return survey.current
    return survey.versions.filter(number=number).first()


def questionnaire(version: SurveyVersion) -> Questionnaire:
    """Return the version's questionnaire, parsed once."""
    found: Questionnaire | None = version.__dict__.get("_questionnaire")
    if found is None:
        found = _parsed(json.dumps(version.definition, sort_keys=True))
        version.__dict__["_questionnaire"] = found
    return found


def forget(code: str | None = None) -> None:
    """Read the survey anew at the next call; all surveys where no code is given."""
    with _lock:
        if code is None:
            _kept.clear()
        else:
            _kept.pop(code, None)


def _state(survey: Survey, now: datetime) -> State:
    if survey.state == Survey.State.CLOSED or (survey.closes_at and now >= survey.closes_at):
        return "closed"
    if survey.state == Survey.State.DRAFT:
        return "unknown"
    return "not_yet" if survey.opens_at and now < survey.opens_at else "open"


_kept: dict[str, tuple[float, Survey]] = {}
_lock = threading.Lock()


def _kept_survey(code: str) -> Survey | None:
    kept = _kept.get(code)
    if kept is not None and time.monotonic() - kept[0] < KEPT_SECONDS:
        return kept[1]
    rows = Survey.objects.select_related("organisation", "current", "unit", "touchpoint")
    survey = rows.filter(code=code).first()
    # Codes that do not exist are not kept: there are endlessly many of them.
    if survey is not None:
        if survey.current is not None:
            survey.current.survey = survey
        with _lock:
            if len(_kept) >= _MOST_KEPT:
                _kept.clear()
            _kept[code] = (time.monotonic(), survey)
    return survey


@lru_cache(maxsize=256)
def _parsed(text: str) -> Questionnaire:
    return load(json.loads(text))
