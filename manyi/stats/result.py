"""The shapes in which numbers leave: an Estimate, a Test, and the Notes that go with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Note:
    """A remark on a number: `code` names the sentence in `kit.say`, `params` fill it."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {"code": self.code, "params": dict(self.params)}


@dataclass(frozen=True)
class Estimate:
    """A number with what is known about it; the only way a number travels.

    `low` and `high` hold the interval at `level`; `n` counts answers, `n_effective` is how
    many independent, equally weighted answers would tell as much; `df` is None where the
    interval is not a t interval; `method` names how the interval was made (the names are in
    docs/reference/metrics.md). `value` is None exactly where nothing could be estimated, and
    then `warnings` says why. Shares and indices travel as 0 to 100, NPS as -100 to 100.
    """

    value: float | None
    low: float | None
    high: float | None
    level: float
    n: int
    n_effective: float
    df: float | None
    method: str
    warnings: tuple[Note, ...] = ()

    @property
    def half_width(self) -> float | None:
        """Return half the width of the interval."""
        if self.low is None or self.high is None:
            return None
        return (self.high - self.low) / 2

    def noted(self, *notes: Note) -> Estimate:
        """Return this estimate with further warnings."""
        return replace(self, warnings=self.warnings + notes)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-ready values."""
        return {
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "level": self.level,
            "n": self.n,
            "n_effective": self.n_effective,
            "df": self.df,
            "method": self.method,
            "warnings": [note.to_dict() for note in self.warnings],
        }


def nothing(
    *, level: float = 0.95, n: int = 0, method: str = "none", warnings: Iterable[Note] = ()
) -> Estimate:
    """Return the estimate of something that nobody answered: no value, and the reason."""
    return Estimate(None, None, None, level, n, 0.0, None, method, tuple(warnings))


@dataclass(frozen=True)
class Test:
    """A test of "no effect": statistic, p, degrees of freedom, and the effect it is about."""

    __test__ = False  # not a test case, whatever its name makes pytest think

    statistic: float | None
    p: float | None
    df: float | None
    effect: Estimate
    method: str
    n: int
    warnings: tuple[Note, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-ready values."""
        return {
            "statistic": self.statistic,
            "p": self.p,
            "df": self.df,
            "effect": self.effect.to_dict(),
            "method": self.method,
            "n": self.n,
            "warnings": [note.to_dict() for note in self.warnings],
        }


@dataclass(frozen=True)
class Overall(Test):
    """A test of "all groups are alike"; `df2` is the second degrees of freedom of an F."""

    df2: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-ready values."""
        return {**super().to_dict(), "df2": self.df2}


def nothing_tested(n: int, method: str, level: float) -> Overall:
    """Return the test of what too few or too like answers cannot tell."""
    note = Note("no_spread")
    none = nothing(level=level, n=n, warnings=(note,))
    return Overall(None, None, None, none, method, n, (note,))
