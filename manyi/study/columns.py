"""What each column is used for: guessed, or named by the person."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from manyi.kit.problems import Problem
from manyi.kit.scale import NPS_SCALE, Scale
from manyi.tabular.guess import ColumnGuess
from manyi.tabular.limits import Cell
from manyi.tabular.names import metric_named
from manyi.tabular.values import as_bool, as_number, is_missing
from manyi.tabular.words import SENTIMENT, fold

Use = Literal["score", "text", "date", "group", "left"]

GROUPS_AT_MOST = 60
OWN_SCALE = frozenset({"nps", "positive"})
_PLACES = {"unit", "touchpoint", "agent", "channel", "kind", "language"}
_AS_GROUP = frozenset({*_PLACES, "attribute", "answer", "label", "ignore"})
_PERSONAL = frozenset({"phone", "email", "customer_name", "customer_ref"})
_SCALE = re.compile(r"^\s*(-?\d+(?:\.\d+)?)\s*(?:-|–|~|至|to|\.\.)\s*(-?\d+(?:\.\d+)?)\s*$")


@dataclass(frozen=True)
class Column:
    """One column: its use, why, and for scores the scale, the metric and words with numbers."""

    name: str
    at: int
    use: Use
    why: str = "study.why_guessed"
    scale: Scale | None = None
    metric: str = "csat"
    words: Mapping[str, float] = field(default_factory=dict)
    order: str | None = None
    overall: bool = False
    is_talk: bool = False

    def number(self, cell: Cell) -> float | None:
        """Return the answer in a cell, None where it cannot be read as a number."""
        folded = fold(str(cell))
        if folded in self.words:
            return self.words[folded]
        found = as_number(cell)
        return None if found is None else found.value


@dataclass(frozen=True)
class Asked:
    """What the person named: columns by use, and the ends of the scale."""

    text: tuple[str, ...] = ()
    score: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    scale: Scale | None = None

    def named(self) -> tuple[str, ...]:
        return (*self.text, *self.score, *self.by)


def parse_scale(text: str) -> Scale:
    """Read “1-5” (worst-best); raises Problem("study.scale_invalid")."""
    found = _SCALE.match(text)
    if not found or float(found[1]) == float(found[2]):
        raise Problem("study.scale_invalid", value=text)
    return Scale(float(found[1]), float(found[2]))


def decide(
    guesses: Sequence[ColumnGuess], sample: Sequence[Sequence[Cell]], asked: Asked
) -> list[Column]:
    """Return the use of every column; what the person named wins over what was guessed.

    Raises Problem for a name that is no column and where nothing is left to study.
    """
    names = [g.name for g in guesses]
    for name in asked.named():
        if name not in names:
            raise Problem("study.column_unknown", column=name, columns=", ".join(names[:30]))
    found = [
        _overruled(_guessed(g, i, _cells(sample, i)), g, _cells(sample, i), asked)
        for i, g in enumerate(guesses)
    ]
    if not any(c.use in ("score", "text") for c in found):
        raise Problem("study.nothing_to_study", columns=", ".join(names[:30]))
    return found


def _cells(sample: Sequence[Sequence[Cell]], at: int) -> list[Cell]:
    cells = (row[at] for row in sample if at < len(row))
    return [c for c in cells if not is_missing(c)]


def _guessed(guess: ColumnGuess, at: int, cells: Sequence[Cell]) -> Column:
    plain = Column(guess.name, at, "left", overall=guess.item == "overall", order=guess.order)
    if not cells:
        return replace(plain, why="study.why_empty")
    if guess.role == "score" and guess.scale:
        scale, metric = _scale(guess)
        return replace(plain, use="score", scale=scale, metric=metric, words=guess.values)
    if guess.role == "label" and (judged := _label(plain, cells)):
        return judged
    if guess.role in ("text", "turns"):
        return replace(plain, use="text", is_talk=guess.role == "turns")
    if guess.role == "occurred_at":
        return replace(plain, use="date")
    return _grouping(plain, guess.role, cells)


def _scale(guess: ColumnGuess) -> tuple[Scale, str]:
    assert guess.scale is not None
    # Nobody gave a 0, but the name says what was asked.
    if metric_named(guess.name) == "nps" and guess.scale == (1.0, 10.0):
        return NPS_SCALE, "nps"
    return Scale(*guess.scale), guess.metric or "csat"


def _grouping(plain: Column, role: str, cells: Sequence[Cell]) -> Column:
    if role in _PERSONAL:
        return replace(plain, why="study.why_personal")
    if role not in _AS_GROUP:
        return replace(plain, why="study.why_no_use")
    distinct = len({str(c) for c in cells})
    if distinct < 2:
        return replace(plain, why="study.why_constant")
    if distinct > GROUPS_AT_MOST or distinct * 2 > len(cells):
        return replace(plain, why="study.why_many")
    return replace(plain, use="group")


def _label(plain: Column, cells: Sequence[Cell]) -> Column | None:
    """Return a column of verdicts (0/1, -1/0/1, positive/negative, yes/no) as a score."""
    folded = {fold(str(c)) for c in cells}
    words = {w: SENTIMENT[w] for w in folded if w in SENTIMENT}
    if not words:
        numbers = {as_number(c) for c in cells}
        if None in numbers:
            words = {w: float(bool(as_bool(w))) for w in folded if as_bool(w) is not None}
        else:
            values = {n.value for n in numbers if n is not None}
            return _verdict(plain, values, {})
    if len(words) < 0.5 * len(folded):
        return None
    return _verdict(plain, set(words.values()), words)


def _verdict(plain: Column, values: set[float], words: Mapping[str, float]) -> Column | None:
    low, high = min(values), max(values)
    if low == high and low not in (0.0, 1.0):
        return None
    ends = (-1.0, 1.0) if low < 0 else (0.0, max(high, 1.0))
    return replace(
        plain, use="score", scale=Scale(*ends), metric="positive", words=words, overall=True
    )


def _overruled(column: Column, guess: ColumnGuess, cells: Sequence[Cell], asked: Asked) -> Column:
    if column.name in asked.score:
        return _as_score(column, cells, asked)
    if column.name in asked.text:
        return replace(column, use="text", why="study.why_named")
    if column.name in asked.by:
        return replace(column, use="group", why="study.why_named")
    wanted = {"score": asked.score, "text": asked.text, "group": asked.by}
    if wanted.get(column.use):
        return replace(column, use="left", why="study.why_not_named")
    return _rescaled(column, asked)


def _rescaled(column: Column, asked: Asked) -> Column:
    """Return the column on the scale that was handed in; NPS and verdicts keep their own,
    unless they are the one score that was named."""
    if asked.scale is None or column.use != "score":
        return column
    if column.metric in OWN_SCALE and asked.score != (column.name,):
        return column
    metric = column.metric if asked.scale == column.scale else "csat"
    return replace(column, scale=asked.scale, metric=metric)


def _as_score(column: Column, cells: Sequence[Cell], asked: Asked) -> Column:
    column = replace(column, use="score", why="study.why_named")
    if asked.scale is not None or column.scale is not None:
        return _rescaled(column, asked)
    numbers = [n for n in map(column.number, cells) if n is not None]
    if not numbers or min(numbers) == max(numbers):
        raise Problem("study.score_unreadable", column=column.name)
    return replace(column, scale=Scale(min(numbers), max(numbers)), why="study.why_named_range")
