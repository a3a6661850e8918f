"""Answers to choose from, with what is needed to count customers who answered again once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from manyi.kit.selection import Selection
from manyi.lake import question
from manyi.lake.cells import grouped
from manyi.lake.question import Question
from manyi.lake.tables import ANSWERS
from manyi.stats.moments import GROUPS, FloatArray, Moments, from_cells

if TYPE_CHECKING:
    import pyarrow as pa

Choice = tuple[str, float | None]


def choice_moments(
    selection: Selection, asked_code: str, *, without: str
) -> Mapping[Choice, Moments]:
    """Return for each (code, number) given to a question the moments of 1 for every answer that
    has it and 0 for every other, with their customers' groups; those who gave `without` (not
    applicable) are left out. Nothing where everybody answered once. Rows of a matrix and
    dimensions are not told apart.
    """
    now = question.read(selection, ANSWERS)
    asked = question.question(selection, ANSWERS, now, fixed={"question": asked_code})
    return {} if asked is None else _moments(asked, without)


def _moments(asked: Question, without: str) -> dict[Choice, Moments]:
    people = sum(asked.ask("people")["n"].to_pylist())
    whole = _by_cluster(asked.ask("asked_by_cluster"))
    if people >= whole.sum():
        return {}
    told = grouped(asked.ask("answers_by_cluster"), ["row", "code", "number"])
    given = {one.key[1:]: _summed(one["cluster"], one["n"]) for one in told}
    each = whole - given.pop((without, None), np.zeros(GROUPS))
    return {choice: _of(n, each, people) for choice, n in given.items()}


def _of(n: FloatArray, each: FloatArray, people: int) -> Moments:
    groups = np.tile(np.arange(GROUPS), 2)
    values = np.repeat([1.0, 0.0], GROUPS)
    counts = np.concatenate([n, each - n]).astype(np.int64)
    return from_cells(values, groups, counts, n_customers=min(people, int(each.sum())))


def _by_cluster(cells: pa.Table) -> FloatArray:
    return _summed(cells["cluster"].to_numpy(), cells["n"].to_numpy())


def _summed(cluster: FloatArray, n: FloatArray) -> FloatArray:
    return np.asarray(np.bincount(cluster.astype(np.int64), n, GROUPS), np.float64)
