"""What an opinion is about, and whether it praises, by the fast tier: each pair of an opinion and
an aspect near it, or no aspect, is judged by where they stand and how they are written."""

from __future__ import annotations

import zlib
from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from manyi.text import crossed, spans
from manyi.text.crossed import Crosses, Facts
from manyi.text.normal import Batch

Run = tuple[int, int]
Pair = tuple[Run | None, Run]
PAIRS, SENSES = "pairs", "senses"
_MARKS = np.array([ord(c) for c in "，。！？；：~…—,.!?;:、 "], dtype=np.uint32)
_STOPS = np.array([ord(c) for c in "。！？!?；;."], dtype=np.uint32)
_NONE, _INSIDE, _BEFORE, _BEHIND = range(4)
_GAP = 6
_WINDOW = 8
_FAR = (4, 6, 9, 14, 22)
_PLACED = (
    *("side", "far", "clauses", "stops", "between", "spoken", "same", "closer", "first"),
    *("length", "aspects", "opinions"),
)
_TAILS = ("gap", "gap1", "gap9", "a1", "a2", "next")
PAIR_CROSSES: Final[Crosses] = (
    *(("side", "far"), ("side", "clauses", "stops"), ("side", "between"), ("side", "spoken")),
    *(("side", "same", "clauses"), ("side", "closer", "clauses"), ("side", "first")),
    *(("side", "between", "spoken", "clauses"), ("side", "length"), ("side", "aspects", "clauses")),
    *(("side", "same", "between", "closer"), ("side", "spoken", "same", "clauses")),
    *(("side", "aspects", "same"), ("side", "opinions"), ("side", "far", "same", "closer")),
    *(("side", "gap"), ("side", "gap1"), ("side", "gap9"), ("side", "clauses", "first_")),
    *(("side", "clauses", "first2"), ("side", "clauses", "last2"), ("side", "clauses", "whole")),
    *(("side", "a2", "clauses"), ("side", "a1"), ("a1", "last"), ("side", "clauses", "next")),
    *(("side", "left"), ("side", "left2"), ("side", "left", "same"), ("side", "size", "same")),
)
_BACK: Final = tuple(f"back#{k}" for k in range(1, 7))
_BACK2: Final = tuple(f"back2#{k}" for k in range(2, 7))
_ON: Final = tuple(f"on#{k}" for k in range(1, 4))
_WITHIN: Final = tuple(f"inner#{k}" for k in range(1, spans.LONGEST - 1))
SENSE_CROSSES: Final[Crosses] = (
    *((name,) for name in ("whole", "first_", "first2", "last", "last2", "left", "left2")),
    *((name,) for name in ("right", "right2", "a1", "a2", "side", *_BACK, *_BACK2, *_ON)),
    *(("inner#0",), ("inner#8",), *((name,) for name in _WITHIN)),
    *((f"two#{k}",) for k in range(spans.LONGEST - 1)),
    *(("a1", "first_"), ("a1", "last"), ("a2", "whole"), ("a2", "first2"), ("a2", "last2")),
    *(("left", "whole"), ("left2", "whole"), ("whole", "right")),
)


@dataclass(frozen=True)
class Around:
    """The runs of one text, in its order."""

    aspects: Sequence[Run]
    opinions: Sequence[Run]

    def near(self, place: Run) -> Around:
        """Return the runs closest to a place: a text may name thousands."""
        return Around(*(_closest(runs, place) for runs in (self.aspects, self.opinions)))


def _closest(runs: Sequence[Run], place: Run) -> Sequence[Run]:
    at = bisect(runs, place)
    return runs[max(0, at - _WINDOW) : at + _WINDOW]


def facts(one: Batch, tried: Sequence[Pair], of: Mapping[int, Around]) -> Facts:
    """Return what is known of each pair."""
    about = [of[int(one.owner[opinion[0]])].near(opinion) for _, opinion in tried]
    marks, stops = (_counted(one, kind) for kind in (_MARKS, _STOPS))
    rows = [_row(p, a, marks, stops) for p, a in zip(tried, about, strict=True)]
    columns = np.array(rows, dtype=np.int64).reshape(-1, len(_PLACED)).T
    first, end = np.array([o for _, o in tried], dtype=np.int64).reshape(-1, 2).T
    written = spans.written(one, first, end)
    return {
        **dict(zip(_PLACED, columns, strict=True)),
        **{("first_" if k == "first" else k): v for k, v in written.items()},
        "size": end - first,
        **_tails(one, tried),
        **_near(one, first, end),
    }


def around(one: Batch, aspects: Sequence[Run], opinions: Sequence[Run]) -> dict[int, Around]:
    """Return the runs of each text that has any."""
    found: dict[int, tuple[list[Run], list[Run]]] = {}
    for kind, runs in enumerate((aspects, opinions)):
        for run in runs:
            found.setdefault(int(one.owner[run[0]]), ([], []))[kind].append(run)
    return {text: Around(*both) for text, both in found.items()}


def _counted(one: Batch, kind: NDArray[np.uint32]) -> list[int]:
    found: list[int] = np.concatenate([[0], np.cumsum(np.isin(one.codes, kind))]).tolist()
    return found


def _gap(a: Run, b: Run) -> Run:
    """Return what lies between two runs, empty where they meet or overlap."""
    start = min(a[1], b[1])
    return start, max(start, a[0], b[0])


def _row(pair: Pair, about: Around, marks: list[int], stops: list[int]) -> tuple[int, ...]:
    aspect, opinion = pair
    gaps = [_gap(a, opinion) for a in about.aspects if a != aspect]
    same = min(2, sum(marks[start] == marks[end] for start, end in gaps))
    count = min(4, len(about.aspects)), min(3, len(about.opinions))
    if aspect is None:
        before = min(2, sum(a[1] <= opinion[0] for a in about.aspects))
        inside = any(_side(a, opinion) == _INSIDE for a in about.aspects)
        return _NONE, 0, 0, 0, before, 0, same, int(inside), 0, 0, *count
    start, end = _gap(aspect, opinion)
    return (
        *(_side(aspect, opinion), _about(end - start)),
        *(min(4, marks[end] - marks[start]), min(2, stops[end] - stops[start])),
        *(_between(pair, about.aspects), _between(pair, about.opinions), same),
        *(int(_closer(pair, about)), int(aspect == min(about.aspects))),
        *(aspect[1] - aspect[0], *count),
    )


def _about(size: int) -> int:
    """Return a distance, the less exactly the longer it is."""
    return min(4, size) + bisect(_FAR, size)


def _between(pair: Pair, runs: Sequence[Run]) -> int:
    aspect, opinion = pair
    assert aspect is not None
    low, high = min(aspect[1], opinion[1]), max(aspect[0], opinion[0])
    return min(3, sum(low <= r[0] and r[1] <= high for r in runs if r not in pair))


def _closer(pair: Pair, about: Around) -> bool:
    """Say whether the aspect has an opinion that is closer."""
    aspect, opinion = pair
    assert aspect is not None
    size = _far(aspect, opinion)
    return any(o != opinion and _far(aspect, o) < size for o in about.opinions)


def _far(a: Run, b: Run) -> int:
    start, end = _gap(a, b)
    return end - start


def _side(aspect: Run, opinion: Run) -> int:
    if aspect[0] < opinion[1] and opinion[0] < aspect[1]:
        return _INSIDE
    return _BEFORE if aspect[1] <= opinion[0] else _BEHIND


def _tails(one: Batch, tried: Sequence[Pair]) -> Facts:
    codes = one.codes
    rows = []
    for aspect, opinion in tried:
        if aspect is None:
            rows.append((0,) * 6)
            continue
        start, end = _gap(aspect, opinion)
        gap = codes[start:end].tolist()
        rows.append(
            (
                zlib.crc32(codes[start:end].tobytes()) if 0 < len(gap) <= _GAP else 0,
                *((gap[0], gap[-1]) if gap else (0, 0)),
                int(codes[aspect[1] - 1]),
                int(codes[aspect[1] - 1]) | int(codes[max(aspect[0], aspect[1] - 2)]) << 16,
                int(codes[aspect[1]]),
            )
        )
    columns = np.array(rows, dtype=np.int64).reshape(-1, 6).T
    return dict(zip(_TAILS, columns, strict=True))


def _near(one: Batch, first: NDArray[np.int64], end: NDArray[np.int64]) -> Facts:
    """Return the characters before an opinion in its clause, those behind it, and its pairs."""
    codes = np.concatenate([one.codes, np.zeros(4 + spans.LONGEST, np.uint32)])
    mark = np.isin(codes, _MARKS) | (codes == 0)
    found: dict[str, NDArray[np.integer]] = {}
    open_, behind = np.ones(len(first), dtype=bool), codes[first]
    for k in range(1, 7):
        open_ = open_ & ~mark[first - k]
        char = codes[first - k]
        found[f"back#{k}"] = np.where(open_, char, 0)
        if k > 1:
            found[f"back2#{k}"] = np.where(open_, crossed.mixed(char, behind), 0)
        behind = char
    inside = np.ones(len(first), dtype=bool)
    for k in range(1, 4):
        inside = inside & (codes[end + k - 1] != 0)
        found[f"on#{k}"] = np.where(inside, codes[end + k - 1], 0)
    for k in range(spans.LONGEST):
        inside = first + k < end
        found[f"inner#{k}"] = np.where(inside, codes[first + k], 0)
        if k < spans.LONGEST - 1:
            two = crossed.mixed(codes[first + k], codes[first + k + 1])
            found[f"two#{k}"] = np.where(first + k + 1 < end, two, 0)
    return found
