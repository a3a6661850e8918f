"""Examples as tensors: pieces, spans of pieces, labels; texts of one length side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from manyi.text.normal import Batch, batch
from manyi.text.pieces import BEGIN, END, PAD, Pieces
from training.accurate.examples import Example
from training.accurate.model import KINDS, PLACES

# Of a long text its beginning and its end.
MOST, TAIL = 112, 40
_NONE = -100


@dataclass
class Prepared:
    """An example in pieces; spans are (first, last exclusive) of pieces, counted with BEGIN."""

    numbers: list[int]
    labels: dict[str, Any] = field(default_factory=dict)
    clauses: list[tuple[int, int, int]] = field(default_factory=list)
    aspects: list[tuple[int, int, int]] = field(default_factory=list)
    tags: dict[str, np.ndarray] = field(default_factory=dict)
    pairs: list[tuple[int, int, int, int, int]] = field(default_factory=list)


def prepare(found: Sequence[Example], known: Pieces) -> list[Prepared]:
    """Return the examples in pieces; what the cut of a long text loses is left out."""
    result = []
    for at in range(0, len(found), 2000):
        part = found[at : at + 2000]
        one = batch([e.text for e in part])
        for i, (example, cut) in enumerate(zip(part, known.cut(one), strict=True)):
            result.append(_prepared(example, one, i, cut))
    return result


def _prepared(example: Example, one: Batch, row: int, cut: list[tuple[int, int, int]]) -> Prepared:
    whole = not (example.tagged or example.aspects or example.clauses)
    if len(cut) > MOST:
        cut = cut[: MOST - TAIL] + cut[-TAIL:] if whole else cut[:MOST]
    made = Prepared([BEGIN, *(n for n, _, _ in cut), END], _labels(example))
    place = _Places(one, row, cut)
    for name in ("clauses", "aspects"):
        for span, sense in getattr(example, name):
            at = place.span(span)
            if at:
                getattr(made, name).append((*at, sense + 1))
    for name, said in example.tagged.items():
        made.tags[name] = place.states(said, KINDS[name])
    if example.triplets is not None:
        made.pairs = list(_pairs(example, place))
    return made


def _labels(example: Example) -> dict[str, Any]:
    sense = example.polarity
    said = {
        "polarity": None if sense is None else int(sense > 0),
        "emotion": example.emotion,
        "cars": example.cars,
    }
    return {name: value for name, value in said.items() if value is not None}


class _Places:
    """Where characters of a text stand among its pieces."""

    def __init__(self, one: Batch, row: int, cut: list[tuple[int, int, int]]) -> None:
        self.cut = cut
        self.origin = one.origin
        self.first = [int(one.origin[a]) if a < b else -1 for _, a, b in cut]
        self.last = [int(one.origin[b - 1]) + 1 if a < b else -1 for _, a, b in cut]

    def span(self, span: tuple[int, int]) -> tuple[int, int] | None:
        inside = [
            i
            for i, (a, b) in enumerate(zip(self.first, self.last, strict=True))
            if a < span[1] and span[0] < b
        ]
        return (inside[0] + 1, inside[-1] + 2) if inside else None

    def states(self, said: Sequence[tuple[int, int, str]], kinds: tuple[str, ...]) -> np.ndarray:
        """Return the state of each place of each piece: see `manyi.text.accurate`."""
        found = np.full((len(self.cut), PLACES), _NONE, dtype=np.int64)
        for i, (_, a, b) in enumerate(self.cut):
            for k in range(min(b - a, PLACES)):
                found[i, k] = _state(int(self.origin[a + k]), said, kinds)
        return found


def _state(place: int, said: Sequence[tuple[int, int, str]], kinds: tuple[str, ...]) -> int:
    for start, end, kind in said:
        if start <= place < end:
            return 1 + 2 * kinds.index(kind) + int(place > start)
    return 0


def _pairs(example: Example, place: _Places) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield (aspect, opinion, label) for every aspect, or none (0, 0), and every opinion."""
    assert example.triplets is not None
    senses = {(t.aspect, t.opinion): t.polarity for t in example.triplets if t.opinion}
    named = {t.aspect for t in example.triplets if t.aspect}
    aspects: dict[tuple[int, int] | None, tuple[int, int] | None]
    aspects = {a: place.span(a) for a in named} | {None: (0, 0)}
    for opinion in sorted({o for _, o in senses if o}):
        at = place.span(opinion)
        for aspect, where in aspects.items():
            if at and where:
                sense = senses.get((aspect, opinion))
                yield (*where, *at, 0 if sense is None else sense + 2)


def batches(found: Sequence[Prepared], most: int, seed: int) -> list[list[int]]:
    """Return the numbers of the examples of each batch, at most `most` pieces in each."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(found))
    size = np.array([len(p.numbers) for p in found])
    made: list[list[int]] = []
    for part in np.array_split(order, max(1, len(order) // 3000)):
        now: list[int] = []
        for i in part[np.argsort(size[part], kind="stable")].tolist():
            if now and (len(now) + 1) * size[i] > most:
                made.append(now)
                now = []
            now.append(i)
        made.append(now)
    return [made[i] for i in rng.permutation(len(made))]


@dataclass
class Tensors:
    """A batch: pieces, and of each head the rows it learns from with their labels."""

    pieces: Tensor
    whole: dict[str, tuple[Tensor, Tensor]]
    spans: dict[str, Tensor]  # columns: row, first, last, label
    tags: dict[str, tuple[Tensor, Tensor]]  # rows, labels [rows, pieces, PLACES]
    pairs: Tensor  # columns: row, aspect first and last, opinion first and last, label


def tensors(chosen: Sequence[Prepared], cars: Sequence[str], device: torch.device) -> Tensors:
    length = max(len(p.numbers) for p in chosen)
    pieces = np.full((len(chosen), length), PAD, dtype=np.int64)
    for i, one in enumerate(chosen):
        pieces[i, : len(one.numbers)] = one.numbers
    send = lambda x: torch.from_numpy(x).to(device)  # noqa: E731
    return Tensors(
        send(pieces),
        {k: (send(r), send(v)) for k, (r, v) in _whole(chosen, cars).items()},
        {
            "clause": send(_table([[i, *s] for i, p in enumerate(chosen) for s in p.clauses], 4)),
            "aspect": send(_table([[i, *s] for i, p in enumerate(chosen) for s in p.aspects], 4)),
        },
        {k: (send(r), send(v)) for k, (r, v) in _tags(chosen, length).items()},
        send(_table([[i, *s] for i, p in enumerate(chosen) for s in p.pairs], 6)),
    )


def _table(rows: list[list[int]], width: int) -> np.ndarray:
    return np.array(rows, dtype=np.int64).reshape(-1, width)


def _whole(
    chosen: Sequence[Prepared], cars: Sequence[str]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    found: dict[str, tuple[list[int], list[Any]]] = {}

    def add(name: str, row: int, label: Any) -> None:
        rows, labels = found.setdefault(name, ([], []))
        rows.append(row)
        labels.append(label)

    for i, one in enumerate(chosen):
        for name in ("polarity", "emotion"):
            if name in one.labels:
                add(name, i, one.labels[name])
        if "cars" in one.labels:
            said = one.labels["cars"]
            add("cars", i, [float(code in said) for code in cars])
            senses = set(said.values())
            if len(senses) == 1:
                add("cars_polarity", i, senses.pop() + 1)
    return {k: (np.array(r), np.array(v)) for k, (r, v) in found.items()}


def _tags(chosen: Sequence[Prepared], length: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    found = {}
    for name in KINDS:
        rows = [i for i, p in enumerate(chosen) if name in p.tags]
        labels = np.full((len(rows), length, PLACES), _NONE, dtype=np.int64)
        for at, i in enumerate(rows):
            states = chosen[i].tags[name]
            labels[at, 1 : 1 + len(states)] = states
        if rows:
            found[name] = (np.array(rows), labels)
    return found
