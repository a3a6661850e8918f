"""What the comments speak of and how: themes of a trade, each with interval, n and examples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from manyi.kit.scale import Scale
from manyi.stats.metrics import estimate
from manyi.stats.moments import FloatArray, from_values
from manyi.stats.rates import share_counts
from manyi.stats.result import Estimate
from manyi.stats.scoring import Box, Metric
from manyi.text import Analysis, Finding, Taxonomy, analyse, pack
from manyi.text.trade import guess_pack

AT_MOST = 20_000
LEAST = 5
SHOWN = 15
_WORTH_QUOTING = range(5, 26)


def _hundredfold(values: FloatArray, scale: Scale, box: Box) -> FloatArray:
    return values * 100.0


_NET = Metric("net_sentiment", "nps", "points", "any", _hundredfold)


@dataclass(frozen=True)
class Example:
    """A comment that speaks of a theme: the clause, and the words in it that say so."""

    text: str
    clause: str
    words: tuple[str, ...]
    sense: int


@dataclass(frozen=True)
class Theme:
    """One aspect: the share of comments that speak of it, and how; a comment counts once."""

    aspect: str
    counts: tuple[int, int, int]  # negative, neutral, positive
    share: Estimate
    net: Estimate
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Themes:
    """The themes of `n` comments, drawn from `of`, most spoken of first, as one model and one list
    see them."""

    taxonomy: Taxonomy
    guessed: bool
    model: str
    n: int
    of: int
    rows: tuple[Theme, ...]


def themes(
    texts: Sequence[str], *, industry: str | None, rng: np.random.Generator
) -> Themes | None:
    """Return what comments speak of; None where no theme is spoken of by LEAST of them.

    `industry` is the code of a trade, else it is guessed. Of more than AT_MOST comments a
    random sample is read.
    """
    written = [text for text in texts if text.strip()]
    read = _sampled(written, rng)
    taxonomy = pack(industry or guess_pack(read))
    said = analyse(read, taxonomy=taxonomy)
    by_aspect = _by_aspect(said)
    quoted: set[int] = set()
    rows = [
        _theme(aspect, found, read, quoted)
        for aspect, found in sorted(by_aspect.items(), key=lambda one: (-len(one[1]), one[0]))
        if len(found) >= LEAST
    ]
    if not rows:
        return None
    told = tuple(rows[:SHOWN])
    return Themes(taxonomy, industry is None, said[0].model, len(read), len(written), told)


def _sampled(texts: list[str], rng: np.random.Generator) -> list[str]:
    if len(texts) <= AT_MOST:
        return texts
    chosen = rng.choice(len(texts), AT_MOST, replace=False)
    return [texts[i] for i in sorted(chosen.tolist())]


_Said = dict[int, list[Finding]]


def _by_aspect(said: Iterable[Analysis]) -> dict[str, _Said]:
    """Return of each aspect the comments that speak of it, with their clauses."""
    found: dict[str, _Said] = defaultdict(lambda: defaultdict(list))
    for i, one in enumerate(said):
        for finding in one.findings:
            if finding.aspect is not None:
                found[finding.aspect][i].append(finding)
    return found


_SENSES = {"negative": -1, "neutral": 0, "positive": 1}


def _sense(clauses: Iterable[Finding]) -> int:
    """What several clauses say counts as the sign of their sum, as on the pages."""
    total = sum(_SENSES[one.polarity] for one in clauses)
    return (total > 0) - (total < 0)


def _theme(aspect: str, found: _Said, texts: Sequence[str], quoted: set[int]) -> Theme:
    senses = [_sense(clauses) for clauses in found.values()]
    counts = (senses.count(-1), senses.count(0), senses.count(1))
    net = estimate(_NET, from_values(np.array(senses, float)), Scale(-1, 1))
    order = (-1, 1) if counts[0] >= counts[2] else (1, -1)
    examples = (_surest(found, texts, sense, quoted) for sense in order)
    told = tuple(one for one in examples if one is not None)
    return Theme(aspect, counts, share_counts(len(found), len(texts)), net, told)


def _surest(found: _Said, texts: Sequence[str], sense: int, quoted: set[int]) -> Example | None:
    """Return the surest short clause of a sense; no comment is quoted twice."""
    fitting = [
        (sense * one.score, -i, one)
        for i, clauses in found.items()
        for one in clauses
        if i not in quoted
        if _SENSES[one.polarity] == sense and one.end - one.start in _WORTH_QUOTING
    ]
    if not fitting:
        return None
    _, minus, one = max(fitting, key=lambda row: row[:2])
    quoted.add(-minus)
    text = texts[-minus]
    places = (*one.aspect_at, *one.opinion_at)
    words = tuple(dict.fromkeys(text[a:b] for a, b in places))
    return Example(text, text[one.start : one.end], words, sense)
