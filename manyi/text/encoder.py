"""Runs the encoder of the accurate tier: one pass gives the states that all its heads read.

onnxruntime is an extra (`pip install manyi[accurate]`) and is imported when first asked for.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manyi.text import store
from manyi.text.normal import Batch
from manyi.text.pieces import BEGIN, END, PAD, Pieces

GRAPH = "encoder.onnx"
# The places that the encoder knows, less begin and end. Longer texts are read in windows of equal
# length; shorter windows lose what a text comes to in the end.
WINDOW = 510
# Pieces, with what fills them up, of one pass: what stays in a processor's cache.
_AT_ONCE = 1_024
Floats = NDArray[np.float32]


def missing() -> str | None:
    """Return what the accurate tier lacks here: `model`, `onnxruntime` or nothing."""
    if not (store.MODELS / store.TIER_B / "manifest.json").exists():
        return "model"
    return None if importlib.util.find_spec("onnxruntime") else "onnxruntime"


@cache
def pieces() -> Pieces:
    """Return the pieces of the artefact."""
    found = store.arrays(store.TIER_B, "pieces.npz")
    return Pieces.of(found["pieces"].tobytes().decode().split("\n"), found["scores"].tolist())


@cache
def _session() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # A worker is one process of several: each keeps to its core.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    # By its path: a session keeps bytes that it is handed, 20 MB that nobody reads again.
    graph = str(store.checked(store.TIER_B, GRAPH))
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


@dataclass(frozen=True)
class Encoded:
    """States of all pieces of all texts, one after the other, and one state for each text.

    Piece j stands at `codes[first[j]:last[j]]` of the batch; those of text i are numbers
    `starts[i]` to `starts[i + 1]`.
    """

    states: Floats
    text: Floats
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    starts: NDArray[np.int64]

    def mean(self, begins: NDArray[np.int64], ends: NDArray[np.int64]) -> Floats:
        """Return the mean state of the pieces that touch `codes[begins[k]:ends[k]]`."""
        low = np.searchsorted(self.last, begins, side="right")
        high = np.maximum(np.searchsorted(self.first, ends, side="left"), low)
        size = np.maximum(high - low, 1)[:, None]
        return np.asarray((self._sums[high] - self._sums[low]) / size, dtype=np.float32)

    @cached_property
    def _sums(self) -> NDArray[np.float64]:
        """The sums of the states up to each piece: any span is the difference of two."""
        sums = np.zeros((len(self.states) + 1, self.states.shape[1]), np.float64)
        np.cumsum(self.states, axis=0, dtype=np.float64, out=sums[1:])
        return sums


@dataclass(frozen=True)
class _Window:
    owner: int
    at: int  # number of its first piece among all
    numbers: list[int]


def encode(texts: Batch) -> Encoded:
    """Return the states of the texts; those without a letter have one of their own too."""
    cut = pieces().cut(texts)
    starts = np.cumsum([0, *(len(c) for c in cut)])
    flat = [piece for found in cut for piece in found]
    places = np.array([(a, b) for _, a, b in flat], dtype=np.int64).reshape(-1, 2)
    windows = list(_windows(cut, starts.tolist()))
    states = text = None
    weight = np.zeros(len(cut))
    for group in _groups(windows):
        said = _pass(group)
        if states is None or text is None:
            states = np.zeros((len(flat), said.shape[2]), np.float32)
            text = np.zeros((len(cut), said.shape[2]))
        for row, window in zip(said, group, strict=True):
            size = len(window.numbers)
            states[window.at : window.at + size] = row[1 : 1 + size]
            text[window.owner] += row[: size + 2].sum(axis=0)
            weight[window.owner] += size + 2
    assert states is not None and text is not None
    whole = (text / weight[:, None]).astype(np.float32)
    return Encoded(states, whole, places[:, 0], places[:, 1], starts)


def _windows(cut: Sequence[list[tuple[int, int, int]]], starts: list[int]) -> Iterator[_Window]:
    for owner, found in enumerate(cut):
        count = max(1, -(-len(found) // WINDOW))
        borders = [len(found) * k // count for k in range(count + 1)]
        for a, b in pairwise(borders):
            yield _Window(owner, starts[owner] + a, [n for n, _, _ in found[a:b]])


def _groups(windows: list[_Window]) -> Iterator[list[_Window]]:
    """Yield windows of like length together."""
    group: list[_Window] = []
    for window in sorted(windows, key=lambda w: len(w.numbers)):
        if group and (len(group) + 1) * (len(window.numbers) + 2) > _AT_ONCE:
            yield group
            group = []
        group.append(window)
    if group:
        yield group


def _pass(group: Sequence[_Window]) -> Floats:
    length = max(len(w.numbers) for w in group) + 2
    numbers = np.full((len(group), length), PAD, dtype=np.int64)
    for row, window in zip(numbers, group, strict=True):
        size = len(window.numbers)
        row[0], row[1 : 1 + size], row[1 + size] = BEGIN, window.numbers, END
    found: Floats = _session().run(None, {"pieces": numbers})[0]
    return found
