"""What each column of a stranger's table holds, guessed from its name and its values."""

from __future__ import annotations

import itertools
import re
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from manyi.tabular import names
from manyi.tabular.limits import Cell
from manyi.tabular.moments import as_date, date_order
from manyi.tabular.talks import is_talk
from manyi.tabular.values import (
    ScaleGuess,
    as_bool,
    column_scale,
    is_missing,
    plain_number,
)
from manyi.tabular.words import CHANNELS, KINDS, LANGUAGES, SENTIMENT, fold

_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$", re.I)
_PHONE = re.compile(r"^(?:\+?86[- ]?)?1[3-9]\d{9}$|^\+\d{8,15}$|^0\d{2,3}-?\d{7,8}$")
_SPLIT = re.compile(r"[┋;；|]")
_UNNAMED = 0.4
_CELLS = 60_000  # looked at; a page waits for the guess
_JUDGED = re.compile(r"^(评价|反馈|review|feedback)$")


@dataclass(frozen=True)
class ColumnGuess:
    """One column: its role, and for scores their scale, metric, item and words."""

    name: str
    role: str
    scale: tuple[float, float] | None = None
    metric: str | None = None
    item: str | None = None
    confidence: float = 0.0
    examples: tuple[str, ...] = ()
    values: dict[str, float] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    order: str | None = None


@dataclass(frozen=True)
class Evidence:
    """What the sampled values of one column say."""

    name: str
    seen: tuple[Cell, ...]
    texts: tuple[str, ...]
    numbers: tuple[float, ...]
    distinct: int
    length: float

    @property
    def n(self) -> int:
        return len(self.seen)

    def share(self, test: Callable[[str], object]) -> float:
        return sum(bool(test(t)) for t in self.texts) / self.n if self.n else 0.0

    @property
    def unique(self) -> bool:
        return self.n > 0 and self.distinct == self.n

    @property
    def is_binary(self) -> bool:
        return self.distinct <= 2 and all(as_bool(v) is not None for v in self.seen)


def evidence(name: str, values: Sequence[Cell]) -> Evidence:
    seen = tuple(v for v in values if not is_missing(v))
    texts = tuple(str(v).strip() for v in seen)
    numbers = tuple(n for n in map(plain_number, seen) if n is not None)
    length = statistics.fmean(_weight(t) for t in texts) if texts else 0.0
    return Evidence(name, seen, texts, numbers, len(set(texts)), length)


def _weight(text: str) -> int:
    """A Chinese character says about as much as three letters."""
    return len(text) + 2 * sum("\u4e00" <= c <= "\u9fff" for c in text)


def guess(columns: Sequence[str], sample: Sequence[Sequence[Cell]]) -> list[ColumnGuess]:
    """Return what every column holds; `sample` are rows from all over the file."""
    step = 1 + len(columns) * len(sample) // _CELLS
    rows = sample[::step]
    found = [
        _column(evidence(name, [row[i] for row in rows if i < len(row)]))
        for i, name in enumerate(columns)
    ]
    return _named_items(_same_scales(_without_counts(_single(found))))


def _column(column: Evidence) -> ColumnGuess:
    role, confidence = _role(column)
    plain = ColumnGuess(column.name, role, confidence=confidence, examples=_examples(column))
    return _DETAILS.get(role, _as_is)(plain, column)


def _examples(column: Evidence) -> tuple[str, ...]:
    common = [t for t, _ in Counter(t[:80] for t in column.texts).most_common(5)]
    return tuple(common)


def _role(column: Evidence) -> tuple[str, float]:
    named = names.named_role(column.name)
    if column.n == 0:
        return (named or "ignore", 0.3 if named else 0.5)
    if column.share(is_talk) > 0.5:
        return "turns", 0.95
    if named in _CHECKS:
        confidence = _CHECKS[named](column)
        if confidence > 0:
            return named, confidence
    return _by_values(column, named)


def _by_values(column: Evidence, named: str | None) -> tuple[str, float]:
    """The role that the values alone suggest, or a plain attribute."""
    if column.share(_EMAIL.match) > 0.8:
        return "email", 0.9
    if column.share(_PHONE.match) > 0.8:
        return "phone", 0.8
    if _looks_dated(column):
        return "occurred_at", 0.6
    number, _ = names.question(column.name)
    if names.option(column.name) and column.is_binary:
        return "answer", 0.8
    if _is_rating(column):
        sure = number or named == "score" or names.stated_scale(column.name)
        return "score", 0.6 if sure else _UNNAMED
    if _is_prose(column):
        return "text", 0.7
    if number:
        return "answer", 0.6
    return "attribute", 0.5


def _looks_dated(column: Evidence) -> bool:
    if column.numbers and len(column.numbers) > 0.5 * column.n:
        return False  # serial numbers and seconds need a name to be believed
    return column.share(as_date) > 0.8


def _is_prose(column: Evidence) -> bool:
    many = column.distinct > 0.5 * column.n or column.distinct > 100
    return column.length >= 24 and many and len(column.numbers) < 0.2 * column.n


def _is_rating(column: Evidence) -> bool:
    """Few whole steps on a known scale, in a column with an unknown name."""
    found = column_scale(column.seen)
    if found is None or column.is_binary or column.distinct > 11 or _counts_up(column):
        return False
    return bool(found.values) or found.scale[1] in (5.0, 7.0, 10.0) or found.confidence > 0.8


def _counts_up(column: Evidence) -> bool:
    whole = [n for n in column.numbers if n.is_integer()]
    rising = all(a < b for a, b in itertools.pairwise(whole))
    return column.n > 2 and len(whole) == column.n and rising and column.unique


def _check_date(column: Evidence) -> float:
    share = column.share(as_date)
    return 0.95 * share if share > 0.5 else 0.0


def _check_score(column: Evidence) -> float:
    if column.is_binary and not _wide_words(column):
        return 0.0
    found = column_scale(column.seen)
    if found is None or _counts_up(column):
        return 0.0
    return 0.9 if found.confidence > 0.4 else 0.6


def _wide_words(column: Evidence) -> bool:
    found = column_scale(column.seen)
    return found is not None and bool(found.values)


def _check_text(column: Evidence) -> float:
    rating = column_scale(column.seen)
    worded = rating is not None and rating.values and _JUDGED.match(names.tidy(column.name))
    if worded or (rating is not None and len(column.numbers) > 0.5 * column.n):
        return 0.0
    if rating is not None and rating.values:
        return 0.7  # short praise in a column of comments is still a comment
    few = column.distinct <= 12 and column.n >= 40 and column.length < 30
    if few or column.is_binary:
        return 0.6 if names.holds_words(column.name) and not column.numbers else 0.0
    return 0.9


def _check_label(column: Evidence) -> float:
    few = column.distinct <= 12
    whole = {*column.numbers} <= {-1.0, 0.0, 1.0, 2.0}
    if few and column.numbers and whole and len(column.numbers) == column.n:
        return 0.9
    words = column.share(lambda t: fold(t) in SENTIMENT or as_bool(t) is not None)
    if few and words > 0.5:
        return 0.9
    return 0.5 if few and not column.numbers and not _wide_words(column) else 0.0


def _check_code(column: Evidence) -> float:
    """Units, agents and the like: short texts that come again."""
    again = column.n < 10 or column.distinct <= max(3, 0.8 * column.n)
    return 0.85 if column.length <= 90 and again else 0.4 if column.length <= 90 else 0.0


def _check_ref(column: Evidence) -> float:
    whole = not column.numbers or all(n.is_integer() for n in column.numbers)
    if not column.unique or not whole or (column.numbers and _small_counter(column)):
        return 0.0
    return 0.85


def _small_counter(column: Evidence) -> bool:
    """Whether the numbers count the rows of this file, and so name nothing outside it."""
    return len(column.numbers) == column.n and min(column.numbers) <= 1 and column.n > 1


def _check_lexicon(words: dict[str, str]) -> Callable[[Evidence], float]:
    def check(column: Evidence) -> float:
        share = column.share(lambda t: fold(t) in words)
        return 0.9 if share > 0.5 else 0.0

    return check


def _check_channel(column: Evidence) -> float:
    return 0.8 if column.distinct <= 30 and column.length <= 40 else 0.0


def _check_person(column: Evidence) -> float:
    return 0.85 if column.length <= 60 else 0.0


def _always(_: Evidence) -> float:
    return 0.8


_CHECKS: dict[str, Callable[[Evidence], float]] = {
    "ignore": _always,
    "attribute": _always,
    "occurred_at": _check_date,
    "score": _check_score,
    "text": _check_text,
    "label": _check_label,
    "unit": _check_code,
    "touchpoint": _check_code,
    "agent": _check_code,
    "channel": _check_channel,
    "kind": _check_lexicon(KINDS),
    "language": _check_lexicon(LANGUAGES),
    "source_ref": _check_ref,
    "customer_ref": _check_person,
    "customer_name": _check_person,
    "phone": _check_person,
    "email": lambda column: 0.9 if column.share(_EMAIL.match) > 0.5 else 0.0,
}


def _as_is(found: ColumnGuess, _: Evidence) -> ColumnGuess:
    return found


def _score(found: ColumnGuess, column: Evidence) -> ColumnGuess:
    read = column_scale(column.seen)
    if read is None:
        return found
    stated = names.stated_scale(found.name)
    if stated and not read.values and all(stated[0] <= n <= stated[1] for n in column.numbers):
        read = replace(read, scale=stated)
    return replace(found, scale=read.scale, metric=_metric(found.name, read), values=read.values)


def _metric(name: str, read: ScaleGuess) -> str:
    named = names.metric_named(name)
    if named == "nps":
        return "nps" if read.scale == (0.0, 10.0) else "mean"
    if read.metric == "ces" or (named == "ces" and read.scale == (1.0, 7.0)):
        return "ces"
    return "csat" if named == "ces" else named or read.metric


def _label(found: ColumnGuess, column: Evidence) -> ColumnGuess:
    words = {fold(t) for t in column.texts}
    return replace(found, values={w: SENTIMENT[w] for w in sorted(words) if w in SENTIMENT})


def _dated(found: ColumnGuess, column: Evidence) -> ColumnGuess:
    return replace(found, order=date_order(column.seen))


def _coded(words: dict[str, str]) -> Callable[[ColumnGuess, Evidence], ColumnGuess]:
    def detail(found: ColumnGuess, column: Evidence) -> ColumnGuess:
        texts = sorted({fold(t) for t in column.texts})
        return replace(found, codes={t: words[t] for t in texts if t in words})

    return detail


def _answer(found: ColumnGuess, _: Evidence) -> ColumnGuess:
    parts = names.option(found.name)
    number, rest = names.question(parts[0] if parts else found.name)
    return replace(found, item=f"q{number}" if number else names.item_code(rest))


_DETAILS: dict[str, Callable[[ColumnGuess, Evidence], ColumnGuess]] = {
    "score": _score,
    "label": _label,
    "occurred_at": _dated,
    "channel": _coded(CHANNELS),
    "kind": _coded(KINDS),
    "language": _coded(LANGUAGES),
    "answer": _answer,
}


def _single(found: list[ColumnGuess]) -> list[ColumnGuess]:
    """Keep the surest column of each role that a record has once; the others describe it."""
    best: dict[str, ColumnGuess] = {}
    for column in found:
        if column.role in names.ONCE:
            held = best.get(column.role)
            if held is None or column.confidence > held.confidence:
                best[column.role] = column
    return [
        c if c.role not in names.ONCE or best[c.role] is c else replace(c, role="attribute")
        for c in found
    ]


def _without_counts(found: list[ColumnGuess]) -> list[ColumnGuess]:
    """Take small numbers under an unknown name for scores only where they come in batteries,
    or where the file has no other score: else they count children, nights or visits."""
    sure = any(c.role == "score" and c.confidence > _UNNAMED for c in found)
    alike = Counter(c.scale and c.scale[1] for c in found if c.role == "score")
    return [
        replace(c, role="attribute", scale=None, metric=None, values={})
        if _is_doubtful(c) and sure and c.scale and alike[c.scale[1]] < 3
        else c
        for c in found
    ]


def _is_doubtful(column: ColumnGuess) -> bool:
    return column.role == "score" and column.confidence <= _UNNAMED and not column.values


def _same_scales(found: list[ColumnGuess]) -> list[ColumnGuess]:
    """Items with the same best answer share their scale: one 0 in any of them tells of all."""
    worst: dict[float, float] = {}
    for column in found:
        if column.role == "score" and column.scale and not column.values:
            low, high = column.scale
            worst[high] = min(low, worst.get(high, low))
    return [
        replace(c, scale=(worst[c.scale[1]], c.scale[1]))
        if c.role == "score" and c.scale and not c.values
        else c
        for c in found
    ]


def _named_items(found: list[ColumnGuess]) -> list[ColumnGuess]:
    """Call the one score, or the one that says so, "overall", and the others by their column."""
    scores = [c for c in found if c.role == "score"]
    overall = next((c for c in scores if names.is_overall(c.name)), None)
    if overall is None and len(scores) == 1:
        overall = scores[0]
    taken: Counter[str] = Counter()
    out = []
    for column in found:
        if column.role == "score":
            item = "overall" if column is overall else _item(column)
            taken[item] += 1
            column = replace(column, item=item if taken[item] == 1 else f"{item}_{taken[item]}")
        out.append(column)
    return out


def _item(column: ColumnGuess) -> str:
    if column.metric == "nps":
        return "nps"
    code = names.item_code(column.name)
    return f"{code}_2" if code == "overall" else code
