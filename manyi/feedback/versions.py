"""Published questionnaires as parsed values, kept by version: a version never changes."""

from __future__ import annotations

from functools import lru_cache

from manyi.base.writer import when_undone
from manyi.questionnaire.model import Questionnaire
from manyi.questionnaire.read import load
from manyi.surveys import queries
from manyi.surveys.models import SurveyVersion


@lru_cache(maxsize=512)
def questionnaire(version_id: int) -> Questionnaire:
    """Return the questionnaire of a published version."""
    return load(SurveyVersion.objects.values_list("definition", flat=True).get(pk=version_id))


# One published in a transaction that was undone leaves its id to another.
when_undone(questionnaire.cache_clear)
when_undone(queries.forget)
