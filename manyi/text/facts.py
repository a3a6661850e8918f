"""Plain facts that complain or praise: the lift is out of order, somebody came the same day.

Events are found as words; how long something took is read by patterns (three weeks and not yet,
at once). Each pushes the scores of its clause, it decides nothing alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from manyi.text import features, lexicon, store
from manyi.text.clauses import Clauses
from manyi.text.normal import Batch

Floats = NDArray[np.float32]
# What an event adds to the score of its side and takes from neutral, what a question adds to
# neutral, and what neutral gives up everywhere: chosen on our own training clauses.
_PUSH, _JUDGED, _ASKED, _PLAIN = 2.0, 1.0, 3.0, 0.4
_COUNT = r"[一二两三四五六七八九十几半数\d]"
_LONG = (
    rf"(?:{_COUNT}{{1,3}}(?:分钟|个?小时|个?钟头|天|周|个?星期|个?礼拜|个?月|个?季度|年|次|遍|趟"
    r"|回|夜|晚上|下午|上午)|半天|好久|半个月|始终|至今|迟迟|到现在)"
)
_SHORT = (
    rf"(?:当[天晚场即]|隔天|第二天|次日|[马立][上刻马]|{_COUNT}{{1,3}}个?(?:分钟|小时|秒)|半个?小时"
    r"|一[次趟遍]|一个电话|一说)"
)
_END = r"(?=[\x00？?。！!，, ]|$)"
_SPENT = rf"{_COUNT}{{1,3}}多?个?(?:钟头|小时|天|周|月|年|趟|次)"
_NOT_YET = r"(?:没|未|才|还是|照旧|还在|仍)"
# After “at once” these are failures, not services.
_FAILS = r"(?![坏漏散掉崩关没裂断被卡降不停走又]|打发|退出|起球)"
_ASKS = (
    rf"请问|想问|问一下|怎么[办续换用开交改弄]|[吗么]{_END}|哪里|几[点月号]|什么时候|如何|多少{_END}|需要带"
    r"|(?:how (?:do|can|to)|where (?:is|can|do)|what time|when (?:is|does|do)|could you tell)\b"
)
# The characters a pattern can begin with, the pattern, and what it tells: 0 bad, 1 good,
# 2 a question.
_PATTERNS = (
    ("一二两三四五六七八九十几半数0好始至迟到", rf"{_LONG}.{{0,5}}?{_NOT_YET}", 0),
    ("等排拖催堵跑找打转绕修查扔闹", rf"[等排拖催堵跑找打转绕修查扔闹]了?.{{0,2}}{_SPENT}", 0),
    ("当隔第次马立一二两三四五六七八九十几半数0", rf"{_SHORT}内?.{{0,4}}?[就便]{_FAILS}", 1),
    ("涨翻从", r"涨到|翻倍|从.{1,4}涨", 0),
    ("请想问怎吗么哪几什如多需hwc", _ASKS, 2),
)


@dataclass(frozen=True)
class _Events:
    words: lexicon.Lexicon
    side: NDArray[np.int64]  # of each word: 0 bad, 1 good; 2 is a question
    before: NDArray[np.uint32]  # characters that turn a good event


@cache
def _events() -> _Events:
    lists = store.words("facts")
    bad, good = (
        [w.replace("_", " ") for w in f"{lists[k]} {lists[f'{k}_en']}".split()]
        for k in ("bad", "good")
    )
    side = np.array([0] * len(bad) + [1] * len(good))
    before = np.array([ord(c) for c in lists["before"].split()], dtype=np.uint32)
    return _Events(lexicon.Lexicon.of([*bad, *good]), side, before)


def pushes(texts: Batch, grams: features.Grams, cut: Clauses) -> Floats:
    """Return what its events add to the scores negative, neutral, positive of each clause."""
    said = np.zeros((len(cut), 3), dtype=bool)
    events = _events()
    hits = lexicon.longest(lexicon.find_all(texts, grams, events.words))
    side = events.side[hits.word]
    denied = np.isin(texts.codes[np.maximum(hits.first - 1, 0)], events.before)
    kept = (cut.of[hits.first] >= 0) & ~(denied & (side == 1))
    said[cut.of[hits.first[kept]], side[kept]] = True
    _by_pattern(texts, cut, said)
    return _pushed(said)


@cache
def _patterns() -> tuple[tuple[NDArray[np.bool_], re.Pattern[str], int], ...]:
    found = []
    for begins, pattern, side in _PATTERNS:
        table = np.zeros(0x10000, dtype=bool)
        table[[ord(c) for c in begins]] = True
        found.append((table, re.compile(pattern), side))
    return tuple(found)


def _by_pattern(texts: Batch, cut: Clauses, said: NDArray[np.bool_]) -> None:
    """Try each pattern only where it can begin: far fewer places than there are characters."""
    whole = texts.codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
    codes = np.minimum(texts.codes, 0xFFFF)
    for table, pattern, side in _patterns():
        for at in np.flatnonzero(table[codes]).tolist():
            if match := pattern.match(whole, at):
                k = int(cut.of[at])
                if k >= 0 and k == cut.of[match.end() - 1]:
                    said[k, side] = True


def _pushed(said: NDArray[np.bool_]) -> Floats:
    """A clause with events of both sides is left to the model, but is not neutral."""
    bad, good, asked = said.T
    found = np.zeros((len(said), 3), dtype=np.float32)
    found[:, 0] = _PUSH * (bad & ~good & ~asked)
    found[:, 2] = _PUSH * (good & ~bad & ~asked)
    found[:, 1] = _ASKED * asked - _JUDGED * ((bad | good) & ~asked) - _PLAIN * ~asked
    return found


def asked(pushed: Floats) -> NDArray[np.bool_]:
    """Say which clauses ask a question."""
    return np.asarray(pushed[:, 1] > 0)


def events(pushed: Floats) -> Floats:
    """Return what events and questions alone add, without what neutral gives up everywhere."""
    found = pushed.copy()
    found[:, 1] += _PLAIN * ~asked(pushed)
    return found
