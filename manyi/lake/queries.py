"""What the lake tells: counts by group, never a statistic. One path for hot and cold rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from manyi.accounts.models import Organisation
from manyi.kit.period import Period
from manyi.kit.scale import Scale
from manyi.kit.selection import Selection
from manyi.lake import question
from manyi.lake.cells import Group, grouped, moments_of
from manyi.lake.question import Question
from manyi.lake.snapshot import Snapshot
from manyi.lake.tables import ANSWERS, COLUMNS, RECORDS, SCORES

if TYPE_CHECKING:
    import pyarrow as pa

    from manyi.stats.moments import Moments

# Grouped by these there may be thousands of groups, and 64 times as many cells by customer.
_MANY = ("unit", "agent", "attribute:")


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
) -> list[GroupMoments]:
    """Return the scores of `item` by group, period and scale, in the order of their groups.

    `metric` is the family stored with a score (csat, nps, ces, score); None takes all.
    `depth` rolls `by=unit` up to the units at that level of the tree (0 = the top). Scores of
    different scales, or families, are separate entries. Either all entries know their
    customers' groups or none does (then every customer answered once).
    """
    now = question.read(selection, SCORES)
    key = ("moments", _canonical(selection), metric, item, depth)
    return now.remembered(key, lambda: _moments(now, selection, metric, item, depth))


def _canonical(selection: Selection) -> Any:
    return selection.query(), selection.scope.unit_ids


def _moments(
    now: Snapshot, selection: Selection, metric: str | None, item: str, depth: int | None
) -> list[GroupMoments]:
    fixed = {"item": item} | ({"metric": metric} if metric else {})
    asked = question.question(selection, SCORES, now, fixed=fixed, depth=depth)
    if asked is None:
        return []
    people = _people(asked)
    many = any(name.startswith(_MANY) for name in selection.by)
    cells = asked.ask("cells" if many else "cells_by_cluster")
    if many and sum(n for n, _ in people.values()) < _total(cells):
        cells = asked.ask("cells_by_cluster")
    names = [*asked.keys, "metric", "worst", "best"]
    return [
        GroupMoments(
            *_place(asked, selection, one),
            family=one.key[-3],
            scale=Scale(one.key[-2], one.key[-1]),
            moments=moments_of(one, people[one.key][0]),
            n_anonymous=int(one["n_anonymous"].sum()),
            n_known=people[one.key][1],
        )
        for one in grouped(cells, names)
    ]


def _people(asked: Question) -> dict[tuple[Any, ...], tuple[int, int]]:
    names = [*asked.keys, "metric", "worst", "best"]
    return {
        one.key: (int(one["n"].sum()), int(one["n_known"].sum()))
        for one in grouped(asked.ask("people"), names)
    }


def _total(cells: pa.Table) -> int:
    import pyarrow.compute as pc

    return pc.sum(cells["n"]).as_py() or 0


def _place(
    asked: Question, selection: Selection, one: Group
) -> tuple[dict[str, str | None], date | None]:
    """Return the group's codes and the first day of its period."""
    group = {name: asked.code(i, one.key[i]) for i, name in enumerate(selection.by)}
    return group, one.key[len(selection.by)] if selection.interval else None


def shared_customers(
    selection: Selection,
    before: Period,
    metric: str | None,
    item: str = "overall",
    *,
    depth: int | None = None,
) -> dict[tuple[str | None, ...], int]:
    """Return how many customers of each group scored `item` in `before` too; 0 is left out."""
    now = question.read(selection, SCORES)
    fixed = {"item": item} | ({"metric": metric} if metric else {})
    asked = question.question(selection, SCORES, now, fixed=fixed, depth=depth, before=before)
    if asked is None or selection.when is None:
        return {}
    return {
        tuple(_place(asked, selection, one)[0].values()): int(one["n"].sum())
        for one in grouped(asked.ask("shared"), asked.keys)
    }


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


def counts(selection: Selection, *, depth: int | None = None) -> list[RecordCount]:
    """Return how many records there are by group; those under way are not yet among them."""
    now = question.read(selection, RECORDS)
    key = ("counts", _canonical(selection), depth)
    return now.remembered(key, lambda: _counts(now, selection, depth))


def _counts(now: Snapshot, selection: Selection, depth: int | None) -> list[RecordCount]:
    asked = question.question(selection, RECORDS, now, depth=depth)
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
    fixed = {"item": item} | ({"metric": metric} if metric else {})
    whole = selection.split()
    asked = question.question(whole, SCORES, now, fixed=fixed)
    if asked is None:
        return schema(SCORES).empty_table().select(list(columns))
    return asked.ask("rows", columns=tuple(columns), at_most=at_most)
