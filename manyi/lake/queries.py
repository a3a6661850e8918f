"""What the lake tells: counts by group, never a statistic. One path for hot and cold rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations, combinations_with_replacement
from typing import TYPE_CHECKING, Any

from manyi.accounts.models import Organisation
from manyi.kit.period import Period
from manyi.kit.scale import Scale
from manyi.kit.selection import Selection
from manyi.lake import question
from manyi.lake.cells import Group, grouped, moments_of
from manyi.lake.expressions import scale_keys
from manyi.lake.question import Question
from manyi.lake.snapshot import Snapshot
from manyi.lake.tables import ANSWERS, COLUMNS, RECORDS, SCORES
from manyi.lake.tallies import Tally, nobody, tallied

if TYPE_CHECKING:
    import pyarrow as pa

    from manyi.stats.moments import Moments

# Grouped by these there may be thousands of groups, and 64 times as many cells by customer.
_MANY = ("unit", "agent", "attribute:")
_Pair = tuple[int, int]


@dataclass(frozen=True)
class GroupMoments:
    """The scores of one group on one scale; `n_anonymous` of them from anonymous surveys.

    `n_known` of the customers are known by name or number; the others are each one record.
    """

    group: Mapping[str, str | None]
    period: date | None
    family: str
    scale: Scale
    moments: Moments
    n_anonymous: int
    n_known: int


@dataclass(frozen=True)
class Counted:
    """People of a group, and how many of them are known customers."""

    n: int
    n_known: int


@dataclass(frozen=True)
class Sides:
    """The moments of several periods; `shared` tells how many known customers of a group
    (its codes) are in both of two periods (their places)."""

    each: Sequence[list[GroupMoments]]
    shared: Mapping[tuple[str | None, ...], Mapping[tuple[int, int], int]]


@dataclass(frozen=True)
class AnswerCount:
    """How many gave an answer, of `asked` who answered the question (or matrix row) at all."""

    group: Mapping[str, str | None]
    period: date | None
    row: str
    code: str
    number: float | None
    n: int
    asked: int
    n_anonymous: int


@dataclass(frozen=True)
class RecordCount:
    """Records of a group: complete ones, and those given up under way."""

    group: Mapping[str, str | None]
    period: date | None
    records: int
    complete: int
    partial: int
    n_anonymous: int


def moments(
    selection: Selection,
    metric: str | None,
    item: str = "overall",
    *,
    depth: int | None = None,
    anonymous: bool | None = None,
) -> list[GroupMoments]:
    """Return the scores of `item` by group, period and scale, in the order of their groups.

    `metric` is the family stored with a score (csat, nps, ces, score); None takes all.
    `depth` rolls `by=unit` up to the units at that level of the tree (0 = the top). Scores of
    different scales, or families, are separate entries. Either all entries know their
    customers' groups or none does (then every customer answered once). `anonymous` takes only
    answers that are, or are not; all entries then know their groups.
    """
    now = question.read(selection, SCORES)
    fixed = _fixed(metric, item, anonymous=anonymous)
    key = ("moments", _canonical(selection), tuple(fixed.items()), depth)
    return now.remembered(key, lambda: _moments(now, selection, fixed, depth))


def _canonical(selection: Selection) -> Any:
    return selection.query(), selection.scope.unit_ids


def _moments(
    now: Snapshot, selection: Selection, fixed: Mapping[str, Any], depth: int | None
) -> list[GroupMoments]:
    asked = question.question(selection, SCORES, now, fixed=fixed, depth=depth)
    if asked is None:
        return []
    people = _people(asked)
    return [found for _, found in _gathered(asked, selection, fixed, people)]


def margin_cells(
    selection: Selection, metric: str | None, item: str = "overall"
) -> list[GroupMoments]:
    """Return the scores of `item` by group, always with their customers' groups.

    For weighting by cell: one customer may be in several, so customers are not counted.
    """
    now = question.read(selection, SCORES)
    key = ("margins", _canonical(selection), metric, item)
    return now.remembered(key, lambda: _margin_cells(now, selection, metric, item))


def _margin_cells(
    now: Snapshot, selection: Selection, metric: str | None, item: str
) -> list[GroupMoments]:
    asked = question.question(selection, SCORES, now, fixed=_fixed(metric, item))
    if asked is None:
        return []
    names = [*asked.keys, *scale_keys(asked.shape)]
    return [
        GroupMoments(
            *_place(asked, selection, one),
            family=metric or one.key[-3],
            scale=Scale(one.key[-2], one.key[-1]),
            moments=moments_of(one, None),
            n_anonymous=int(one["n_anonymous"].sum()),
            n_known=0,
        )
        for one in grouped(asked.ask("cells_by_cluster"), names)
    ]


def _fixed(metric: str | None, item: str, *, anonymous: bool | None = None) -> dict[str, Any]:
    return {"item": item} | ({"metric": metric} if metric else {}) | _only(anonymous=anonymous)


def _only(*, anonymous: bool | None) -> dict[str, Any]:
    return {} if anonymous is None else {"anonymous": anonymous}


def _gathered(
    asked: Question, selection: Selection, fixed: Mapping[str, Any], people: Mapping[Any, Counted]
) -> Iterator[tuple[Any, GroupMoments]]:
    """Yield the groups' moments with the side they lie on (None without sides)."""
    # Those with and those without a name are put together: both must know their groups.
    many = any(name.startswith(_MANY) for name in selection.by) and "anonymous" not in fixed
    cells = asked.ask("cells" if many else "cells_by_cluster")
    if many and sum(one.n for one in people.values()) < int(cells["n"].to_numpy().sum()):
        cells = asked.ask("cells_by_cluster")
    width = len(selection.by)
    for one in grouped(cells, [*asked.keys, *scale_keys(asked.shape)]):
        counted = people[one.key]
        found = GroupMoments(
            *_place(asked, selection, one),
            family=fixed.get("metric") or one.key[-3],
            scale=Scale(one.key[-2], one.key[-1]),
            moments=moments_of(one, counted.n),
            n_anonymous=int(one["n_anonymous"].sum()),
            n_known=counted.n_known,
        )
        yield one.key[width] if asked.shape.sided else None, found


def _people(asked: Question) -> dict[Any, Counted]:
    names = [*asked.keys, *scale_keys(asked.shape)]
    return {one.key: _counted(one) for one in grouped(asked.ask("people"), names)}


def _counted(one: Group) -> Counted:
    return Counted(int(one["n"].sum()), int(one["n_known"].sum()))


def moments_of_sides(
    selection: Selection,
    sides: Sequence[Period],
    metric: str | None,
    item: str = "overall",
    *,
    depth: int | None = None,
    anonymous: bool | None = None,
) -> Sides:
    """Return what `moments` would for each of these periods, read in one go.

    They may overlap; `selection.when` and `interval` play no part.
    """
    now = question.read(selection, SCORES)
    fixed = _fixed(metric, item, anonymous=anonymous)
    key = ("sides", _canonical(selection), tuple(sides), tuple(fixed.items()), depth)
    whole = selection.split(*selection.by)
    return now.remembered(key, lambda: _moments_of_sides(now, whole, sides, fixed, depth))


def _moments_of_sides(
    now: Snapshot,
    selection: Selection,
    sides: Sequence[Period],
    fixed: Mapping[str, Any],
    depth: int | None,
) -> Sides:
    # The period before a year is the year before: it is counted once.
    different = list(dict.fromkeys(sides))
    asked = question.question(selection, SCORES, now, fixed=fixed, depth=depth, sides=different)
    if asked is None:
        return Sides([[] for _ in sides], {})
    people, shared = _people_by_sides(asked, len(different))
    each: list[list[GroupMoments]] = [[] for _ in different]
    for bit, found in _gathered(asked, selection, fixed, people):
        each[bit.bit_length() - 1].append(found)
    place = [different.index(one) for one in sides]
    return Sides([each[at] for at in place], {g: _spread(n, place) for g, n in shared.items()})


def _spread(shared: Mapping[_Pair, int], place: Sequence[int]) -> dict[_Pair, int]:
    """Return who is on two sides for sides that may be the same; `place` says which each is."""
    found = {}
    for a, b in combinations(range(len(place)), 2):
        first, second = sorted((place[a], place[b]))
        found[a, b] = shared.get((first, second), 0)
    return {pair: n for pair, n in found.items() if n}


def _people_by_sides(
    asked: Question, sides: int
) -> tuple[dict[Any, Counted], dict[tuple[Any, ...], Counter[tuple[int, int]]]]:
    names = [name for name in asked.keys if name != "side"]
    people: dict[Any, Counted] = {}
    shared: dict[tuple[Any, ...], Counter[tuple[int, int]]] = defaultdict(Counter)
    for one in grouped(asked.ask("people_by_sides"), [*names, *scale_keys(asked.shape), "sides"]):
        *place, mask = one.key
        group = tuple(asked.code(i, place[i]) for i in range(len(names)))
        counted = _counted(one)
        on = [at for at in range(sides) if mask >> at & 1]
        for at in on:
            key = (*place[: len(names)], 1 << at, *place[len(names) :])
            before = people.get(key, Counted(0, 0))
            people[key] = Counted(before.n + counted.n, before.n_known + counted.n_known)
        for pair in combinations_with_replacement(on, 2):
            shared[group][pair] += counted.n_known
    return people, shared


def _place(
    asked: Question, selection: Selection, one: Group
) -> tuple[dict[str, str | None], date | None]:
    """Return the group's codes and the first day of its period."""
    group = {name: asked.code(i, one.key[i]) for i, name in enumerate(selection.by)}
    return group, one.key[len(selection.by)] if selection.interval else None


def answer_counts(selection: Selection, asked_code: str) -> list[AnswerCount]:
    """Return how often each answer to a question was given, by group and matrix row.

    Answers such as "not applicable" are counted under their own code.
    """
    now = question.read(selection, ANSWERS)
    asked = question.question(selection, ANSWERS, now, fixed={"question": asked_code})
    if asked is None:
        return []
    by = [*asked.keys, "row"]
    whole = {one.key: int(one["n"].sum()) for one in grouped(asked.ask("asked"), by)}
    return [
        AnswerCount(
            *_place(asked, selection, one),
            row=one.key[-3],
            code=one.key[-2],
            number=one.key[-1],
            n=int(one["n"].sum()),
            asked=whole[one.key[:-2]],
            n_anonymous=int(one["n_anonymous"].sum()),
        )
        for one in grouped(asked.ask("answers"), [*by, "code", "number"])
    ]


def counts(
    selection: Selection, *, depth: int | None = None, anonymous: bool | None = None
) -> list[RecordCount]:
    """Return how many records there are by group; those under way are not yet among them.

    `anonymous` takes only those that are, or are not.
    """
    now = question.read(selection, RECORDS)
    fixed = _only(anonymous=anonymous)
    key = ("counts", _canonical(selection), depth, anonymous)
    return now.remembered(key, lambda: _counts(now, selection, fixed, depth))


def _counts(
    now: Snapshot, selection: Selection, fixed: Mapping[str, Any], depth: int | None
) -> list[RecordCount]:
    asked = question.question(selection, RECORDS, now, fixed=fixed, depth=depth)
    if asked is None:
        return []
    found = []
    for one in grouped(asked.ask("records"), asked.keys):
        n, partial = one["n"], one["state"] == "partial"
        found.append(
            RecordCount(
                *_place(asked, selection, one),
                records=int(n.sum()),
                complete=int(n[~partial].sum()),
                partial=int(n[partial].sum()),
                n_anonymous=int(one["n_anonymous"].sum()),
            )
        )
    return found


def anonymous_by_day(selection: Selection, metric: str | None, item: str | None) -> Tally:
    """Return how many anonymous scores of `item` (None: records) there are by group and day."""
    table = SCORES if item else RECORDS
    daily = selection.split(*selection.by, interval="day")
    now = question.read(daily, table)
    key = ("anonymous", _canonical(daily), metric, item)
    return now.remembered(key, lambda: _anonymous_by_day(now, daily, metric, item))


def _anonymous_by_day(
    now: Snapshot, selection: Selection, metric: str | None, item: str | None
) -> Tally:
    fixed = _fixed(metric, item) if item else None
    asked = question.question(selection, SCORES if item else RECORDS, now, fixed=fixed)
    return nobody(selection) if asked is None else tallied(asked, selection, asked.ask("anonymous"))


def distinct(selection: Selection, dimension: str) -> list[tuple[str, int]]:
    """Return the codes of a dimension that occur, with their counts, for a filter's choices.

    Codes that fewer anonymous records than the organisation's minimum carry are left out.
    """
    split = selection.split(dimension)
    now = question.read(split, RECORDS)
    asked = question.question(split, RECORDS, now)
    if asked is None:
        return []
    least = Organisation.objects.values_list("privacy_n", flat=True).get(
        pk=selection.scope.organisation_id
    )
    found = [
        (asked.code(0, one.key[0]), int(one["n"].sum()), int(one["n_anonymous"].sum()))
        for one in grouped(asked.ask("values"), asked.keys)
    ]
    return [
        (code, n) for code, n, hidden in found if code is not None and (not hidden or n >= least)
    ]


def rows(
    selection: Selection,
    columns: Sequence[str],
    at_most: int,
    *,
    metric: str | None = None,
    item: str = "overall",
) -> pa.Table:
    """Return single scores (at most `at_most`, the same ones every time) for methods by row.

    `columns` are among `lake.tables.COLUMNS["scores"]`; ids stand for codes.
    """
    unknown = set(columns) - set(COLUMNS[SCORES])
    if unknown:
        raise ValueError(f"the lake has no column {sorted(unknown)}")
    from manyi.lake.tables import schema

    now = question.read(selection, SCORES)
    whole = selection.split()
    asked = question.question(whole, SCORES, now, fixed=_fixed(metric, item))
    if asked is None:
        return schema(SCORES).empty_table().select(list(columns))
    return asked.ask("rows", columns=tuple(columns), at_most=at_most)
