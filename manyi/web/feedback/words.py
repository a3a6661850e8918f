"""A record in words: kinds, channels, states; scores on their scale; found words marked."""

from __future__ import annotations

import re
from typing import Any

from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from manyi.feedback.models import Score
from manyi.kit.localtext import pick
from manyi.kit.scale import SATISFACTION_5, Scale
from manyi.questionnaire.model import Questionnaire
from manyi.questionnaire.values import tidy_number
from manyi.web.channels import KINDS as KINDS
from manyi.web.channels import SOURCES as SOURCES
from manyi.web.channels import named as named
from manyi.web.context import language

Words = str | Promise
STATES: dict[str, Words] = {
    "partial": pgettext_lazy("a response", "Partial"),
    "under_way": pgettext_lazy("a response", "Being filled in"),
}
METRICS: dict[str, Words] = {
    "csat": _("Satisfaction"),
    "nps": _("Recommendation"),
    "ces": _("Ease"),
}
LANGUAGES: dict[str, Words] = {
    "zh-Hans": _("Chinese"),
    "zh": _("Chinese"),
    "en": _("English"),
}
ROLES: dict[str, Words] = {
    "customer": _("Customer"),
    "user": _("Customer"),
    "agent": _("Service staff"),
    "assistant": _("Assistant"),
    "bot": _("Assistant"),
    "system": _("System"),
}
_NPS = (
    pgettext_lazy("nps", "Detractor"),
    pgettext_lazy("nps", "Passive"),
    pgettext_lazy("nps", "Promoter"),
)
_BANDS = (
    pgettext_lazy("a score", "Low"),
    pgettext_lazy("a score", "Middle"),
    pgettext_lazy("a score", "High"),
)


def score(one: Score, q: Questionnaire | None) -> dict[str, Any]:
    """Return a score on its scale: value, best end, word, and step of the colour ramp."""
    scale = Scale(one.worst, one.best)
    index = min(100.0, max(0.0, scale.index(one.value)))
    top = scale.high
    return {
        "value": tidy_number(one.value),
        "of": tidy_number(top),
        "word": _word(one, q, index),
        "step": ramp(one, index),
        "metric": named(METRICS, one.metric),
        "item": item(one, q),
        "index": index,
        "points": _points(scale, one.value),
    }


def _points(scale: Scale, value: float) -> list[dict[str, Any]]:
    """Return the points of a short scale from worst to best, the given one marked."""
    if scale.high - scale.low > 10:
        return []
    points = sorted(scale.points(), key=scale.index)
    return [{"value": tidy_number(p), "given": p == value} for p in points]


def ramp(one: Score, index: float) -> int:
    """Return 1 (worst) to 5 (best); recommendation turns at 7 and 9, not in the middle."""
    if one.metric == "nps":
        return 1 if index < 45 else 2 if index < 65 else 3 if index < 85 else 5
    return 1 + min(4, round(index / 25))


def _word(one: Score, q: Questionnaire | None, index: float) -> str:
    asked = _asked(one, q)
    if asked is not None:
        said = pick(asked.label_of(one.value), language())
        if said and asked.labels:
            return said
    if one.metric == "nps":
        return str(_NPS[0 if index < 65 else 1 if index < 85 else 2])
    if (one.worst, one.best) == (1, 5) and one.metric == "csat" and one.value in range(1, 6):
        return pick(SATISFACTION_5[int(one.value) - 1], language())
    return str(_BANDS[0 if index <= 40 else 1 if index < 70 else 2])


def _asked(one: Score, q: Questionnaire | None) -> Any:
    if q is None:
        return None
    name = one.item.partition(".")[0]
    return next((x for x in q.questions() if x.item == name and x.metric is not None), None)


def item(one: Score, q: Questionnaire | None) -> str:
    """Return what was rated, in the words of the question where there is one."""
    asked = _asked(one, q)
    if asked is None:
        return str(_("Overall")) if one.item == "overall" else one.item
    row = asked.row(one.item.partition(".")[2]) if "." in one.item else None
    return pick(row.label if row else asked.title, language(), one.item)


def main(scores: list[Score]) -> Score | None:
    """Return the score that stands for a record: the overall one, else the first."""
    ordered = sorted(scores, key=lambda s: (s.item != "overall", s.pk))
    return ordered[0] if ordered else None


def marked(text: str, words: str) -> SafeString:
    """Return `text`, escaped, with each of `words` inside a <mark>."""
    parts = sorted({w for w in words.split() if w}, key=len, reverse=True)
    if not parts:
        return conditional_escape(text)
    finder = re.compile("(" + "|".join(re.escape(p) for p in parts) + ")", re.IGNORECASE)
    pieces = finder.split(text)
    # Every other piece is a match; each is escaped on its own.
    shown = [
        format_html("<mark>{}</mark>", piece) if i % 2 else conditional_escape(piece)
        for i, piece in enumerate(pieces)
    ]
    return mark_safe("".join(shown))  # noqa: S308 - joined of escaped pieces


def excerpt(text: str, words: str = "", length: int = 160) -> str:
    """Return the beginning of a text, or the part around the first of `words`."""
    flat = " ".join(text.split())
    if len(flat) <= length:
        return flat
    low = flat.lower()
    hits = [at for w in words.lower().split() if (at := low.find(w)) >= 0]
    start = max(0, min(hits) - length // 3) if hits else 0
    start = min(start, len(flat) - length)
    end = start + length
    return ("…" if start else "") + flat[start:end] + ("…" if end < len(flat) else "")
