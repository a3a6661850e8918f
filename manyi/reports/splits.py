"""A survey's numbers by unit, channel, language, attribute or period, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from manyi.accounts.models import Unit
from manyi.kit.period import INTERVALS
from manyi.kit.selection import ATTRIBUTE, Selection
from manyi.metrics import queries
from manyi.metrics.rows import FAILED, SUPPRESSED, Row
from manyi.questionnaire.model import Question, Questionnaire
from manyi.reports.results import main_metric
from manyi.reports.standings import levels

PLAIN = ("channel", "language", "touchpoint", "agent", "source")
MOST_COLUMNS = 4
MOST_GROUPS = 100


@dataclass(frozen=True)
class Column:
    """A question that groups are compared by, and its metric."""

    question: Question
    metric: str


@dataclass(frozen=True)
class Group:
    """A group's numbers, one a column; `differs` tells how the first stands to the others."""

    code: str | None
    rows: Sequence[Row | None]
    differs: int = 0


@dataclass(frozen=True)
class Split:
    """The groups of a dimension; `is_fair` where the first column was tested against luck."""

    by: str
    columns: Sequence[Column]
    groups: Sequence[Group]
    is_fair: bool = False
    failed: bool = False


def choices(q: Questionnaire | None) -> list[str]:
    """Return what a survey can be split by: dimensions, its own fields, and time."""
    own = [f"{ATTRIBUTE}{one.code}" for one in q.hidden] if q is not None else []
    return ["unit", *PLAIN, *own, "week", "month", "quarter"]


def columns(questions: Iterable[Question]) -> list[Column]:
    """Return the questions on a scale that make a table of this width."""
    found = [(x, main_metric(x)) for x in questions]
    return [Column(x, metric) for x, metric in found if metric is not None][:MOST_COLUMNS]


def split(
    selection: Selection, by: str, shown: Sequence[Column], *, unit: Unit | None
) -> Split | None:
    """Return the table of groups; None where there is nothing to compare."""
    if not shown:
        return None
    if by == "unit":
        return _by_unit(selection, shown, unit)
    if by in INTERVALS:
        parts = [queries.trend(selection, c.metric, c.question.item, interval=by) for c in shown]
        return _joined(by, shown, [{row.period: row for row in rows} for rows in parts])
    asked = selection.split(by)
    parts = [queries.estimate(asked, c.metric, c.question.item) for c in shown]
    return _joined(by, shown, [{row.group.get(by): row for row in rows} for rows in parts])


def _by_unit(selection: Selection, shown: Sequence[Column], unit: Unit | None) -> Split | None:
    _, depth = levels(selection.scope, unit)
    if depth is None:
        return None
    first, *others = shown
    fair = queries.units_compared(selection, first.metric, first.question.item, depth=depth)
    asked = selection.split("unit")
    parts = [{row.unit: row.row for row in fair}]
    for column in others:
        rows = queries.estimate(asked, column.metric, column.question.item, depth=depth)
        parts.append({row.group.get("unit"): row for row in rows})
    differs = {row.unit: row.differs for row in fair}
    return _joined("unit", shown, parts, differs=differs)


def _joined(
    by: str,
    shown: Sequence[Column],
    parts: Sequence[dict[str | None, Row]],
    differs: dict[str | None, int] | None = None,
) -> Split:
    if any(row.status == FAILED and not row.group for rows in parts for row in rows.values()):
        return Split(by, shown, (), failed=True)
    keys = list(dict.fromkeys(key for rows in parts for key in rows))
    signs = differs or {}
    groups = [Group(key, [rows.get(key) for rows in parts], signs.get(key, 0)) for key in keys]
    if by not in INTERVALS:
        groups.sort(key=_order)
    return Split(by, shown, groups[:MOST_GROUPS], is_fair=differs is not None)


def _order(group: Group) -> tuple[bool, float, str]:
    """The highest first; then what cannot be shown."""
    row = group.rows[0]
    if row is None or row.status == SUPPRESSED or row.estimate.value is None:
        return (True, 0.0, group.code or "")
    return (False, -row.estimate.value, group.code or "")
