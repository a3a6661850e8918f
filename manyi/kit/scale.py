"""Rating scales: their ends, their boxes, and the words of their answers."""

from __future__ import annotations

from dataclasses import dataclass

from manyi.kit.localtext import LocalText

# Which answers count as the top box on the scales of the published table
# (docs/reference/metrics.md); any other scale has none unless the survey names it.
_TOP_COUNTS = {
    (1.0, 3.0): 1,
    (1.0, 4.0): 2,
    (1.0, 5.0): 2,
    (1.0, 6.0): 2,
    (1.0, 7.0): 2,
    (1.0, 10.0): 3,
    (0.0, 10.0): 3,
}

SATISFACTION_5: tuple[LocalText, ...] = (
    {"zh-Hans": "非常不满意", "en": "Very dissatisfied"},
    {"zh-Hans": "不满意", "en": "Dissatisfied"},
    {"zh-Hans": "一般", "en": "Neutral"},
    {"zh-Hans": "满意", "en": "Satisfied"},
    {"zh-Hans": "非常满意", "en": "Very satisfied"},
)
AGREEMENT_5: tuple[LocalText, ...] = (
    {"zh-Hans": "非常不同意", "en": "Strongly disagree"},
    {"zh-Hans": "不同意", "en": "Disagree"},
    {"zh-Hans": "一般", "en": "Neither"},
    {"zh-Hans": "同意", "en": "Agree"},
    {"zh-Hans": "非常同意", "en": "Strongly agree"},
)
AGREEMENT_7: tuple[LocalText, ...] = (
    {"zh-Hans": "非常不同意", "en": "Strongly disagree"},
    {"zh-Hans": "不同意", "en": "Disagree"},
    {"zh-Hans": "有些不同意", "en": "Somewhat disagree"},
    {"zh-Hans": "一般", "en": "Neither"},
    {"zh-Hans": "有些同意", "en": "Somewhat agree"},
    {"zh-Hans": "同意", "en": "Agree"},
    {"zh-Hans": "非常同意", "en": "Strongly agree"},
)


@dataclass(frozen=True)
class Scale:
    """A rating scale from its worst to its best answer; `worst` may be the larger number."""

    worst: float
    best: float

    def __post_init__(self) -> None:
        if self.worst == self.best:
            raise ValueError("a scale needs two different ends")

    @property
    def low(self) -> float:
        return min(self.worst, self.best)

    @property
    def high(self) -> float:
        return max(self.worst, self.best)

    def holds(self, value: float) -> bool:
        """Whether `value` lies on the scale, ends included."""
        return self.low <= value <= self.high

    def index(self, value: float) -> float:
        """Return `value` as 0 (worst) to 100 (best)."""
        return (value - self.worst) / (self.best - self.worst) * 100.0

    def points(self) -> tuple[float, ...]:
        """Return the whole-numbered answers from the low end to the high end."""
        return tuple(float(v) for v in range(int(self.low), int(self.high) + 1))

    def top_box(self) -> frozenset[float] | None:
        """Return the answers that count as satisfied, or None where the table names none."""
        count = _TOP_COUNTS.get((self.low, self.high))
        if count is None:
            return None
        from_best = sorted(self.points(), key=lambda v: -self.index(v))
        return frozenset(from_best[:count])

    def bottom_box(self) -> frozenset[float] | None:
        """Return as many answers at the worst end as `top_box` has at the best end."""
        count = _TOP_COUNTS.get((self.low, self.high))
        if count is None:
            return None
        return frozenset(sorted(self.points(), key=self.index)[:count])


NPS_SCALE = Scale(0, 10)
