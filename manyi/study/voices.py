"""The most telling words and what customers wrote, masked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from manyi.charts.figures import count
from manyi.kit.say import say
from manyi.study.findings import Study
from manyi.study.markup import Html, join, tag, text
from manyi.study.masking import quote
from manyi.study.words import Telling, Word

_QUOTES = 8


def voices(found: Study, language: str) -> Html | None:
    """Return what low and high comments speak of, with one quoted comment a word."""
    if found.words is not None and (found.words.low or found.words.high):
        return _telling(found.words, language)
    return _frequent(found.frequent, language) if found.frequent else None


def _telling(words: Telling, language: str) -> Html:
    params = {"low": count(words.n_low), "high": count(words.n_high), "tested": count(words.tested)}
    most = max((_shares(w, words)[i] for w in (*words.low, *words.high) for i in (0, 1)), default=1)
    sides = (("low", words.low), ("high", words.high))
    return join(
        tag("p", say("study.words_lead", language, params), class_="lead"),
        tag(
            "div",
            *(
                tag(
                    "div",
                    tag("h3", say(f"study.words_{side}", language)),
                    _list(found, words, most, side, language),
                    class_=side,
                )
                for side, found in sides
            ),
            class_="words",
        ),
    )


def _shares(word: Word, words: Telling) -> tuple[float, float]:
    return word.low / max(words.n_low, 1) * 100, word.high / max(words.n_high, 1) * 100


def _list(found: Sequence[Word], words: Telling, most: float, side: str, language: str) -> Html:
    if not found:
        return tag("p", say("study.words_none", language), class_="muted")
    lines = [_line(w, words, most, side, i < _QUOTES, language) for i, w in enumerate(found)]
    return tag("ol", *lines, class_="list")


def _line(
    word: Word, words: Telling, most: float, side: str, quoted: object, language: str
) -> Html:
    shares = _shares(word, words)
    own, other = shares if side == "low" else shares[::-1]
    params = {"own": f"{own:.1f}%", "other": f"{other:.1f}%", "n": count(word.n)}
    width = f"width:{own / most * 100:.1f}%"
    bar = tag("span", tag("i", class_=side, style=width + ";margin-left:0"), class_="bar")
    return tag(
        "li",
        tag(
            "div",
            tag("b", word.word),
            bar,
            tag("span", say("study.word_counts", language, params), class_="n"),
            class_="top",
        ),
        _quotes(word) if quoted else None,
    )


def _quotes(word: Word) -> Html:
    return join(
        *(tag("blockquote", _marked(quote(e, word.word), word.word)) for e in word.examples)
    )


def _marked(line: str, word: str) -> Html:
    """Return the escaped line with the word marked."""
    whole = rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word)
    parts = re.split(f"({whole})", line, flags=re.IGNORECASE)
    return join(*(tag("mark", p) if i % 2 else Html(text(p)) for i, p in enumerate(parts)))


def _frequent(words: Sequence[Word], language: str) -> Html:
    most = max(w.n for w in words)
    lines = []
    for i, word in enumerate(words):
        width = f"width:{word.n / most * 100:.1f}%;margin-left:0"
        bar = tag("span", tag("i", class_="high", style=width), class_="bar")
        n = tag("span", f"n {count(word.n)}", class_="n")
        top = tag("div", tag("b", word.word), bar, n, class_="top")
        lines.append(tag("li", top, _quotes(word) if i < _QUOTES else None))
    lead = tag("p", say("study.frequent_lead", language), class_="lead")
    return join(lead, tag("ol", *lines, class_="list"))
