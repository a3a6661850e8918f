"""What a cell says: a number on a scale, a moment, yes or no."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from manyi.tabular.words import BLANKS, LABEL_SCALES, SATISFACTION_3, LabelScale, fold

_NUMBER = re.compile(r"^[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$")
_STARS = re.compile(r"^([+-]?\d+(?:\.\d+)?)\s*(?:颗)?(?:星级?|stars?)$")
_POINTS = re.compile(r"^([+-]?\d+(?:\.\d+)?)\s*(?:分|points?|pts?)$")
_PERCENT = re.compile(r"^([+-]?\d+(?:\.\d+)?)\s*%$")
_OUT_OF = re.compile(r"^(\d+(?:\.\d+)?)\s*(?:分|stars?)?\s*(?:/|out of|of)\s*(\d+)(?:分|stars?)?$")
_DRAWN = re.compile(r"^[★⭐🌟☆✩✰\ufe0f ]+$")
_WORD_STARS = re.compile(r"^([一二两三四五])(?:颗)?星(半?)$")
_CODED = re.compile(r"^([+-]?\d+)\s*(?:分)?\s*(?:[-=:.、—–]|\s)\s*(\D.*)$")
_CODED_LAST = re.compile(r"^(\D+?)\s*[(:\-=]?\s*([+-]?\d+)\s*分?\)?$")
_BRACKETED = re.compile(r"^([+-]?\d+(?:\.\d+)?)\s*分?\s*\((.*)\)$")
_LONGEST = 80  # a longer text is prose; reading it for a number only costs time
_CHINESE_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}
_TOPS = {3, 4, 5, 6, 7, 10, 100}
_YES = frozenset(
    ["是", "有", "对", "yes", "y", "true", "t", "1", "√", "✓", "✔", "☑", "已选", "选中", "x"]
)
_NO = frozenset(
    [
        "否",
        "无",
        "没有",
        "不是",
        "错",
        "no",
        "n",
        "false",
        "f",
        "0",
        "×",
        "✗",
        "✘",
        "☐",
        "未选",
        "未选中",
    ]
)


@dataclass(frozen=True)
class Reading:
    """A number read from a cell, and the scale (worst, best) where the cell itself names it."""

    value: float
    scale: tuple[float, float] | None = None


@dataclass(frozen=True)
class ScaleGuess:
    """How a column's answers are read: their scale, their metric, and words with numbers."""

    scale: tuple[float, float]
    metric: str
    confidence: float
    values: dict[str, float]


def is_missing(value: Any) -> bool:
    """Whether a cell is blank, "不适用", "N/A" or the like. 0 is an answer."""
    if value is None:
        return True
    if not isinstance(value, str):
        return False
    return not value.strip() or (len(value) <= _LONGEST and fold(value) in BLANKS)


def as_number(value: Any) -> Reading | None:
    """Read 4.5, "4.5星", "５分", "80%", "4/5", "★★★★☆", "5-非常满意" or "非常满意"."""
    if isinstance(value, bool) or is_missing(value):
        return None
    if isinstance(value, (int, float)):
        return Reading(float(value))
    if len(str(value)) > _LONGEST:
        return None
    text = fold(str(value))
    return _plain(text) or _marked(text) or _drawn(text) or _coded(text) or _labelled(text)


def plain_number(value: Any) -> float | None:
    """Return a number that is written as digits only, else None."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return float(value)
    found = _plain(fold(str(value))) if len(str(value)) <= _LONGEST else None
    return None if found is None else found.value


def _plain(text: str) -> Reading | None:
    return Reading(float(text.replace(",", ""))) if _NUMBER.match(text) else None


def _marked(text: str) -> Reading | None:
    if found := _STARS.match(text):
        return Reading(float(found[1]), (1.0, 5.0))
    if found := _POINTS.match(text):
        return Reading(float(found[1]))
    if found := _PERCENT.match(text):
        return Reading(float(found[1]), (0.0, 100.0))
    if found := _OUT_OF.match(text):
        return _share(float(found[1]), int(found[2]))
    return None


def _share(value: float, top: int) -> Reading | None:
    if top not in _TOPS or value > top:
        return None
    return Reading(value, (0.0 if top >= 10 else 1.0, float(top)))


def _drawn(text: str) -> Reading | None:
    if _DRAWN.match(text):
        full = sum(text.count(c) for c in "★⭐🌟")
        return Reading(float(full), (1.0, 5.0)) if full <= 5 and text.strip() else None
    if found := _WORD_STARS.match(text):
        half = 0.5 if found[2] else 0.0
        return Reading(_CHINESE_DIGITS[found[1]] + half, (1.0, 5.0))
    return None


def _coded(text: str) -> Reading | None:
    """Read a number that carries its word: "5-非常满意", "非常满意(5)", "5分(满意)"."""
    for pattern, number, word in ((_BRACKETED, 1, 2), (_CODED, 1, 2), (_CODED_LAST, 2, 1)):
        found = pattern.match(text)
        if found and _labelled(found[word].strip(" ()-=:")):
            return Reading(float(found[number]))
    return None


def _labelled(text: str) -> Reading | None:
    for scale in LABEL_SCALES:
        number = scale.number(text)
        if number is not None:
            return Reading(number, (float(scale.low), float(scale.high)))
    return None


def as_bool(value: Any) -> bool | None:
    """Read 是, yes, true, 1, √ as True, their opposites as False, all else as None."""
    if isinstance(value, bool):
        return value
    text = fold(str(value)[:_LONGEST]) if value is not None else ""
    if text in _YES:
        return True
    return False if text in _NO else None


def column_scale(values: Iterable[Any]) -> ScaleGuess | None:
    """Return how a column's answers are read, or None where they are no answers on a scale."""
    seen = [v for v in values if not is_missing(v) and not isinstance(v, bool)]
    if not seen:
        return None
    return _words_scale(seen) or _numbers_scale(seen)


def _words_scale(seen: Sequence[Any]) -> ScaleGuess | None:
    """The scale that holds nearly all the words seen, the first of the best."""
    counts = Counter(fold(str(v)) for v in seen if plain_number(v) is None)
    total = sum(counts.values())
    if total < 0.8 * len(seen):
        return None
    best: tuple[float, LabelScale] | None = None
    for scale in LABEL_SCALES:
        held = sum(n for w, n in counts.items() if scale.number(w) is not None) / total
        together = len({scale.number(w) for w in counts} - {None})
        clear = together == len([w for w in counts if scale.number(w) is not None])
        mark = held + (0.001 if clear else 0.0)
        if best is None or mark > best[0]:
            best = (mark, scale)
    if best is None or best[0] < 0.8:
        return None
    return _words_guess(_three_point(best[1], counts), counts, best[0])


def _three_point(scale: LabelScale, counts: Counter[str]) -> LabelScale:
    """Without any “very”, and seen often enough, three words are a scale of three."""
    words = {w for w in counts if scale.number(w) is not None}
    three = all(SATISFACTION_3.number(w) is not None for w in words)
    ends = {SATISFACTION_3.number(w) for w in words} >= {1.0, 3.0}
    return SATISFACTION_3 if three and ends and sum(counts.values()) >= 20 else scale


def _words_guess(scale: LabelScale, counts: Counter[str], held: float) -> ScaleGuess:
    numbers = {w: scale.number(w) for w in counts}
    kept = {w: n for w, n in numbers.items() if n is not None}
    ends = (float(scale.low), float(scale.high))
    return ScaleGuess(ends, scale.metric, min(1.0, held), kept)


def _numbers_scale(seen: Sequence[Any]) -> ScaleGuess | None:
    readings = [as_number(v) for v in seen]
    found = [r for r in readings if r is not None]
    if len(found) < 0.8 * len(seen):
        return None
    numbers = [r.value for r in found]
    hints = Counter(r.scale for r in found if r.scale is not None)
    sure = len(found) / len(seen)
    if hints and hints.most_common(1)[0][1] * 2 > len(found):
        ends = hints.most_common(1)[0][0]
        fits = min(numbers) >= min(0.0, ends[0]) and max(numbers) <= ends[1]
        worst = 0.0 if min(numbers) == 0.0 else ends[0]
        return ScaleGuess((worst, ends[1]), "csat", 0.95 * sure, {}) if fits else None
    return _range_scale(numbers, sure)


def _range_scale(numbers: Sequence[float], sure: float) -> ScaleGuess | None:
    """Read a scale from the least and greatest of plain numbers."""
    low, high = min(numbers), max(numbers)
    whole = sum(n.is_integer() for n in numbers) / len(numbers)
    if low < 0 or high > 100 or (whole < 0.2 and high > 10):
        return None
    if high <= 1:
        return None
    if high <= 5:
        return ScaleGuess((0.0 if low < 1 else 1.0, 5.0), "csat", 0.7 * sure, {})
    if high <= 7 and low >= 1 and whole == 1:
        return ScaleGuess((1.0, 7.0), "csat", 0.5 * sure, {})
    if high <= 10:
        zeros = low < 1
        metric = "nps" if zeros and whole == 1 else "csat"
        return ScaleGuess((0.0 if zeros else 1.0, 10.0), metric, 0.5 * sure, {})
    return ScaleGuess((0.0, 100.0), "csat", 0.3 * sure, {})


def half_width(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()
