"""What the scores are asked for, with what was counted for it before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from manyi.kit.period import Period
from manyi.kit.selection import Selection
from manyi.lake import question
from manyi.lake.rolling import Upwards
from manyi.lake.scores import Part, Together
from manyi.lake.snapshot import Snapshot
from manyi.lake.tables import SCORES


@dataclass(frozen=True)
class Asking:
    """What is asked of the scores: `sides` are periods to look at in one go."""

    selection: Selection
    metric: str | None
    item: str
    depth: int | None
    sides: tuple[Period, ...] = ()

    @property
    def key(self) -> Any:
        return self.selection.key, self.metric, self.item, self.depth, self.sides

    def together(self, now: Snapshot, part: Part | None) -> tuple[Together | None, Part | None]:
        """Return what answers of a part are found in, and as which part of it: in what was
        counted of everybody, if that was, else in the part alone."""
        if part is None or self.whole in now.answers:
            return now.remembered(self.whole, lambda: self.asked(now)), part
        own = self.selection if part.survey is None else self.selection.narrowed(survey=part.survey)
        key = (*self.whole, part)
        alone = part.survey is not None
        return now.remembered(key, lambda: self._asked(now, own, anonymous=alone, part=part)), None

    @property
    def whole(self) -> Any:
        """Return what answers of everybody are remembered by."""
        return ("together", self.key)

    def asked(self, now: Snapshot) -> Together | None:
        """Return the question about everybody's answers; None where none can be admitted."""
        return self._asked(now, self.selection)

    def _asked(
        self, now: Snapshot, own: Selection, *, part: Part | None = None, **more: bool
    ) -> Together | None:
        asked = question.question(
            own,
            SCORES,
            now,
            fixed=of_item(self.metric, self.item) | more,
            depth=self.depth,
            sides=self.sides,
            apart=not more,
        )
        if asked is None:
            return None
        below = self._below(now, part)
        up = (
            None
            if below is None
            else Upwards(f"g{own.by.index('unit')}", now.codes.above(self.depth or 0))
        )
        return Together(asked, own.by, self.metric, below, up)

    def _below(self, now: Snapshot, part: Part | None) -> Together | None:
        """Return the same of the units themselves, if that was asked before."""
        if self.depth is None or self.sides or "unit" not in self.selection.by:
            return None
        plain = replace(self, depth=None)
        key = plain.whole if part is None else (*plain.whole, part)
        found: Together | None = now.answers.get(key)
        return found


def of_item(metric: str | None, item: str) -> dict[str, Any]:
    """Return the columns that scores of an item (and a family) have in common."""
    return {"item": item} | ({"metric": metric} if metric else {})
