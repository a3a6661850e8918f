"""A survey as the API, webhooks and exports show it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from manyi.surveys.models import Survey, SurveyVersion


def address(survey: Survey, **query: str) -> str:
    """Return the public link of a survey, with a unit or a source where they are given."""
    link = f"{settings.BASE_URL.rstrip('/')}/s/{survey.code}/"
    return f"{link}?{urlencode(query)}" if query else link


def survey(row: Survey) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "code": row.code,
        "title": row.title,
        "state": row.state,
        "definition": row.definition,
        "version": row.current.number if row.current else None,
        "url": address(row),
        "unit": row.unit.code if row.unit else None,
        "touchpoint": row.touchpoint.code if row.touchpoint else None,
        "population": row.population.code if row.population else None,
        "is_weighted": row.is_weighted,
        "leaves_out_flagged": row.leaves_out_flagged,
        "is_anonymous": row.is_anonymous,
        "opens_at": _time(row.opens_at),
        "closes_at": _time(row.closes_at),
        "response_limit": row.response_limit,
        "closed_text": row.closed_text,
        "created_at": _time(row.created_at),
        "updated_at": _time(row.updated_at),
    }


def published(version: SurveyVersion) -> dict[str, Any]:
    """Return what publishing answers."""
    row = version.survey
    return {"version": version.number, "code": row.code, "url": address(row)}


def _time(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
