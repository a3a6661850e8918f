"""Answers weighted to the population, from counts by margin cell: no rows are needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from manyi.stats.moments import Moments, empty, merge_disjoint, scaled
from manyi.stats.result import Note
from manyi.stats.survey.rake import Margin, Raked, margins_of, rake

Cell = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Weighted:
    """The weighted answers of all cells together, how raking went, and what it cost:
    `deff` is Kish's design effect, n answers telling as much as n/deff equal ones."""

    moments: Moments
    raked: Raked
    deff: float
    warnings: tuple[Note, ...]


def rake_moments(
    cells: Mapping[Cell, Moments], totals: Sequence[Sequence[float]], *, cap: float = 5.0
) -> Weighted:
    """Return the answers raked to the population.

    Keys are the level 0, 1, … of each variable that a customer belongs to, so that a customer
    is in one cell only; `totals` lists the population's size of each level of each variable,
    in counts or shares. No factor exceeds `cap` times the mean one: what is cut off stays off,
    and is noted. Raises Problem as `rake`.
    """
    margins = margins_of([np.asarray(one) / np.sum(one) for one in totals])
    table = np.zeros(tuple(len(margin.totals) for margin in margins))
    for cell, one in cells.items():
        table[cell] += one.sum_w
    found = rake(table, _grown(margins, float(table.sum())))
    # Raking keeps the sum of weights, so the mean factor is 1.
    factors = np.minimum(found.factors, cap)
    whole = empty()
    for cell, one in cells.items():
        whole = merge_disjoint(whole, scaled(one, float(factors[cell])))
    cut = int((factors < found.factors).sum())
    notes = (Note("weights_capped", {"count": cut, "cap": cap}),) if cut else ()
    deff = whole.count / whole.kish if whole.count else 1.0
    return Weighted(whole, found, deff, notes)


def _grown(margins: Sequence[Margin], total: float) -> list[Margin]:
    return [Margin(margin.axes, margin.totals * total) for margin in margins]
