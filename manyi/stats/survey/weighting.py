"""Answers weighted to the population, from counts by margin cell: no rows are needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from manyi.stats.moments import Moments, empty, merge_all, merge_disjoint, scaled
from manyi.stats.result import Note
from manyi.stats.survey.rake import Margin, margins_of, rake_rows

Cell = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class CellWeights:
    """The factor of each cell of people, held at the cap, and how raking went before that;
    `trimmed` is the share of the weight cut off, in per cent."""

    factors: Mapping[Cell, float]
    cycles: int
    converged: bool
    trimmed: float
    warnings: tuple[Note, ...]

    def weigh(self, cells: Mapping[Cell, Moments]) -> Moments:
        """Return the weighted answers of these cells, all or only those of a group.

        Customers may be in several cells: how many there are is then not known.
        """
        return merge_all(scaled(one, self.factors[cell]) for cell, one in cells.items())


@dataclass(frozen=True, eq=False)
class Weighted:
    """The weighted answers of all cells together, how raking went, and what it cost:
    `deff` is Kish's design effect, n answers telling as much as n/deff equal ones."""

    moments: Moments
    raked: CellWeights
    deff: float
    warnings: tuple[Note, ...]


def rake_cells(
    weights: Mapping[Cell, float], totals: Sequence[Sequence[float]], *, cap: float = 5.0
) -> CellWeights:
    """Return the factors that rake Σweight by cell to the population.

    Keys are the level 0, 1, … of each variable; `totals` lists the population's size of each
    level of each variable, in counts or shares. No factor exceeds `cap` times the mean one:
    what is cut off stays off, and is noted. Raises Problem as `rake`.
    """
    margins = margins_of([np.asarray(one) / np.sum(one) for one in totals])
    w = np.array(list(weights.values()), np.float64)
    found = rake_rows(np.array(list(weights)), w, _grown(margins, float(w.sum())))
    # Raking keeps the sum of weights, so the mean factor is 1.
    factors = np.minimum(found.factors, cap)
    cut = int((factors < found.factors).sum())
    trimmed = 100 * float(w @ (found.factors - factors) / w.sum())
    notes = (Note("weights_capped", {"count": cut, "cap": cap}),) if cut else ()
    by_cell = dict(zip(weights, factors.tolist(), strict=True))
    return CellWeights(by_cell, found.cycles, found.converged, trimmed, notes)


def rake_moments(
    cells: Mapping[Cell, Moments], totals: Sequence[Sequence[float]], *, cap: float = 5.0
) -> Weighted:
    """Return the answers raked to the population, as `rake_cells` does.

    A customer has to be in one cell only.
    """
    found = rake_cells({cell: one.sum_w for cell, one in cells.items()}, totals, cap=cap)
    whole = empty()
    for cell, one in cells.items():
        whole = merge_disjoint(whole, scaled(one, found.factors[cell]))
    return Weighted(whole, found, design_effect(whole), found.warnings)


def design_effect(moments: Moments) -> float:
    """Return Kish's design effect of unequal weights, 1 where they are equal."""
    return moments.count / moments.kish if moments.count else 1.0


def _grown(margins: Sequence[Margin], total: float) -> list[Margin]:
    return [Margin(margin.axes, margin.totals * total) for margin in margins]
