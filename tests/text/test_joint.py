"""Terms read as whole pieces: chances over all paths, and who gives way to whom."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from manyi.text import joint
from manyi.text.joint import Pairs, Pieces, Reading

RNG = np.random.default_rng(7)


def _gain(size: int) -> np.ndarray:
    """Chances of the states of some characters between two borders, which are outside."""
    chance = RNG.dirichlet([2.0, 1.0, 1.0, 1.0, 1.0], size)
    chance[[0, -1]] = [1, 0, 0, 0, 0]
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(chance), -1e9).astype(np.float32)


def _by_counting(gain: np.ndarray, after: float, kind: int) -> dict[tuple[int, int], float]:
    """The same chances, each path of states looked at."""
    total, found = 0.0, {}
    begins, inner = joint._STATES[kind]
    for path in product(range(5), repeat=len(gain)):
        steps = sum(after * joint._AFTER[a, b] for a, b in pairwise(path))
        weight = np.exp(steps + sum(gain[i, s] for i, s in enumerate(path)))
        total += weight
        for start in (i for i, s in enumerate(path) if s == begins):
            end = start + 1
            while end < len(path) and path[end] == inner:
                end += 1
            found[start, end] = found.get((start, end), 0.0) + weight
    return {run: weight / total for run, weight in found.items() if weight / total > joint._LEAST}


@pytest.mark.parametrize("after", [0.0, 0.3])
def test_the_chance_of_a_piece_is_that_of_all_paths_with_it(after: float) -> None:
    gain = _gain(6)
    for kind, (first, end, chance) in enumerate(joint._likely(gain, after)):
        told = dict(zip(zip(first.tolist(), end.tolist(), strict=True), chance, strict=True))
        assert told == pytest.approx(_by_counting(gain, after, kind), abs=1e-6) and told


def test_the_surest_of_overlapping_pieces_is_taken() -> None:
    found = Pieces([(4, 6), (1, 3), (2, 5), (7, 8)], np.zeros((4, 2)))
    assert joint.apart(found, np.array([1.0, 1.5, 2.0, -0.1])) == [(2, 5)]
    assert joint.apart(found, np.array([1.0, 3.0, 2.0, 0.1])) == [(1, 3), (4, 6), (7, 8)]
    assert joint.apart(Pieces([], np.zeros((0, 2))), np.zeros(0)) == []


def test_an_opinion_is_about_what_is_named_or_about_nothing() -> None:
    pairs = [((0, 1), (2, 4)), (None, (2, 4)), ((0, 1), (3, 5)), ((6, 7), (2, 4)), (None, (8, 9))]
    found = Pairs(pairs, np.zeros((5, 7)), np.array([0, 1, 2, 0, 2]))
    told = list(joint.together(found, np.array([2.0, 1.0, 1.5, 0.5, 0.1])))
    assert told == [((0, 1), (2, 4), 0), ((6, 7), (2, 4), 0), (None, (8, 9), 2)]
    told = list(joint.together(found, np.array([0.5, 1.0, -1.0, 0.5, -1.0])))
    assert told == [(None, (2, 4), 1)]


def test_a_reading_is_written_as_numbers_and_read_again() -> None:
    how = Reading(0.25, np.arange(3.0), np.arange(8.0))
    again = Reading.of(how.numbers().astype(np.float32))
    assert again.after == 0.25
    assert again.aspect.tolist() == [0, 1, 2] and again.pair.tolist() == list(range(8))
