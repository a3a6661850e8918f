"""Codes on the outside, ids on the inside."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import count
from typing import Any

from manyi.accounts.models import Agent, Touchpoint, Unit
from manyi.kit.selection import Scope
from manyi.surveys.models import Survey

_numbers = count()
_MODELS: dict[str, Any] = {"touchpoint": Touchpoint, "agent": Agent, "survey": Survey}


class Codes:
    """The codes of one organisation, each kind read when first needed.

    `number` tells them apart from all others that were ever read in this process.
    """

    def __init__(self, organisation: int) -> None:
        self.organisation = organisation
        self.number = next(_numbers)
        self._pairs: dict[str, dict[int, str]] = {}

    def whole(self) -> Codes:
        """Return the same with every kind read."""
        for name in ("unit", *_MODELS):
            self.by_id(name)
        return self

    def __eq__(self, other: object) -> bool:
        """Whether both name all the same; reads what has not been read yet."""
        if not isinstance(other, Codes) or self.organisation != other.organisation:
            return False
        return self.units == other.units and all(
            self.by_id(name) == other.by_id(name) for name in _MODELS
        )

    __hash__ = None  # type: ignore[assignment]

    @cached_property
    def units(self) -> list[tuple[int, str, str]]:
        """Return (id, code, path) of every unit."""
        mine = Unit.objects.filter(organisation_id=self.organisation)
        return list(mine.values_list("pk", "code", "path"))

    def by_id(self, dimension: str) -> dict[int, str]:
        """Return id → code of a dimension that is stored by id."""
        if dimension not in self._pairs:
            self._pairs[dimension] = self._read(dimension)
        return self._pairs[dimension]

    def _read(self, dimension: str) -> dict[int, str]:
        if dimension == "unit":
            return {pk: code for pk, code, _ in self.units}
        mine = _MODELS[dimension].objects.filter(organisation_id=self.organisation)
        return dict(mine.values_list("pk", "code"))

    def is_numbered(self, dimension: str) -> bool:
        return dimension == "unit" or dimension in _MODELS

    def admitted(self, dimension: str, codes: Iterable[str]) -> set[int] | set[str]:
        """Return the stored values that `codes` admit; a unit admits its whole subtree."""
        wanted = set(codes)
        if dimension == "unit":
            return self.subtrees(wanted)
        if dimension not in _MODELS:
            return wanted
        # A survey may be named by its id as well; codes never look like one.
        also = dimension == "survey"
        return {
            pk
            for pk, code in self.by_id(dimension).items()
            if code in wanted or (also and str(pk) in wanted)
        }

    def subtrees(self, codes: Iterable[str]) -> set[int]:
        """Return the ids of the units with these codes and of all below them."""
        wanted = set(codes)
        tops = tuple(path for _, code, path in self.units if code in wanted)
        return {pk for pk, _, path in self.units if tops and path.startswith(tops)}

    def above(self, depth: int) -> dict[int, int]:
        """Return each unit's ancestor at `depth` (0 = the top); a unit above it stays."""
        return {
            pk: int(steps[min(depth, len(steps) - 1)])
            for pk, _, path in self.units
            if (steps := path.strip("/").split("/"))
        }

    def level(self, depth: int | None) -> int | None:
        """Return the level to roll units up to; None where none lies below it."""
        deepest = max((path.strip("/").count("/") for _, _, path in self.units), default=0)
        return None if depth is None or depth >= deepest else depth

    def visible(self, scope: Scope, codes: Iterable[str] | None) -> set[int] | None:
        """Return the unit ids to look at; None means all, records without a unit included."""
        if codes is None:
            return None if scope.unit_ids is None else set(scope.unit_ids)
        wanted = self.subtrees(codes)
        return wanted if scope.unit_ids is None else wanted & scope.unit_ids
