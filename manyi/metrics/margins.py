"""What is known of a population, laid beside the answers that are looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from manyi.kit.selection import Selection
from manyi.lake.snapshot import codes_of
from manyi.metrics import guard
from manyi.programmes.queries import Known
from manyi.stats.result import Note
from manyi.stats.survey.nonresponse import Balance, balance_counts

# The category of each dimension that an answer belongs to; None for no known one.
Label = tuple[str | None, ...]
Cell = tuple[int, ...]


@dataclass(frozen=True)
class Frame:
    """The population as far as a selection looks at it.

    `wider` names the dimensions whose sizes describe more people than are looked at; `above`
    tells each unit's parent, since a store's customers are its region's too.
    """

    known: tuple[Known, ...]
    wider: frozenset[str]
    above: Mapping[str, str | None]

    @property
    def dimensions(self) -> tuple[str, ...]:
        return tuple(one.dimension for one in self.known)

    def label(self, codes: Sequence[str | None]) -> Label:
        """Return the categories of an answer with these codes, one for each dimension."""
        return tuple(self._category(one, code) for one, code in zip(self.known, codes, strict=True))

    def _category(self, one: Known, code: str | None) -> str | None:
        while one.dimension == "unit" and code is not None and code not in one.sizes:
            code = self.above.get(code)
        return code if code in one.sizes else None


def frame(selection: Selection, dimensions: Sequence[Known]) -> Frame:
    """Return the part of the population that `selection` admits.

    What a filter names, or the scope hides, is no missing category: nobody looks at it.
    """
    above = guard.parents(selection.scope)
    narrowed = set(selection.where) - {"survey"}
    if selection.scope.unit_ids is not None:
        narrowed.add("unit")
    if selection.answers:
        narrowed.add("answers")
    whole = Frame(tuple(dimensions), frozenset(), above)
    kept = tuple(_kept(whole, selection, one, narrowed) for one in dimensions)
    wider = frozenset(one.dimension for one in dimensions if narrowed - {one.dimension})
    return Frame(kept, wider, above)


def _kept(whole: Frame, selection: Selection, one: Known, narrowed: set[str]) -> Known:
    if one.dimension not in narrowed:
        return one
    if one.dimension == "unit":
        codes = codes_of(selection.scope.organisation_id)
        seen = codes.visible(selection.scope, selection.where.get("unit")) or set()
        wanted = {whole._category(one, codes.by_id("unit")[pk]) for pk in seen}
    else:
        wanted = set(selection.where[one.dimension])
    return Known(one.dimension, {c: s for c, s in one.sizes.items() if c in wanted}, one.counted)


@dataclass(frozen=True)
class Levels:
    """The categories that answers belong to, numbered dimension by dimension (the number
    after the last one stands for no known category), with the sizes to weight them to."""

    places: tuple[Mapping[str | None, int], ...]
    totals: tuple[tuple[float, ...], ...]
    notes: tuple[Note, ...]

    def cell(self, label: Label) -> Cell:
        return tuple(place[code] for place, code in zip(self.places, label, strict=True))


def levels(frame: Frame, counts: Mapping[Label, int]) -> Levels:
    """Return what the answers, counted by label, are to be weighted to.

    Those of no known category keep their share; the categories with answers divide the rest
    by their sizes.
    """
    places, totals, notes = [], [], []
    for at, one in enumerate(frame.known):
        n = _tally(counts, at)
        outside = n.pop(None, 0)
        used = [code for code in one.sizes if n[code]]
        size, whole = sum(one.sizes[code] for code in used), sum(n.values()) + outside
        inside = 1 - outside / whole
        places.append({code: i for i, code in enumerate((*used, None))})
        rest = [outside / whole] if outside else []
        totals.append((*(one.sizes[code] / size * inside for code in used), *rest))
        notes += _notes(frame, one, used, outside)
    return Levels(tuple(places), tuple(totals), tuple(notes))


def _tally(counts: Mapping[Label, int], at: int) -> Counter[str | None]:
    found: Counter[str | None] = Counter()
    for label, n in counts.items():
        found[label[at]] += n
    return found


def _notes(frame: Frame, one: Known, used: Sequence[str], outside: int) -> list[Note]:
    name, sizes = one.dimension, one.sizes
    notes = []
    if missing := [code for code in sizes if code not in used]:
        share = 100 * sum(sizes[code] for code in missing) / sum(sizes.values())
        params = {"dimension": name, "count": len(missing), "share": round(share, 1)}
        notes.append(Note("raked_missing", params))
    if outside:
        notes.append(Note("raked_outside", {"dimension": name, "count": outside}))
    if name in frame.wider:
        notes.append(Note("raked_part", {"dimension": name}))
    return notes


def balances(frame: Frame, counts: Mapping[Label, int]) -> dict[str, Balance]:
    """Return how evenly people answered along each dimension that is known by head count.

    Where answers belong to no known category, more answered than there are, or the sizes
    describe others as well, nothing can be said. One answer a person is taken for granted.
    """
    found = {}
    for at, one in enumerate(frame.known):
        n = _tally(counts, at)
        fits = all(n[code] <= size for code, size in one.sizes.items())
        if one.counted and fits and not n[None] and one.dimension not in frame.wider:
            answered = [n[code] for code in one.sizes]
            found[one.dimension] = balance_counts(answered, list(one.sizes.values()))
    return found
