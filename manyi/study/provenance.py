"""What was read and guessed, how to overrule it, and how the figures were made."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import datetime

from manyi.charts import FEW
from manyi.charts.figures import count, joined
from manyi.kit.say import say
from manyi.kit.scale import Scale
from manyi.study.columns import OWN_SCALE, Column
from manyi.study.findings import Study
from manyi.study.markup import Html, join, tag
from manyi.study.sheet import Scores
from manyi.study.words import Word

_METHODS = ("csat", "csat_index", "csat_mean", "nps", "ces", "positive")
_EXAMPLES = 5


def read_and_guessed(found: Study, language: str) -> Html:
    """Return the rows used and left out, every column's use, and the command to overrule it."""
    notes = list(_notes(found, language))
    return join(
        tag("p", _summary(found, language), class_="lead"),
        tag("div", _columns(found, language), class_="card"),
        tag("ul", *(tag("li", n) for n in notes), class_="plain") if notes else None,
        tag("p", say("study.override", language)),
        tag("pre", tag("code", command(found))),
    )


def _summary(found: Study, language: str) -> str:
    sheet = found.sheet
    params = {
        "file": sheet.path.name,
        "format": sheet.shape.format.upper(),
        "rows": count(sheet.n),
        "used": count(sheet.used),
        "left": count(sheet.n - sheet.used),
        "texts": count(sheet.with_text),
    }
    whole = "study.read_all" if sheet.used == sheet.n else "study.read_some"
    sentences = [say(whole, language, params)]
    if sheet.with_text:
        sentences.append(say("study.with_text", language, params))
    return joined(sentences, language)


def _columns(found: Study, language: str) -> Html:
    answered = {s.column.name: s for s in found.sheet.scores}
    rows = [_column(c, answered.get(c.name), found, language) for c in found.sheet.columns]
    heads = ("study.col_column", "study.col_use", "study.col_scale", "study.col_why")
    head = tag("tr", *(tag("th", say(code, language), scope="col") for code in heads))
    inner = tag("table", tag("thead", head), tag("tbody", *rows))
    return tag("div", inner, class_="scroll", tabindex="0")


def _column(column: Column, scores: Scores | None, found: Study, language: str) -> Html:
    use = tag("span", say(f"study.use.{column.use}", language), class_=f"use {column.use}")
    main = found.main is not None and found.main.name == column.name
    scale = scale_words(column.scale, language) if column.scale and column.use == "score" else ""
    why = say(column.why, language)
    if scores is not None:
        why += say("study.full_stop", language) + say(
            "study.answers_n", language, {"n": count(scores.n)}
        )
    return tag(
        "tr",
        tag("td", column.name, tag("b", " ★ " + say("study.main", language)) if main else None),
        tag("td", use),
        tag("td", scale),
        tag("td", why, class_="muted"),
    )


def scale_words(scale: Scale, language: str) -> str:
    params = {"worst": f"{scale.worst:g}", "best": f"{scale.best:g}"}
    return say("study.scale", language, params)


def _notes(found: Study, language: str) -> Iterator[str]:
    for scores in found.sheet.scores:
        name = scores.column.name
        if scores.unread:
            some = say("chart.comma", language).join(
                f"“{w}” ×{n}" for w, n in scores.unread.most_common(_EXAMPLES)
            )
            params = {"column": name, "n": count(scores.unread.total()), "examples": some}
            yield say("study.unread", language, params)
        if scores.off_scale:
            yield say("study.off_scale", language, {"column": name, "n": count(scores.off_scale)})
    yield from _zero_notes(found, language)
    if found.sheet.repeated:
        yield say("study.repeated", language, {"n": count(found.sheet.repeated)})
    if found.sheet.shape.problems:
        yield say("study.file_problems", language, {"n": count(len(found.sheet.shape.problems))})


def _zero_notes(found: Study, language: str) -> Iterator[str]:
    """A 0 on what may be a 1–5 scale is the one guess that changes every figure."""
    doubtful = [i for i in found.items if (i.scale.worst, i.scale.best) == (0.0, 5.0)]
    zeros = sum(int((i.scores.values == 0).sum()) for i in doubtful)
    answers = sum(i.moments.count for i in doubtful)
    if doubtful and answers:
        share = f"{zeros / answers * 100:.1f}%"
        params = {"n": count(zeros), "share": share, "columns": count(len(doubtful))}
        yield say("study.zero_note", language, params)


def command(found: Study) -> str:
    """Return the command that does again what was done here, every guess spelt out."""
    sheet = found.sheet
    options = [("--text", c.name) for c in sheet.columns if c.use == "text"]
    options += [("--score", c.name) for c in sheet.columns if c.use == "score"]
    options += [("--by", c.name) for c in sheet.columns if c.use == "group"]
    scored = [s.column for s in sheet.scores if s.column.metric not in OWN_SCALE]
    scales = {column.scale for column in scored}
    if len(scales) == 1 and (scale := scales.pop()):
        options.append(("--scale", f"{scale.worst:g}-{scale.best:g}"))
    if found.themes is not None:
        options.append(("--industry", found.themes.taxonomy.code))
    parts = [f"{flag} {shlex.quote(value)}" for flag, value in options]
    return " ".join(["manyi analyze", shlex.quote(sheet.path.name), *parts])


def method_notes(found: Study, language: str, *, seed: int, now: datetime) -> Html:
    """Return formulas, counts, exclusions and the seed."""
    used = {i.code for item in found.items for i in item.indicators}
    lines = [
        (say(f"study.metric.{c}", language), f"study.formula.{c}") for c in _METHODS if c in used
    ]
    terms = [(name, say(code, language)) for name, code in lines]
    terms += [
        (say(f"study.term.{code}", language), say(f"study.method.{code}", language, _counts(found)))
        for code in _terms(found)
    ]
    terms.append((say("study.term.made", language), _made(language, seed, now)))
    return tag(
        "dl", *(part for name, words in terms for part in (tag("dt", name), tag("dd", words)))
    )


def _counts(found: Study) -> dict[str, str]:
    return {"few": count(FEW), "texts": count(found.texts_studied)}


def _terms(found: Study) -> Iterator[str]:
    yield from ("interval", "few")
    if found.comparisons:
        yield "holm"
    if found.related:
        yield "correlation"
    if found.themes is not None:
        yield "themes"
    if found.words is not None or found.frequent:
        yield from ("words", "masking")
    if any(not word.word.isascii() for word in _words(found)):
        yield "segments"
    yield "customers"


def _words(found: Study) -> Iterator[Word]:
    if found.words is not None:
        yield from (*found.words.low, *found.words.high)
    yield from found.frequent


def _made(language: str, seed: int, now: datetime) -> str:
    params = {"seed": str(seed), "now": now.strftime("%Y-%m-%d %H:%M %Z").strip()}
    return say("study.made", language, params)
