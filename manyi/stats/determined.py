"""Which unknowns a set of sums gives away, found without ever inverting a matrix.

An unknown is determined where every solution of the equations set to zero is zero there. One
solution drawn at random shows it: reckoned in whole numbers modulo a large prime, an unknown
that is free comes out as zero once in 10 ** 18 draws.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from heapq import heapify, heappop, heappush

_PRIME = 2**61 - 1
_SEED = 20_260_104
Equation = dict[int, int]


def determined(equations: Iterable[Mapping[int, int]]) -> list[int]:
    """Return, rising, the unknowns that sums of the equations fix.

    Each equation is unknown → factor; what it comes to does not matter.
    """
    draw = random.Random(_SEED)  # noqa: S311 - a free value, not a secret
    rows, lonely = _without_peers(equations)
    if not lonely:
        return []
    unknowns = sorted({at for row in rows for at in row})
    found = {at: 1 + draw.getrandbits(60) for at in unknowns}
    steps = _eliminated(rows)
    for at, row in reversed(steps):
        rest = sum(factor * found[other] for other, factor in row.items() if other != at)
        found[at] = -rest * pow(row[at], -1, _PRIME) % _PRIME
    return sorted(at for at, value in found.items() if value == 0 and at in lonely)


def _without_peers(equations: Iterable[Mapping[int, int]]) -> tuple[list[Equation], set[int]]:
    """Return the equations with one unknown for all that stand in the same ones alike, and the
    unknowns that have no such peers: of those that have, only their sum can be fixed."""
    given = list(equations)
    places: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for place, row in enumerate(given):
        for at, factor in row.items():
            places[at].append((place, factor))
    alike: dict[tuple[tuple[int, int], ...], list[int]] = defaultdict(list)
    for at, where in places.items():
        alike[tuple(where)].append(at)
    firsts = {peers[0] for peers in alike.values()}
    rows = [{at: factor for at, factor in row.items() if at in firsts} for row in given]
    return rows, {peers[0] for peers in alike.values() if len(peers) == 1}


def _eliminated(rows: list[Equation]) -> list[tuple[int, Equation]]:
    """Return the equations as steps: each with an unknown that none of the later ones has.

    The shortest is taken first, and of its unknowns the one in fewest others, so that few
    equations grow.
    """
    having: dict[int, set[int]] = defaultdict(set)
    for place, row in enumerate(rows):
        for at in row:
            having[at].add(place)
    waiting = [(len(row), place) for place, row in enumerate(rows)]
    heapify(waiting)
    done: list[tuple[int, Equation]] = []
    while waiting:
        length, place = heappop(waiting)
        row = rows[place]
        if not row or length != len(row):
            continue  # it has changed since, and waits in its new length
        for at in row:
            having[at].discard(place)
        pivot = min(row, key=lambda at: (len(having[at]), at))
        for other in sorted(having[pivot]):
            _subtract(rows[other], row, pivot, other, having)
            heappush(waiting, (len(rows[other]), other))
        done.append((pivot, row))
        rows[place] = {}
    return done


def _subtract(
    target: Equation, row: Equation, pivot: int, place: int, having: dict[int, set[int]]
) -> None:
    """Take as much of `row` from `target` as rids it of the pivot."""
    times = target[pivot] * pow(row[pivot], -1, _PRIME) % _PRIME
    for at, factor in row.items():
        left = (target.get(at, 0) - times * factor) % _PRIME
        if left:
            target[at] = left
            having[at].add(place)
        elif at in target:
            del target[at]
            having[at].discard(place)
