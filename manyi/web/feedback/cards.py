"""Records as the inbox shows them, one row each, in words and to whom they may be shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext, pgettext

from manyi.accounts.models import Organisation
from manyi.feedback.models import FeedbackRecord
from manyi.feedback.versions import questionnaire
from manyi.feedback.wire import state, words_of
from manyi.kit.selection import Scope
from manyi.questionnaire.model import Questionnaire
from manyi.tabular.writing import Column
from manyi.web.channels import CHANNELS
from manyi.web.context import language
from manyi.web.feedback import words

RELATED = ("unit", "touchpoint", "agent", "survey", "customer", "scores", "tags")


Pairs = dict[tuple[int | None, int | None], bool]


def prepared(scope: Scope, found: Sequence[FeedbackRecord], known: Pairs | None = None) -> Pairs:
    """Fetch what rows need at once; return which (survey, unit) must not be named.

    Counting stops at the minimum, so that a page costs the same beside a million answers.
    `known` is filled and used again by whoever walks many pages.
    """
    prefetch_related_objects(found, *RELATED)
    hidden: Pairs = {} if known is None else known
    asked_for = {(r.survey_id, r.unit_id) for r in found if r.is_anonymous and r.unit_id}
    fresh = [pair for pair in asked_for if pair[0] and pair not in hidden]
    if fresh:
        least = least_named(scope.organisation_id)
        hidden.update({pair: _alike(scope, pair, least) < least for pair in fresh})
    return hidden


def least_named(organisation_id: int) -> int:
    """Return from how many anonymous answers on a unit is named."""
    least = Organisation.objects.values_list("privacy_n", flat=True).get(pk=organisation_id)
    return int(least)


def _alike(scope: Scope, pair: tuple[int | None, int | None], at_most: int) -> int:
    mine = FeedbackRecord.objects.filter(organisation_id=scope.organisation_id, is_anonymous=True)
    alike: dict[str, Any] = dict(zip(("survey_id", "unit_id"), pair, strict=True))
    return mine.filter(**alike).order_by()[:at_most].count()


def rows(
    scope: Scope,
    found: Sequence[FeedbackRecord],
    asked_words: str,
    said: Mapping[int, str] | None = None,
) -> list[dict[str, Any]]:
    """Return the rows of a page of the inbox; `said` are words to mark in single records."""
    hidden, also = prepared(scope, found), said or {}
    return [row(scope, r, hidden, f"{asked_words} {also.get(r.pk, '')}".strip()) for r in found]


def row(scope: Scope, r: FeedbackRecord, hidden: Pairs, asked_words: str) -> dict[str, Any]:
    """Return one record in words."""
    main = words.main(list(r.scores.all()))
    said = words.excerpt(words_of(scope, r), asked_words)
    return {
        "record": r,
        "score": words.score(main, asked(r)) if main else None,
        "scores": len(r.scores.all()),
        "said": words.marked(said, asked_words) if said else "",
        "title": title(r),
        "unit": unit(r, hidden),
        "touchpoint": r.touchpoint.name_in(language()) if r.touchpoint else "",
        "channel": words.named(CHANNELS, r.channel),
        "source": words.named(words.SOURCES, r.source),
        "state": words.named(words.STATES, state(r)) if state(r) in words.STATES else "",
        "tags": [tag.label for tag in r.tags.all()] if scope.sees_text else [],
        "customer": customer(scope, r),
    }


def asked(r: FeedbackRecord) -> Questionnaire | None:
    return questionnaire(r.version_id) if r.version_id else None


def title(r: FeedbackRecord) -> str:
    """Return what the record is: the title of its survey, else its kind."""
    return r.survey.title_in(language()) if r.survey else words.named(words.KINDS, r.kind)


def unit(r: FeedbackRecord, hidden: Pairs) -> str:
    """Return the unit's name unless too few answered there anonymously."""
    if r.unit is None or (r.is_anonymous and hidden.get((r.survey_id, r.unit_id))):
        return ""
    return r.unit.name_in(language())


def customer(scope: Scope, r: FeedbackRecord) -> str:
    """Return the customer's name to who may know it."""
    if r.customer is None or r.is_anonymous or not scope.sees_personal:
        return ""
    return r.customer.name or r.customer.ref or ""


# --- the same as a table


def columns() -> list[Column]:
    return [
        Column("id", gettext("Id"), "code"),
        Column("day", gettext("Day"), "date"),
        Column("time", gettext("Time"), "datetime"),
        Column("kind", gettext("Kind")),
        Column("channel", gettext("Channel")),
        Column("source", gettext("Source")),
        Column("survey", gettext("Survey")),
        Column("unit_code", gettext("Code of the unit"), "code"),
        Column("unit", gettext("Unit")),
        Column("touchpoint", gettext("Touchpoint")),
        Column("metric", gettext("Metric")),
        Column("value", gettext("Score"), "number"),
        Column("best", gettext("Best score"), "number"),
        Column("word", gettext("Score in words")),
        Column("verbatim", gettext("Text")),
        Column("tags", pgettext("words on a record", "Tags")),
        Column("language", gettext("Language")),
        Column("state", gettext("State")),
        Column("customer", gettext("Customer")),
    ]


def lines(scope: Scope, found: Sequence[FeedbackRecord], known: Pairs) -> Iterable[dict[str, Any]]:
    """Yield a line of the download for each record."""
    hidden = prepared(scope, found, known)
    for r in found:
        shown = row(scope, r, hidden, "")
        scored = words.main(list(r.scores.all()))
        yield {
            **shown,
            "id": str(r.pk),
            "day": r.day,
            "time": None if r.is_anonymous else timezone.localtime(r.occurred_at),
            "kind": words.named(words.KINDS, r.kind),
            "survey": shown["title"] if r.survey else "",
            "unit_code": r.unit.code if r.unit and shown["unit"] else "",
            "metric": scored.metric if scored else "",
            "value": scored.value if scored else None,
            "best": scored.best if scored else None,
            "word": shown["score"]["word"] if shown["score"] else "",
            "verbatim": words_of(scope, r),
            "tags": " ".join(f"#{tag}" for tag in shown["tags"]),
            "language": r.language,
            "state": shown["state"],
        }
