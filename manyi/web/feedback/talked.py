"""A conversation on its record's page: the line of moods, each turn's, the standard, the waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext, pgettext_lazy

from manyi.feedback import standard, talks
from manyi.feedback.models import FeedbackRecord
from manyi.feedback.talks import Read
from manyi.kit.localtext import pick
from manyi.text.rubric import MET, MISSED, Verdict
from manyi.text.standard import Item
from manyi.web.context import language

Words = str | Promise
ITEMS: dict[str, Words] = {
    "greeting": pgettext_lazy("standard of service", "Greeting"),
    "empathy": pgettext_lazy("standard of service", "Empathy"),
    "explanation": pgettext_lazy("standard of service", "Explanation"),
    "solution": pgettext_lazy("standard of service", "Solution offered"),
    "closing": pgettext_lazy("standard of service", "Closing"),
    "forbidden": pgettext_lazy("standard of service", "No forbidden words"),
    "promise": pgettext_lazy("standard of service", "Promise kept"),
}
ABOUT: dict[str, Words] = {
    "greeting": _lazy("In one of the first two turns of who serves."),
    "empathy": _lazy("Asked for once a customer sounds unhappy."),
    "explanation": _lazy("Asked for once a customer sounds unhappy."),
    "solution": _lazy("Asked for once a customer asks for something or sounds unhappy."),
    "closing": _lazy("In one of the last two turns of who serves."),
    "forbidden": _lazy("Kept where none of these is said."),
    "promise": _lazy("Phrases that promise something; kept where the conversation shows its end."),
}
RESULTS: dict[str, Words] = {
    "met": pgettext_lazy("standard of service", "kept"),
    "missed": pgettext_lazy("standard of service", "missed"),
    "open": pgettext_lazy("standard of service", "not seen here"),
}
_WIDTH, _HEIGHT = 600, 120
# Moods nearer to 0 than this are neither good nor bad.
_PLAIN = 0.12


def shown(r: FeedbackRecord, turns: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return how the conversation was read, to who sees its turns; None where it was not."""
    read = talks.of_record(r) if turns else None
    if read is None:
        return None
    called = names(standard.current(r.organisation_id))
    return {
        "line": line(read.moods),
        "turns": [
            {**turn, "number": i + 1, "sense": sense(mood)}
            for i, (turn, mood) in enumerate(zip(turns, read.moods, strict=False))
        ],
        "items": [item(one, called) for one in read.items.values()],
        "kept": read.kept,
        "satisfied": _percent(read.satisfied),
        "dissatisfied": _percent(read.dissatisfied),
        "waits": _waits(read),
        "model": read.model,
    }


def sense(mood: float | None) -> str:
    """Return negative, neutral or positive; nothing for who is no customer."""
    if mood is None:
        return ""
    return "neutral" if abs(mood) < _PLAIN else "positive" if mood > 0 else "negative"


def names(items: Iterable[Item]) -> dict[str, str]:
    """Return what the items of a standard are called."""
    return {
        one.code: str(ITEMS[one.code])
        if one.code in ITEMS
        else pick(one.name, language(), one.code)
        for one in items
    }


def item(one: Verdict, called: Mapping[str, str]) -> dict[str, Any]:
    """Return a verdict in words, with the numbers of the turns that it rests on."""
    return {
        "code": one.item,
        "name": called.get(one.item, one.item),
        "result": RESULTS[one.result],
        "is_met": one.result == MET,
        "is_missed": one.result == MISSED,
        "turns": [i + 1 for i in one.turns],
    }


def _percent(chance: float | None) -> float | None:
    return None if chance is None else chance * 100


def _waits(read: Read) -> list[tuple[str, str]]:
    found = (
        (_("First answer after"), read.first_response),
        (_("Answers after, on average"), read.mean_response),
        (_("Longest wait"), read.longest_response),
    )
    return [(name, duration(seconds)) for name, seconds in found if seconds is not None]


def duration(seconds: float) -> str:
    """Return a length of time in the largest unit that fits."""
    if seconds < 90:
        return ngettext("%(n)s second", "%(n)s seconds", round(seconds)) % {"n": round(seconds)}
    minutes = round(seconds / 60)
    if minutes < 90:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    hours = f"{seconds / 3600:.1f}"
    return _("%(n)s hours") % {"n": hours}


def line(moods: Sequence[float | None]) -> dict[str, Any] | None:
    """Return the line of the customer's moods over the turns, as places in a drawing."""
    said = [(i, mood) for i, mood in enumerate(moods) if mood is not None]
    if len(said) < 2:
        return None
    step = _WIDTH / max(len(moods) - 1, 1)
    points = [
        {
            "x": f"{i * step:.1f}",
            "y": f"{_HEIGHT / 2 * (1 - mood):.1f}",
            "sense": sense(mood),
            "number": i + 1,
        }
        for i, mood in said
    ]
    path = " ".join(f"{p['x']},{p['y']}" for p in points)
    return {
        "points": points,
        "path": path,
        "width": _WIDTH,
        "height": _HEIGHT,
        "middle": _HEIGHT // 2,
    }
