"""Weighs each head of the encoder against its fellow of the fast tier, on the development texts.

Two weights and a bias for each class. What is measured is measured on texts that the weights
were not fitted on: each half is judged by weights of the other. A head that is not shown to be
better than the fast tier alone (paired bootstrap, 95 %) gets no weight and stays unheard.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from manyi.text import accurate, analysis, cars, clauses, triplets
from manyi.text.normal import batch
from training.accurate.examples import Example, examples
from training.cars import CODES
from training.emotion import macro

DRAWS = 1_000
_RIDGE = 1e-2


@dataclass
class Table:
    """One row a decision: calibrated scores of the fast tier, scores of the head, the truth."""

    fast: np.ndarray
    head: np.ndarray
    truth: np.ndarray  # 0/1 columns where `several`, else one number a row
    texts: list[str]
    group: list[str]  # the set each row is from
    several: bool = False
    as_often: bool = False  # classes count as often as they stand, not the rare ones more
    decided: tuple[np.ndarray, np.ndarray] | None = None


@dataclass
class Both:
    """What the fast tier and the encoder make of some texts."""

    read: analysis._Read
    heard: accurate.Heard


Heard = list[tuple[list[Example], Both]]


def hear(found: list[Example]) -> Heard:
    """Return the examples with what both tiers make of them, part by part."""
    parts: Heard = []
    at = 0
    for some in accurate.parts([e.text for e in found]):
        read = analysis._read(batch(some))
        heard = accurate.hear(read.texts)
        parts.append((found[at : at + len(some)], Both(read, heard)))
        at += len(some)
    return parts


def _joined(
    rows: Sequence[tuple[np.ndarray, np.ndarray, Sequence[int] | np.ndarray, list[str], list[str]]],
) -> Table:
    return Table(
        np.concatenate([r[0] for r in rows]),
        np.concatenate([r[1] for r in rows]),
        np.concatenate([np.asarray(r[2], dtype=np.int64) for r in rows]),
        [t for r in rows for t in r[3]],
        [g for r in rows for g in r[4]],
    )


def _at(found: list[int]) -> np.ndarray:
    """Also where nothing is found, numbers of rows."""
    return np.array(found, dtype=np.int64)


def whole(parts: Heard, name: str) -> Table:
    """Polarity or emotion of whole texts."""
    head = next(h for h in analysis._stack().heads if h.name == name)
    rows = []
    for found, both in parts:
        at = [i for i, e in enumerate(found) if getattr(e, name) is not None]
        fast = both.read.scores[name][at] / head.temperature
        value = [getattr(found[i], name) for i in at]
        truth = [int(v > 0) for v in value] if name == "polarity" else value
        texts, group = [found[i].text for i in at], [found[i].source for i in at]
        rows.append((fast, both.heard.whole(name)[at], truth, texts, group))
    return _joined(rows)


def of_clauses(parts: Heard, *, english: bool) -> Table:
    rows = []
    for found, both in parts:
        cut, at, truth = both.read.cut, [], []
        places = {
            (owner, start): k
            for k, (owner, start, _) in enumerate(clauses.spans(both.read.texts, cut))
        }
        chinese = both.read.chinese
        for i, example in enumerate(found):
            for (start, _), sense in example.clauses:
                k = places.get((i, start))
                if k is not None and chinese[k] != english:
                    at.append(k)
                    truth.append(sense + 1)
        fast = analysis._fast_clause_scores(both.read)[_at(at)]
        said = both.heard.spans("clause", cut.starts[_at(at)], cut.ends[_at(at)])
        owner = [int(cut.owner[k]) for k in at]
        texts = [found[i].text for i in owner]
        rows.append((fast, said, truth, texts, [found[i].source for i in owner]))
    return _joined(rows)


def of_aspects(parts: Heard, clause: dict[bool, np.ndarray], *, english: bool) -> Table:
    """Aspect terms; the fast side is what stands near the term, and its clause, mixed already."""
    rows = []
    for found, both in parts:
        cut, at, places, truth, owner = both.read.cut, [], [], [], []
        chinese = both.read.chinese
        for i, example in enumerate(found):
            for span, sense in example.aspects:
                place = both.read.texts.codes_of(i, span)
                k = int(cut.of[min(place[0], len(cut.of) - 1)])
                if k >= 0 and chinese[k] != english:
                    at.append(k)
                    places.append(place)
                    truth.append(sense + 1)
                    owner.append(i)
        fast = analysis._fast_clause_scores(both.read)[_at(at)]
        said = both.heard.spans("clause", cut.starts[_at(at)], cut.ends[_at(at)])
        mix = clause.get(english)
        fast = fast if mix is None else mix[0] * fast + mix[1] * said + mix[2:]
        if at:
            fast = fast + analysis._near(both.read, _at(at), places)
        where = np.array(places, dtype=np.int64).reshape(-1, 2)
        close = both.heard.spans("aspect", where[:, 0], where[:, 1])
        texts, group = [found[i].text for i in owner], [found[i].source for i in owner]
        rows.append((fast, close, truth, texts, group))
    return _joined(rows)


def of_cars(parts: Heard) -> tuple[Table, Table]:
    several, senses = [], []
    for found, both in parts:
        at = [i for i, e in enumerate(found) if e.cars]
        aspects, sense = cars.scores(both.read.texts)
        said = [found[i].cars or {} for i in at]
        texts, group = [found[i].text for i in at], ["cars"] * len(at)
        truth = np.array([[code in s for code in CODES.values()] for s in said], int)
        truth = truth.reshape(-1, len(CODES))
        several.append((aspects[at], both.heard.whole("cars")[at], truth, texts, group))
        first = [next(iter(s.values())) + 1 for s in said]
        senses.append((sense[at], both.heard.whole("cars_polarity")[at], first, texts, group))
    spoken_of, meant = _joined(several), _joined(senses)
    spoken_of.several, meant.as_often = True, True
    return spoken_of, meant


def of_tags(parts: Heard, name: str = "terms") -> Table:
    """Characters of the triplets: the state of each."""
    rows = []
    for found, both in parts:
        one, at, truth, texts = both.read.texts, [], [], []
        for i, example in enumerate(found):
            if name in example.tagged:
                codes = np.arange(one.starts[i], one.ends[i])
                at += codes.tolist()
                truth += _states(one.origin[codes], example.tagged[name])
                texts += [example.text] * len(codes)
        fast = triplets.gains(one)[_at(at)].clip(-20)
        rows.append((fast, both.heard.tags(name)[_at(at)], truth, texts, [name] * len(at)))
    table = _joined(rows)
    table.as_often = True
    return table


def _states(origin: np.ndarray, said: list[tuple[int, int, str]]) -> list[int]:
    found = np.zeros(len(origin), dtype=int)
    for start, end, kind in said:
        inside = (origin >= start) & (origin < end)
        found[inside] = 2 if kind == "aspect" else 4
        found[inside & (origin == start)] -= 1
    return found.tolist()


def fit(table: Table, rows: np.ndarray) -> np.ndarray:
    """Return weights of both sides and the bias of each class, by maximum likelihood.

    Rare classes count by the root of how rare they are; of several labels at once, the bias is
    moved to where they are found best (F1).
    """
    fast, head, truth = table.fast[rows], table.head[rows], table.truth[rows]
    width = fast.shape[1]
    start = np.array([0.5, 0.5, *([0.0] * width)])
    weight = _weights(truth, even=table.several or table.as_often)

    def cost(w: np.ndarray) -> float:
        scores = w[0] * fast + w[1] * head + w[2:]
        loss = _losses(scores, truth, several=table.several) @ weight
        return float(loss) + _RIDGE * float((w[2:] ** 2).mean())

    limits = [(0, 3), (0, 3)] + [(-2, 2)] * width
    found = minimize(cost, start, method="L-BFGS-B", bounds=limits).x
    if table.several:
        scores = found[0] * fast + found[1] * head + found[2:]
        found[2:] += max(_SHIFTS, key=lambda x: f1((scores + x > 0).astype(int), truth))
    return found


_SHIFTS = np.arange(0, 1.3, 0.1).tolist()


def _weights(truth: np.ndarray, *, even: bool) -> np.ndarray:
    if even:
        return np.full(len(truth), 1 / len(truth))
    weight = np.bincount(truth)[truth] ** -0.5
    return weight / weight.sum()


def _losses(scores: np.ndarray, truth: np.ndarray, *, several: bool) -> np.ndarray:
    if several or scores.shape[1] == 1:
        signs = np.where(truth.reshape(scores.shape) == 1, 1.0, -1.0)
        return np.logaddexp(0, -signs * scores).mean(axis=1)
    total = np.logaddexp.reduce(scores, axis=1)
    return total - scores[np.arange(len(truth)), truth]


def crossed(table: Table) -> tuple[np.ndarray, np.ndarray]:
    """Return the decisions of the mix, fitted on the other half, and those of the fast tier."""
    if table.decided is not None:
        return table.decided
    half = np.array([hashlib.sha256(f"m{t}".encode()).digest()[0] % 2 for t in table.texts])
    scores = np.zeros_like(table.fast)
    for k in (0, 1):
        w = fit(table, half != k)
        rows = half == k
        scores[rows] = w[0] * table.fast[rows] + w[1] * table.head[rows] + w[2:]
    both = (said(x, several=table.several) for x in (scores, table.fast))
    table.decided = (next(both), next(both))
    return table.decided


def said(scores: np.ndarray, *, several: bool) -> np.ndarray:
    if several:
        return (scores > 0).astype(int)
    return (scores[:, 0] > 0).astype(int) if scores.shape[1] == 1 else scores.argmax(axis=1)


Figure = Callable[[np.ndarray, np.ndarray], float]


def f1(guess: np.ndarray, truth: np.ndarray) -> float:
    return float(2 * (guess & truth).sum() / max(1, guess.sum() + truth.sum()))


def accuracy(guess: np.ndarray, truth: np.ndarray) -> float:
    return float((guess == truth).mean())


def compare(table: Table, figure: Figure, chosen: np.ndarray | None = None) -> dict[str, Any]:
    """Return both figures and the 95 % interval of their difference, drawn by text."""
    mixed, fast = crossed(table)
    rows = np.arange(len(mixed)) if chosen is None else np.flatnonzero(chosen)
    names, owner = np.unique(np.array(table.texts)[rows], return_inverse=True)
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.arange(len(names) + 1))
    rng = np.random.default_rng(20_261_122)
    differences = []
    for _ in range(DRAWS if len(rows) < 20_000 else 200):
        drawn = rng.integers(0, len(names), len(names))
        at = rows[order[np.concatenate([np.arange(bounds[i], bounds[i + 1]) for i in drawn])]]
        truth = table.truth[at]
        differences.append(figure(mixed[at], truth) - figure(fast[at], truth))
    low, high = np.quantile(differences, [0.025, 0.975])
    truth = table.truth[rows]
    return {
        "fast": round(figure(fast[rows], truth), 4),
        "accurate": round(figure(mixed[rows], truth), 4),
        "difference": [round(float(low), 4), round(float(high), 4)],
        "n": len(rows),
    }


def is_better(table: Table, figure: Figure) -> bool:
    """Say whether the whole interval of the difference is above nothing."""
    low, _ = compare(table, figure)["difference"]
    return low > 0


def by_group(table: Table, figure: Figure) -> dict[str, Any]:
    """Return the same of each set of some size."""
    names = sorted(set(table.group))
    if len(names) == 1:
        return {}
    chosen = {name: np.array([g == name for g in table.group]) for name in names}
    sets = {k: compare(table, figure, rows) for k, rows in chosen.items() if rows.sum() >= 60}
    return {"sets": sets}


def _judged() -> Iterator[Example]:
    """Development texts; half of the large set, and none of those judged by what is found."""
    number = 0
    for example in examples("dev"):
        number += example.source == "shopping"
        if example.source != "entities" and (example.source != "shopping" or number % 2):
            yield example


def tables() -> dict[str, tuple[Table, Figure]]:
    """Return every head's table and the figure it is judged by."""
    parts = hear(list(_judged()))
    found: dict[str, tuple[Table, Figure]] = {
        "polarity": (whole(parts, "polarity"), accuracy),
        "emotion": (whole(parts, "emotion"), macro),
    }
    mixes = {}
    for english, name in ((False, "clause"), (True, "clause_en")):
        table = of_clauses(parts, english=english)
        found[name] = (table, macro)
        if is_better(table, macro):
            mixes[english] = fit(table, np.ones(len(table.truth), bool))
    for english, name in ((False, "aspect"), (True, "aspect_en")):
        found[name] = (of_aspects(parts, mixes, english=english), macro)
    several, senses = of_cars(parts)
    return found | {
        "cars": (several, f1),
        "cars_polarity": (senses, macro),
        "terms": (of_tags(parts), macro),
    }
