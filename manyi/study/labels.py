"""How metrics, items and answers are called in the report."""

from __future__ import annotations

import re

from manyi.kit.localtext import pick
from manyi.kit.say import say
from manyi.kit.scale import SATISFACTION_5
from manyi.study.columns import Column
from manyi.study.findings import Indicator, Item

_DOTTED = re.compile(r"(?<=[A-Za-z])[._](?=[A-Za-z])")


def plain(name: str) -> str:
    """Return a column's name with the dots and underscores of exports as spaces."""
    return _DOTTED.sub(" ", name)


def item_name(item: Item) -> str:
    return plain(item.name)


def metric_name(one: Indicator, item: Item, language: str) -> str:
    """Return the metric's name; what counts as satisfied is named with it."""
    name = say(f"study.metric.{one.code}", language)
    top = item.scale.top_box() if one.code == "csat" else None
    if not top:
        return name
    box = f"{min(top):g}–{max(top):g}" if len(top) > 1 else f"{max(top):g}"
    return say("study.metric_box", language, {"metric": name, "box": box})


def what(one: Indicator, item: Item, language: str) -> str:
    """Return item and metric as one name; an item called NPS is not “NPS · NPS”."""
    if one.code == "nps" and "nps" in item.name.casefold():
        return item_name(item)
    return f"{item_name(item)} · {metric_name(one, item, language)}"


def answers(item: Item, language: str) -> list[tuple[float, str]]:
    """Return the answers of the scale from worst to best with their words."""
    words = _words_of(item.scores.column, language)
    return [(s.value, words.get(s.value, f"{s.value:g}")) for s in item.spread]


def _words_of(column: Column, language: str) -> dict[float, str]:
    if column.metric == "positive":
        return {
            column.scale.worst if column.scale else 0.0: say("study.negative", language),
            column.scale.best if column.scale else 1.0: say("study.positive", language),
        }
    if column.metric == "csat" and column.words and len(set(column.words.values())) <= 5:
        return _own_words(column, language)
    return {}


def _own_words(column: Column, language: str) -> dict[float, str]:
    """Return the words that the file itself uses, or the kit's where they are the same scale."""
    found: dict[float, str] = {}
    for word, value in sorted(column.words.items()):
        found.setdefault(value, word)
    known = {pick(t, "zh-Hans"): t for t in SATISFACTION_5}
    return {v: pick(known.get(word, word), language) for v, word in found.items()}
