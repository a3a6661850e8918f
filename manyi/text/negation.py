"""Something bad that is denied is praise, and something good that is missing a complaint.

A bag of n-grams sees “queue” in “no queue”: these rules read the negator, what stands between
and what is denied as one. They say nothing of a clause in which they are not sure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from manyi.text import store
from manyi.text.clauses import Clauses
from manyi.text.normal import LATIN, Batch

_GOOD, _BAD = 1, -1
_FEWEST = 6
_ASKING = re.compile(r"(?:吗|么|嘛|呢)$")
# Said before the words denied, these turn the sense once more.
_TURNED = re.compile(
    r"不是$|并非$|不可能$|不可能会$|没有?[一哪].?[天次回个家]|[哪无][天次一]|不敢保证|不能保证|做不到"
    r"|很少$|如果|要是|假如|希望|但愿|最好|何时|什么时候|为什么|为啥|怎么才|能不能"
    r"|\b(?:not|never|n't|rarely|seldom|hardly|if|wish|hope|hoping|why|when)\b(?! only| just)"
)
_WISHED = re.compile(r"就(?:更|太)?(?:好|完美|棒)|would be|would have been")
_DOUBTED = re.compile(r"才怪|反而|倒是有|\bwithout fail\b")
_ALL_THE_SAME = re.compile(
    r"也(?:很|挺|不|能|没|可以)|照样|依然|却|都很|都挺|\bbut\b|\bneeded\b|\brequired\b"
)


@dataclass(frozen=True)
class _Language:
    """`denied` finds something bad denied, `missing` something good; `bad` what is bad alone."""

    denied: re.Pattern[str]
    missing: re.Pattern[str]
    bad: re.Pattern[str]


def senses(texts: Batch, cut: Clauses) -> dict[int, int]:
    """Return 1 or -1 of each clause that denies something bad, or misses something good."""
    whole = texts.codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
    found: dict[int, int] = {}
    for known, start, end in _parts(texts, len(whole)):
        for pattern, sense in ((known.missing, _BAD), (known.denied, _GOOD)):
            for match in pattern.finditer(whole, start, end):
                k = int(cut.of[match.start()])
                if k < 0 or k != cut.of[match.end() - 1]:
                    continue
                clause = int(cut.starts[k]), int(cut.ends[k])
                if said := _judged(known, whole, match, clause, sense):
                    found[k] = said
    return found


def _parts(texts: Batch, size: int) -> Iterator[tuple[_Language, int, int]]:
    """Yield where to look for which language: English only in texts that have its letters."""
    yield _chinese(), 0, size
    letters = np.bincount(texts.owner, texts.kinds == LATIN, minlength=len(texts))
    for i in np.flatnonzero(letters >= _FEWEST).tolist():
        yield _english(), int(texts.starts[i]), int(texts.ends[i])


def _judged(
    known: _Language, whole: str, match: re.Match[str], clause: tuple[int, int], sense: int
) -> int:
    start, end = clause
    if whole[end : end + 1] in ("?", "？"):
        return 0
    before, after = whole[start : match.start()], whole[match.end() : end]
    said = _said(before, match, after, sense)
    rest = f"{before} {known.denied.sub(' ', after)}"
    return 0 if said == _GOOD and known.bad.search(rest) else said


def _said(before: str, match: re.Match[str], after: str, sense: int) -> int:
    """Return the sense of a match between what stands around it, 0 where that leaves a doubt."""
    negator = match["negator"] or ""
    if _a_or_not_a(before, negator, match[0]) or _ASKING.search(after) or _DOUBTED.search(after):
        return 0
    turned = bool(_TURNED.search(before))
    if sense == _BAD:
        doubted = (turned and "为" not in before) or _ALL_THE_SAME.search(after)
        return 0 if doubted else _BAD
    return _BAD if turned or _WISHED.search(after) else _GOOD


def _a_or_not_a(before: str, negator: str, whole: str) -> bool:
    """有没有, 会不会 and 贵不贵 ask, and deny nothing."""
    return bool(before) and before[-1] in (negator[-1:], whole[-1]) and before[-1] > "\u2e80"


def _words(lists: dict[str, str], *names: str) -> str:
    """Return the words of lists as alternatives, the longer first."""
    words = {w.replace("_", " ") for name in names for w in lists[name].split()}
    return "|".join(sorted((_escaped(w) for w in words), key=lambda w: (-len(w), w)))


def _escaped(word: str) -> str:
    return word if word.startswith("(?:") else re.escape(word)


@cache
def _chinese() -> _Language:
    lists = _lists("zh")
    between = f"(?:{_words(lists, 'between')}){{0,3}}"
    unless = f"(?!{_words(lists, 'unless')})"
    denied = (
        f"(?:(?P<negator>{_words(lists, 'no', 'not')})"
        f"(?:{between}(?:{_words(lists, 'kinds')})?(?:{_words(lists, 'nouns')})"
        f"|{between}(?:{_words(lists, 'verbs', 'qualities')})"
        f"|(?:{_words(lists, 'past')}).{{0,2}}(?:{_words(lists, 'qualities')})){unless})"
    )
    missing = (
        f"(?P<negator>{_words(lists, 'lack')})"
        f"(?:(?:{_words(lists, 'goodBetween')}){{0,3}}(?:{_words(lists, 'goods')})"
        f"(?!{_words(lists, 'nouns')})"
        f"|(?:{_words(lists, 'past')}).{{0,3}}?(?:{_words(lists, 'better')}))"
    )
    bad = f"(?<![不没无])(?:{_words(lists, 'qualities')})"
    return _Language(re.compile(denied), re.compile(missing), re.compile(bad))


@cache
def _english() -> _Language:
    lists = _lists("en")
    kinds, nouns = _words(lists, "kinds"), _words(lists, "nouns")
    verbs, goods = _words(lists, "verbs", "qualities"), _words(lists, "goods")
    between = f"(?:(?:{_words(lists, 'between')}) ){{0,4}}"
    denied = (
        rf"\b(?P<negator>{_words(lists, 'no', 'not')}) {between}"
        rf"(?:(?:{kinds}) )?(?:{nouns}|{verbs})\b(?! (?:{_words(lists, 'unless')}))"
    )
    missing = (
        rf"\b(?:(?P<negator>{_words(lists, 'lack')}) (?:(?:{_words(lists, 'goodBetween')}) ){{0,3}}"
        rf"(?:{goods})\b(?! (?:{nouns}|{_words(lists, 'unless')})\b)"
        rf"|(?:{_words(lists, 'never')}) (?:{_words(lists, 'done')})\b(?! (?:{nouns})))"
    )
    bad = rf"(?<!not )\b(?:{_words(lists, 'qualities')})\b"
    return _Language(re.compile(denied), re.compile(missing), re.compile(bad))


def _lists(language: str) -> dict[str, str]:
    found: dict[str, Any] = store.words("negation")
    return dict(found[language])
