"""The one place that decides what may be shown: precision first said, privacy always kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from manyi.accounts.models import Organisation, Unit
from manyi.base.once import once
from manyi.kit.selection import Scope
from manyi.stats.disclosure import Status, guard_sums, guard_tree
from manyi.stats.hiding import Sum

Key = tuple[Hashable, ...]
_SUBTREE = "subtree"


@dataclass(frozen=True)
class Limits:
    """The organisation's thresholds: fewer answers are too few, fewer people are hidden."""

    precision_n: int
    privacy_n: int


def limits(scope: Scope) -> Limits:
    """Return the thresholds of the scope's organisation."""
    own, row = scope.organisation_id, Organisation.objects.values_list("precision_n", "privacy_n")
    return once(("limits", own), lambda: Limits(*row.get(pk=own)))


class Above(dict[str, str | None]):
    """Each unit's code with the code of the unit above it."""

    def __init__(self, rows: Iterable[tuple[str, str | None]]) -> None:
        super().__init__(rows)
        self._nodes: dict[tuple[Key, int], tuple[Key, ...]] = {}
        self._lines: dict[str, tuple[str, ...]] = {}

    def line(self, code: str) -> tuple[str, ...]:
        """Return a unit's code and those above it, the top last; found once."""
        if code not in self._lines:
            above = self.get(code)
            self._lines[code] = (code, *(self.line(above) if above is not None else ()))
        return self._lines[code]

    def nodes(self, key: Key, unit_at: int) -> tuple[Key, ...]:
        """Return the subtrees that a group's unit is in, each with the rest of its key; found
        once, since tables of themes have the same groups."""
        if (key, unit_at) not in self._nodes:
            rest = _without(key, (unit_at,))
            lines = line(key[unit_at], self)
            self._nodes[key, unit_at] = tuple((_SUBTREE, code, rest) for code in lines)
        return self._nodes[key, unit_at]


def parents(scope: Scope) -> Above:
    """Return each unit's code with the code of the unit above it."""
    own = scope.organisation_id
    rows = Unit.objects.filter(organisation_id=own).values_list("code", "parent__code")
    return once(("parents", own), lambda: Above(rows))


def hidden(
    counts: Mapping[Key, int],
    minimum_n: int,
    *,
    unit_at: int | None = None,
    above: Mapping[str, str | None] | None = None,
    also: Collection[Key] = (),
) -> set[Key]:
    """Return the groups to hide so that no small one, nor one of `also`, can be worked out.

    `counts` are people by group. Every margin counts as published, and where the groups are
    units (`unit_at` says in which place of the key) every subtree does as well, since anybody
    may ask for those totals too.
    """
    published: dict[Hashable, int] = dict(counts.items())
    sums = _margins(counts, published)
    if unit_at is not None and above is not None:
        tree = above if isinstance(above, Above) else Above(above.items())
        sums += _subtrees(counts, unit_at, tree, published)
    found = guard_sums(published, sums, minimum_n, also=also)
    return {key for key in counts if found[key] is Status.SUPPRESSED}


def hides_any(counts: Mapping[Key, int], minimum_n: int) -> bool:
    """Whether a table of people has a small group: weighted by its groups, the whole would
    tell of it."""
    return bool(hidden({key: n for key, n in counts.items() if n}, minimum_n))


def _margins(counts: Mapping[Key, int], published: dict[Hashable, int]) -> list[Sum[Hashable]]:
    """Add every margin to `published`; return each with the groups that it sums."""
    size = len(next(iter(counts), ()))
    # Over a place that is the same in all of them every margin is its only group again.
    varied = [at for at in range(size) if len({key[at] for key in counts}) > 1]
    sums: list[Sum[Hashable]] = []
    for width in range(1, len(varied) + 1):
        for places in combinations(varied, width):
            parts: dict[Hashable, list[Key]] = defaultdict(list)
            for key in counts:
                parts[_without(key, places)].append(key)
            for rest, own in parts.items():
                margin = "margin", places, rest
                published[margin] = sum(map(counts.__getitem__, own))
                sums.append((margin, tuple(own)))
    return sums


def _without(key: Key, places: Sequence[int]) -> Key:
    return tuple([value for at, value in enumerate(key) if at not in places])


def _subtrees(
    counts: Mapping[Key, int],
    unit_at: int,
    above: Above,
    published: dict[Hashable, int],
) -> list[Sum[Hashable]]:
    """Add the totals of subtrees with more than one group; return each with its parts."""
    parts: dict[Hashable, list[Key]] = defaultdict(list)
    for key in counts:
        for top in above.nodes(key, unit_at):
            parts[top].append(key)
    sums: list[Sum[Hashable]] = []
    for node, below in parts.items():
        if len(below) > 1:
            published[node] = sum(map(counts.__getitem__, below))
            sums.append((node, tuple(below)))
    return sums


def line(unit: Hashable, above: Mapping[str, str | None]) -> Sequence[str]:
    """Return a unit's code and those above it, the top last."""
    code = unit if isinstance(unit, str) else None
    if code is not None and isinstance(above, Above):
        return above.line(code)
    found: list[str] = []
    while code is not None:
        found.append(code)
        code = above.get(code)
    return found


def hidden_units(
    counts: Mapping[str, int], above: Mapping[str, str | None], minimum_n: int
) -> frozenset[str]:
    """Return the units whose totals, with those of the units around them, show a small one.

    `counts` are people by their own unit ("" for none).
    """
    if all(n >= minimum_n for n in counts.values()):
        return frozenset()  # what a total and those below it leave are a unit's own people
    totals: dict[str, int] = defaultdict(int)
    for code, n in counts.items():
        for node in ("", *line(code or None, above)):
            totals[node] += n
    tree = {code: above.get(code) or "" for code in totals if code}
    found = guard_tree(totals, {**tree, "": None}, minimum_n)
    return frozenset(code for code, status in found.items() if status is Status.SUPPRESSED)
