"""The addresses of what customers speak of."""

from __future__ import annotations

from typing import Any

from manyi.base.ids import new_id
from manyi.connectors.models import Summary
from manyi.feedback.models import Check
from manyi.text import meaning
from manyi.themes.models import Look, UnnamedTheme
from tests.factories import NOW
from tests.web.urls_table import SAID, Row, World


def unnamed(world: World) -> list[Any]:
    """Return the number of a theme that was found among all voices of Alice's house."""
    mine = {"organisation": world.house.organisation}
    week = NOW.date()
    given = {"at": NOW, "weeks": [week.isoformat()], "voices": [90], "texts": 90, "clauses": 200}
    Look.objects.get_or_create(**mine, week=week, defaults=given)
    told = {"weeks": [12], "senses": [4, 4, 4], "rise": None}
    about = {"first_week": week, "last_week": week, "position": 0, "figures": told, "voices": []}
    centre = bytes(4 * meaning.DIMENSIONS)
    named = {"name": ["充电桩", "坏了"], "centre": centre, "model": meaning.version(), **about}
    UnnamedTheme.objects.get_or_create(**mine, number=77, defaults=named)
    return [77]


def summary(world: World) -> list[Any]:
    """Return the number of a summary that Alice asked for."""
    mine = {"organisation": world.house.organisation, "member": world.house.alice}
    said = {"sentences": [{"text": SAID, "records": [world.record.pk]}], "language": "zh-hans"}
    done = {"state": Summary.State.DONE, "created_at": NOW}
    return [Summary.objects.get_or_create(**mine, defaults={"id": new_id(), **said, **done})[0].pk]


def check(world: World) -> list[Any]:
    """Return the number of a finding of Alice's house that was drawn to be judged."""
    of = {"organisation": world.house.organisation, "record": world.record}
    place = {"draw": 1, "position": 1, "start": 0, "end": 2, "text_hash": "0" * 32}
    said = {"polarity": -1, "model": "fast-1.1.0", "share": 1.0, "drawn_at": NOW}
    return [Check.objects.get_or_create(**of, defaults={**place, **said})[0].pk]


ROWS = {
    "api/v1/text/themes": Row(api=True),
    "api/v1/text/emotions": Row(api=True),
    "api/v1/text/changes": Row(api=True),
    "api/v1/text/similar": Row(api=True),
    "api/v1/text/unnamed": Row(api=True, fine=(200, 403)),
    "api/v1/text/taxonomy": Row(api=True),
    "api/v1/feedback/<record>/findings": Row(api=True, alice=lambda w: [w.record.pk]),
    "api/v1/feedback/<record>/corrections": Row(api=True, alice=lambda w: [w.record.pk]),
    "api/v1/text/learning": Row(api=True),
    "api/v1/feedback/<record>/conversation": Row(api=True, alice=lambda w: [w.record.pk]),
    "api/v1/text/scorecards": Row(api=True),
    "api/v1/text/standard": Row(api=True),
    "api/v1/text/outside-model": Row(api=True),
    "api/v1/text/outside-model/acts": Row(api=True),
    "api/v1/text/outside-model/trials": Row(api=True),
    "api/v1/text/summaries": Row(api=True),
    "api/v1/text/summaries/<summary>": Row(api=True, alice=summary),
    "api/v1/text/checks": Row(api=True, fine=(200, 403)),
    "api/v1/text/checks/<check>": Row(api=True, alice=check),
    "feedback-standard": Row("organisation.edit"),
    "feedback-standard-try": Row("organisation.edit", post=True, shared=True),
    "themes": Row("metric.read"),
    "themes-intents": Row("metric.read"),
    "themes-emotions": Row("metric.read"),
    "themes-units": Row("metric.read"),
    "themes-changes": Row("metric.read"),
    "themes-words": Row("feedback.read"),
    # Made from all voices: nobody sees them who sees a part of the units alone.
    "themes-unnamed": Row("feedback.read", fine=(200, 403)),
    "themes-unnamed-one": Row("feedback.read", alice=unnamed, fine=(200, 403)),
    "themes-unnamed-among": Row("organisation.edit", post=True, shared=True),
    # There only where an owner lets the outside model summarise.
    "themes-summary": Row("feedback.read", fine=(404,)),
    "themes-summary-ask": Row("feedback.read", post=True, shared=True),
    "llm": Row("organisation.edit"),
    "llm-try": Row("organisation.edit", post=True, fine=(200, 302, 422)),
    "llm-act": Row("organisation.edit", post=True),
    "themes-taxonomy": Row("organisation.edit"),
    "themes-taxonomy-try": Row("organisation.edit", post=True, shared=True),
    "themes-checking": Row("feedback.correct", fine=(200, 403)),
    "themes-checking-act": Row("feedback.correct", post=True, shared=True, fine=(200, 403)),
    "themes-learning": Row("organisation.edit"),
    "themes-learning-act": Row("organisation.edit", post=True),
}
