"""What the lake tells: counts by group, never a statistic. One path for hot and cold rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING, Any

from manyi.kit.period import Period
from manyi.kit.scale import Scale
from manyi.kit.selection import Selection
from manyi.lake import kept, question
from manyi.lake.asking import Asking, of_item
from manyi.lake.cells import grouped, moments_of
from manyi.lake.expressions import scale_keys
from manyi.lake.scores import GroupMoments, Part, place
from manyi.lake.snapshot import Snapshot
from manyi.lake.tables import ANSWERS, COLUMNS, RECORDS, SCORES
from manyi.lake.tallies import Tally, joined, nobody, part_of, tallied

if TYPE_CHECKING:
    import pyarrow as pa


_Pair = tuple[int, int]


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
    part: Part | None = None,
) -> list[GroupMoments]:
    """Return the scores of `item` by group, period and scale, in the order of their groups.

    `metric` is the family stored with a score (csat, nps, ces, score); None takes all.
    `depth` rolls `by=unit` up to the units at that level of the tree (0 = the top). Scores of
    different scales, or families, are separate entries. Either all entries know their
    customers' groups or none does (then every customer answered once). `part` takes only the
    answers to an anonymous survey, or those of people by name; all entries then know their groups.
    """
    now = question.read(selection, SCORES)
    asking = Asking(selection, metric, item, now.codes.level(depth))
    key = ("moments", asking.key, part)
    return now.remembered(key, lambda: _moments(now, asking, part))


def _moments(now: Snapshot, asking: Asking, part: Part | None) -> list[GroupMoments]:
    found, part = asking.together(now, part)
    return [] if found is None else [one for _, one in found.gathered(part)]


def margin_cells(
    selection: Selection, metric: str | None, item: str = "overall"
) -> list[GroupMoments]:
    """Return the scores of `item` by group, always with their customers' groups.

    For weighting by cell: one customer may be in several, so customers are not counted.
    """
    now = question.read(selection, SCORES)
    key = ("margins", selection.key, metric, item)
    return now.remembered(key, lambda: _margin_cells(now, selection, metric, item))


def _margin_cells(
    now: Snapshot, selection: Selection, metric: str | None, item: str
) -> list[GroupMoments]:
    asked = question.question(selection, SCORES, now, fixed=of_item(metric, item))
    if asked is None:
        return []
    names = [*asked.keys, *scale_keys(asked.shape)]
    return [
        GroupMoments(
            *place(asked, selection.by, one.key),
            family=metric or one.key[-3],
            scale=Scale(one.key[-2], one.key[-1]),
            moments=moments_of(one, None),
            n_anonymous=int(one["n_anonymous"].sum()),
            n_known=0,
        )
        for one in grouped(asked.ask("cells_by_cluster"), names)
    ]


def moments_of_sides(
    selection: Selection,
    sides: Sequence[Period],
    metric: str | None,
    item: str = "overall",
    *,
    depth: int | None = None,
    part: Part | None = None,
) -> Sides:
    """Return what `moments` would for each of these periods, read in one go.

    They may overlap; `selection.when` and `interval` play no part.
    """
    now = question.read(selection, SCORES)
    # The period before a year is the year before: it is counted once.
    different = tuple(dict.fromkeys(sides))
    asking = Asking(selection.split(*selection.by), metric, item, depth, different)
    key = ("sides", asking.key, tuple(sides), part)
    return now.remembered(key, lambda: _moments_of_sides(now, asking, sides, part))


def _moments_of_sides(
    now: Snapshot, asking: Asking, sides: Sequence[Period], part: Part | None
) -> Sides:
    found, part = asking.together(now, part)
    if found is None:
        return Sides([[] for _ in sides], {})
    each: list[list[GroupMoments]] = [[] for _ in asking.sides]
    for bit, one in found.gathered(part):
        each[bit.bit_length() - 1].append(one)
    place = [asking.sides.index(one) for one in sides]
    shared = found.shared(part)
    return Sides([each[at] for at in place], {g: _spread(n, place) for g, n in shared.items()})


def _spread(shared: Mapping[_Pair, int], place: Sequence[int]) -> dict[_Pair, int]:
    """Return who is on two sides for sides that may be the same; `place` says which each is."""
    found = {}
    for a, b in combinations(range(len(place)), 2):
        first, second = sorted((place[a], place[b]))
        found[a, b] = shared.get((first, second), 0)
    return {pair: n for pair, n in found.items() if n}


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
            *place(asked, selection.by, one.key),
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
    fixed = {} if anonymous is None else {"anonymous": anonymous}
    key = ("counts", selection.key, depth, anonymous)
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
                *place(asked, selection.by, one.key),
                records=int(n.sum()),
                complete=int(n[~partial].sum()),
                partial=int(n[partial].sum()),
                n_anonymous=int(one["n_anonymous"].sum()),
            )
        )
    return found


def anonymous_by_day(selection: Selection, metric: str | None, item: str | None) -> Tally:
    """Return how many anonymous scores of `item` (None: records) there are by group and day:
    the same tally as before while these and the organisation's codes are the same."""
    now = question.read(selection, SCORES if item else RECORDS)
    key = ("anonymous", selection.key, metric, item)
    if _is_of_one_survey(selection):
        # Asked of every survey: which of them are of people without a name is asked anyway.
        by_survey = replace(selection, where={}, by=("survey", *selection.by))
        (code,) = selection.where["survey"]
        found = now.remembered(key, lambda: _of_survey(now, by_survey, code, metric, item))
        if found is not None:
            return found
        key = ("anonymous alone", selection.key, metric, item)
    return now.remembered(key, lambda: joined(*_anonymous(now, selection, metric, item)))


def _of_survey(
    now: Snapshot, by_survey: Selection, code: str, metric: str | None, item: str | None
) -> Tally | None:
    """Return the tally of a survey's answers, the same one while these are the same; None where
    nobody answered it."""
    cold, hot = _anonymous(now, by_survey, metric, item)
    more = part_of(hot, "survey", code) if hot else None
    if code not in cold.values["survey"]:
        return more

    def cut() -> Tally:
        own = part_of(cold, "survey", code)
        assert own is not None
        return own

    return joined(kept.derived(cold, ("survey", code), cut), more)


def _is_of_one_survey(selection: Selection) -> bool:
    where = selection.where
    return where.keys() == {"survey"} and len(where["survey"]) == 1 and "survey" not in selection.by


def _anonymous(
    now: Snapshot, selection: Selection, metric: str | None, item: str | None
) -> tuple[Tally, Tally | None]:
    """Return the tally of cold rows, the same one while these are the same, and that of hot
    rows."""
    daily = selection.split(*selection.by, interval="day")
    key = ("anonymous apart", daily.key, metric, item)
    return now.remembered(key, lambda: _anonymous_apart(now, daily, metric, item))


def _anonymous_apart(
    now: Snapshot, daily: Selection, metric: str | None, item: str | None
) -> tuple[Tally, Tally | None]:
    fixed = of_item(metric, item) if item else None
    asked = question.question(daily, SCORES if item else RECORDS, now, fixed=fixed)
    if asked is None:
        return nobody(daily), None
    cold, hot = asked.ask_apart("anonymous")
    fresh = None if hot is None or not hot.num_rows else tallied(asked, daily, hot)
    if cold is None:
        return nobody(daily), fresh
    name = ("tally", daily.by, now.codes.number)
    return kept.derived(cold, name, lambda: tallied(asked, daily, cold)), fresh


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
    asked = question.question(whole, SCORES, now, fixed=of_item(metric, item))
    if asked is None:
        return schema(SCORES).empty_table().select(list(columns))
    return asked.rows(columns, at_most=at_most)


def few_records(selection: Selection, at_most: int) -> list[int] | None:
    """Return the ids of a selection's records where they are no more than so many, else None.

    None as well where that is not quickly told. Records under way, and those left out, are not
    among them.
    """
    whole = selection.split()
    now = question.read(whole, RECORDS)
    return now.remembered(("few", whole.key, at_most), lambda: _few_records(now, whole, at_most))


def _few_records(now: Snapshot, whole: Selection, at_most: int) -> list[int] | None:
    asked = question.question(whole, RECORDS, now)
    if asked is None:
        return []
    size = asked.size("rows")
    if size is None or size > at_most:
        return None
    found = asked.rows(["record"], at_most=at_most + 1)["record"].to_pylist()
    return found if len(found) <= at_most else None
