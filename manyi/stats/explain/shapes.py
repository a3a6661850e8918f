"""What goes into an explanation and what comes out: variables, groups, contrasts, the finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from manyi.stats.result import Estimate, Note, Test

Kind = Literal["nominal", "ordinal", "scale", "binary", "date"]


@dataclass(frozen=True, eq=False)
class Variable:
    """One column of rows and what kind it is.

    `values` (n,): numbers for scale, ordinal and date (days, or datetime64), any labels for
    nominal and binary; NaN, NaT, None and "" are missing. Of a binary variable the greater
    value (1, True) is the one that is counted. `labels` says what values are called (their
    own text where they are not in it).
    """

    name: str
    kind: Kind
    values: ArrayLike
    labels: Mapping[Any, str] = field(default_factory=dict)

    def label(self, value: Any) -> str:
        """Return what a value is called."""
        if value in self.labels:
            return self.labels[value]
        number = isinstance(value, int | float | np.number)
        return f"{value:g}" if number else str(value)


@dataclass(frozen=True)
class Group:
    """One group of the explaining variable with the outcome's share (percent) or mean."""

    value: Any
    label: str
    estimate: Estimate


@dataclass(frozen=True)
class Contrast:
    """Two groups compared (`other` None: all the rest), p adjusted for how many were."""

    one: str
    other: str | None
    test: Test


@dataclass(frozen=True)
class Explained:
    """What was found between two variables, and how sure it is.

    `finding` is the one sentence; `strength` says how large the effect is in words, `checks`
    what was done because of how the answers are. `effect` is the measure named by `measure`
    (gap, cramers_v, pearson, spearman, superiority, odds_ratio, slope); `share_explained` is
    ω² of several groups in percent. `real` is whether chance was ruled out at `level`.
    """

    outcome: str
    by: str
    analysis: str
    finding: Note
    real: bool
    measure: str
    effect: Estimate
    test: Test | None
    n: int
    missing: int
    level: float
    groups: tuple[Group, ...] = ()
    contrasts: tuple[Contrast, ...] = ()
    table: tuple[tuple[float, ...], ...] = ()
    answers: tuple[str, ...] = ()
    share_explained: Estimate | None = None
    strength: Note | None = None
    checks: tuple[Note, ...] = ()

    @property
    def notes(self) -> tuple[Note, ...]:
        """Return all sentences in the order to be read."""
        return (self.finding, *((self.strength,) if self.strength else ()), *self.checks)
