"""The title and the one-line answer of the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from manyi.charts import full, judged
from manyi.charts.figures import count, differ, joined
from manyi.kit.say import say
from manyi.study.findings import Study
from manyi.study.labels import item_name, what
from manyi.study.spoken import Spoken
from manyi.study.stopwords import VERDICTS
from manyi.study.words import Word

_NAMED = 4


def title(found: Study, language: str) -> str:
    """Return the title: what was measured, in which file."""
    stem = found.sheet.path.name.split(".")[0]
    return say("study.title", language, {"file": stem})


def answer(found: Study, language: str) -> list[str]:
    """Return the one-line answer, and a line on what stands out."""
    first = _level(found, language)
    second = joined(_standing_out(found, language), language)
    return [first, second] if second else [first]


def _level(found: Study, language: str) -> str:
    main = found.main
    if main is None:
        return say("study.answer_texts", language, {"n": count(found.sheet.with_text)})
    lead = main.lead
    params = {
        "item": item_name(main),
        "what": what(lead, main, language),
        "estimate": full(lead.estimate, lead.kind, language),
        "n": count(lead.estimate.n),
    }
    if not judged(lead.estimate):
        return say("study.answer_few", language, params)
    return joined([say("study.answer", language, params), _change(found, language)], language)


def _change(found: Study, language: str) -> str:
    known = [(name, e) for name, e in found.trend.points if judged(e)] if found.trend else []
    if len(known) < 2:
        return ""
    (first, before), (last, now) = known[0], known[-1]
    code = "same"
    if differ(before, now):
        code = "up" if (now.value or 0.0) > (before.value or 0.0) else "down"
    params = {"first": first, "last": last}
    return say(f"study.change_{code}", language, params)


def _standing_out(found: Study, language: str) -> Iterator[str]:
    if found.words and found.words.low and found.words.high:
        low, high = (_named(side, language) for side in (found.words.low, found.words.high))
        yield say("study.answer_words", language, {"low": low, "high": high})
    if found.themes and (complaint := Spoken(found.themes, language).complaint()):
        yield complaint
    lowest = [
        (c.name, g)
        for c in found.comparisons
        for g in c.groups
        if g.differs and g.difference is not None and (g.difference.value or 0.0) < 0
    ]
    if lowest and found.main is not None:
        column, group = min(lowest, key=lambda pair: pair[1].estimate.value or 0.0)
        kind = found.main.lead.kind
        params = {
            "column": column,
            "group": group.name,
            "estimate": full(group.estimate, kind, language),
        }
        yield say("study.answer_group", language, params)


def _named(words: Sequence[Word], language: str) -> str:
    naming = [w for w in words if w.word not in VERDICTS] or words
    quoted = (say("study.quoted", language, {"word": w.word}) for w in naming[:_NAMED])
    return say("chart.comma", language).join(quoted)
