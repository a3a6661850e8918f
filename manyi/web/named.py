"""What the model says, in words: polarity, emotions, intents, aspects."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from manyi.feedback import taxonomy
from manyi.kit.selection import Scope
from manyi.web.context import language

Words = str | Promise
POLARITIES: dict[str, Words] = {
    "negative": pgettext_lazy("a polarity", "Negative"),
    "neutral": pgettext_lazy("a polarity", "Mixed or neutral"),
    "positive": pgettext_lazy("a polarity", "Positive"),
}
EMOTIONS: dict[str, Words] = {
    "angry": pgettext_lazy("an emotion", "Anger"),
    "fear": pgettext_lazy("an emotion", "Worry"),
    "happy": pgettext_lazy("an emotion", "Joy"),
    "neutral": pgettext_lazy("an emotion", "Calm"),
    "sad": pgettext_lazy("an emotion", "Sadness"),
    "surprise": pgettext_lazy("an emotion", "Surprise"),
}
INTENTS: dict[str, Words] = {
    "complaint": pgettext_lazy("an intent", "Complaint"),
    "praise": pgettext_lazy("an intent", "Praise"),
    "suggestion": pgettext_lazy("an intent", "Suggestion"),
    "question": pgettext_lazy("an intent", "Question"),
    "request": pgettext_lazy("an intent", "Request"),
    "urgent": pgettext_lazy("an intent", "Urgent"),
    "leaving": pgettext_lazy("an intent", "Thinks of leaving"),
    "escalation": pgettext_lazy("an intent", "Threatens to go higher"),
}
SENSES = {-1: "negative", 0: "neutral", 1: "positive"}


def sense(polarity: int) -> str:
    """Return the word of a polarity."""
    return str(POLARITIES[SENSES[polarity]])


def aspects(scope: Scope) -> dict[str, str]:
    """Return the name of each aspect and group, a group before its aspects."""
    return taxonomy.names(scope.organisation_id, language())


def aspect(names: dict[str, str], code: str) -> str:
    """Return an aspect with its group: “Service · Queueing”."""
    if not code:
        return _("In general")
    group = taxonomy.group_of(code)
    if group == code or group not in names:
        return names.get(code, code)
    return f"{names[group]} · {names.get(code, code)}"


def choices(scope: Scope) -> list[tuple[str, str]]:
    """Return the aspects in force to choose from, groups included."""
    names = aspects(scope)
    mine = [one.code for one in taxonomy.current(scope.organisation_id).taxonomy.aspects]
    groups = dict.fromkeys(taxonomy.group_of(code) for code in mine)
    return [
        (code, aspect(names, code))
        for group in groups
        for code in (
            *((group,) if group in names else ()),
            *(c for c in mine if taxonomy.group_of(c) == group and c != group),
        )
    ]
