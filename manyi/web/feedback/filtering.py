"""The filters of the inbox: what may be chosen, and the chips of what is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.cache import cache
from django.db.models import Exists, OuterRef
from django.http import QueryDict
from django.utils.translation import gettext, pgettext

from manyi.accounts.permissions import within
from manyi.accounts.queries import agents, touchpoints
from manyi.feedback.models import FeedbackRecord, Tag
from manyi.feedback.queries import visible_to
from manyi.kit.selection import ATTRIBUTE, SAID, Scope
from manyi.surveys.queries import surveys
from manyi.web import named
from manyi.web.channels import CHANNELS
from manyi.web.context import language
from manyi.web.feedback import words
from manyi.web.feedback.asked import BANDS, OWN, Asked

_LOOKED_AT = 2000
_KEPT_SECONDS = 60
_MOST = 60
Pairs = list[tuple[str, str]]


def fields(request: Any, asked: Asked) -> list[dict[str, Any]]:
    """Return the selects of the filter: name, label, choices, the chosen value."""
    seen = _seen(request.scope)
    known = [
        ("survey", gettext("Survey"), _surveys(request.scope)),
        ("score", gettext("Score"), [(k, str(v[2])) for k, v in BANDS.items()]),
        ("metric", gettext("Metric"), [(k, str(v)) for k, v in words.METRICS.items()]),
        ("aspect", pgettext("spoken of", "Theme"), named.choices(request.scope)),
        ("polarity", gettext("Tone"), _of(named.POLARITIES)),
        ("intent", gettext("Intent"), _of(named.INTENTS)),
        ("emotion", gettext("Emotion"), _of(named.EMOTIONS)),
        ("kind", gettext("Kind"), [(k, str(v)) for k, v in words.KINDS.items()]),
        ("channel", gettext("Channel"), _pairs(CHANNELS, seen["channel"])),
        ("source", gettext("Source"), _pairs(words.SOURCES, seen["source"])),
        ("touchpoint", gettext("Touchpoint"), _touchpoints(request.scope)),
        ("language", gettext("Language"), _pairs(words.LANGUAGES, seen["language"])),
        ("tag", gettext("Tag"), [(t, t) for t in known_tags(request.scope)]),
        ("text", gettext("Text"), [("1", gettext("With text only"))]),
    ]
    return [_field(request, *one) for one in known if one[2] or request.GET.get(one[0])]


def _of(table: dict[str, words.Words]) -> Pairs:
    return [(code, str(word)) for code, word in table.items()]


def _field(request: Any, name: str, label: str, choices: Pairs) -> dict[str, Any]:
    value = request.GET.get(name, "")
    return {"name": name, "label": label, "choices": _with(choices, value), "value": value}


def _with(choices: Pairs, chosen: str) -> Pairs:
    """A value from a link stays choosable though it is not on the list."""
    return choices if not chosen or chosen in dict(choices) else [*choices, (chosen, chosen)]


def _surveys(scope: Scope) -> Pairs:
    return [(s.code, s.title_in(language())) for s in surveys(scope)[:_MOST] if s.current_id]


def _touchpoints(scope: Scope) -> Pairs:
    return [(t.code, t.name_in(language())) for t in touchpoints(scope)]


def _pairs(table: dict[str, words.Words], codes: Iterable[str]) -> Pairs:
    return [(code, words.named(table, code)) for code in sorted(codes)]


def known_tags(scope: Scope) -> list[str]:
    """Return the tags in use where the scope looks; none to who sees no text."""
    if not scope.sees_text:
        return []
    # From tags to records: the other way leads through all of these.
    tagged = FeedbackRecord.objects.filter(pk=OuterRef("record_id") + 0)
    mine = Tag.objects.filter(Exists(within(tagged, scope)))
    return list(mine.order_by("label").values_list("label", flat=True).distinct()[:_MOST])


def _seen(scope: Scope) -> dict[str, list[str]]:
    """Return the codes and attribute names among the latest records, kept for a minute."""
    units = "all" if scope.unit_ids is None else str(hash(scope.unit_ids))
    key = f"inbox-seen:{scope.organisation_id}:{units}"
    found: dict[str, list[str]] | None = cache.get(key)
    if found is None:
        latest = visible_to(scope).order_by("-occurred_at", "-pk")
        rows = list(latest.values_list("channel", "source", "language", "attributes")[:_LOOKED_AT])
        columns = zip(*(row[:3] for row in rows), strict=True) if rows else ((), (), ())
        by_name = zip(("channel", "source", "language"), columns, strict=True)
        found = {name: sorted({c for c in col if c})[:_MOST] for name, col in by_name}
        found["attributes"] = sorted({k for row in rows for k in row[3]})[:_MOST]
        cache.set(key, found, _KEPT_SECONDS)
    return found


def attributes(scope: Scope) -> list[str]:
    """Return the names of the attributes that the latest records carry."""
    return _seen(scope)["attributes"]


def chips(request: Any, asked: Asked) -> list[dict[str, str]]:
    """Return what is filtered now, each with the address without it."""
    params: QueryDict = request.GET
    found = []
    for name in params:
        shown = _label(request, name)
        if shown:
            found += [
                {
                    "label": shown,
                    "value": _value(request, name, value),
                    "href": _without(params, name, value),
                }
                for value in params.getlist(name)
                if value
            ]
    return found


_OF_SELECTION = ("survey", "kind", "channel", "source", "touchpoint", "agent", "language", *SAID)


def _label(request: Any, name: str) -> str:
    labels = {
        "q": gettext("Words"),
        "aspect": pgettext("spoken of", "Theme"),
        "polarity": gettext("Tone"),
        "intent": gettext("Intent"),
        "emotion": gettext("Emotion"),
        "survey": gettext("Survey"),
        "score": gettext("Score"),
        "metric": gettext("Metric"),
        "kind": gettext("Kind"),
        "channel": gettext("Channel"),
        "source": gettext("Source"),
        "touchpoint": gettext("Touchpoint"),
        "agent": gettext("Service staff"),
        "language": gettext("Language"),
        "tag": gettext("Tag"),
        "text": gettext("Text"),
        "index_gte": gettext("Score at least (0–100)"),
        "index_lte": gettext("Score at most (0–100)"),
    }
    if name.startswith(ATTRIBUTE):
        return name.removeprefix(ATTRIBUTE)
    if name.startswith("answer:"):
        return gettext("Answer to %(question)s") % {"question": name.removeprefix("answer:")}
    return labels.get(name, "") if name in _OF_SELECTION or name in OWN else ""


def _value(request: Any, name: str, value: str) -> str:
    tables: dict[str, dict[str, words.Words]] = {
        "kind": words.KINDS,
        "channel": CHANNELS,
        "source": words.SOURCES,
        "metric": words.METRICS,
        "language": words.LANGUAGES,
        "polarity": named.POLARITIES,
        "intent": named.INTENTS,
        "emotion": named.EMOTIONS,
        "score": {k: v[2] for k, v in BANDS.items()},
    }
    if name in tables:
        return words.named(tables[name], value)
    if name == "aspect":
        return named.aspect(named.aspects(request.scope), value)
    if name == "text":
        return gettext("With text only")
    lookups = {"survey": _surveys, "touchpoint": _touchpoints, "agent": _agents}
    return dict(lookups[name](request.scope)).get(value, value) if name in lookups else value


def _agents(scope: Scope) -> Pairs:
    return [(a.code, a.name or a.code) for a in agents(scope)[:500]]


def _without(params: QueryDict, name: str, value: str) -> str:
    left = params.copy()
    left.pop("cursor", None)
    left.setlist(name, [v for v in params.getlist(name) if v != value])
    return f"?{left.urlencode()}"


def clear(request: Any) -> str:
    """Return the address without filters; unit and period stay."""
    left = QueryDict(mutable=True)
    for name in ("unit", "from", "to"):
        left.setlist(name, request.GET.getlist(name))
    return f"?{left.urlencode()}" if left else request.path
