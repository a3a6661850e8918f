"""What is looked at: one value for inbox filters, metrics, views and exports.

A Selection is made inside a Scope, and only a member makes a Scope, so nothing can be
asked for that the member may not see. Its query-string form is the same everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlencode

from manyi.kit.period import INTERVALS, Period
from manyi.kit.problems import FieldProblem, Problem

DIMENSIONS = ("unit", "touchpoint", "channel", "agent", "survey", "source", "kind", "language")
ATTRIBUTE = "attribute:"
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{0,15})?")
# What customers say, as far as their texts have been read: asked of the whole record.
SAID = ("aspect", "polarity", "emotion", "intent")
_PLAIN = (*SAID, "survey", "unit", "touchpoint", "channel", "agent", "source", "kind", "language")
# Every margin of the groups is guarded for privacy: each further dimension doubles them.
MOST_GROUPS = 4
# Each condition is one more question to the database, which plans them all together.
MOST_CONDITIONS = 20
KEYS = frozenset({*_PLAIN, "from", "to", "interval", "by"})


@dataclass(frozen=True)
class Scope:
    """One organisation and the units that a member sees in it.

    `unit_ids` None means the whole organisation, records without a unit included.
    `sees_text` and `sees_personal` are False for external analysts.
    """

    organisation_id: int
    unit_ids: frozenset[int] | None
    sees_text: bool = True
    sees_personal: bool = True
    agent_id: int | None = None


@dataclass(frozen=True)
class Selection:
    """Records inside `scope`: `where` maps a dimension (or `attribute:NAME`) to the codes
    admitted, `answers` maps a question code to choice codes, `when` is a period of local
    days, `by` lists dimensions to group by and `interval` splits by time.

    A unit code in `where["unit"]` admits its whole subtree, as does a group of aspects; with
    an aspect, `polarity` is that of what is said of it.
    """

    scope: Scope
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    when: Period | None = None
    by: tuple[str, ...] = ()
    interval: str | None = None

    def narrowed(self, **where: str | Iterable[str]) -> Selection:
        """Return this selection with further conditions on dimensions."""
        added = {k: (v,) if isinstance(v, str) else tuple(v) for k, v in where.items()}
        return replace(self, where={**self.where, **added})

    def during(self, when: Period | None) -> Selection:
        return replace(self, when=when)

    def split(self, *by: str, interval: str | None = None) -> Selection:
        """Return this selection grouped by dimensions, and by time where `interval` says."""
        return replace(self, by=by, interval=interval)

    @property
    def key(self) -> Hashable:
        """Return what tells this selection from all others that see the same units, to remember
        it by: other than in a query, a condition that admits nothing is one."""
        where = tuple((name, tuple(sorted(codes))) for name, codes in sorted(self.where.items()))
        answers = tuple((asked, tuple(codes)) for asked, codes in sorted(self.answers.items()))
        seen = self.scope.organisation_id, self.scope.unit_ids
        return seen, where, answers, self.when, self.by, self.interval

    def query(self) -> str:
        """Return the canonical query string; `parse` reads it back to the same selection."""
        pairs = [(k, v) for k in sorted(self.where) for v in sorted(self.where[k])]
        pairs += [(f"answer:{q}", c) for q in sorted(self.answers) for c in self.answers[q]]
        if self.when:
            pairs += [("from", self.when.first.isoformat()), ("to", self.when.last.isoformat())]
        pairs += [("by", d) for d in self.by]
        if self.interval:
            pairs.append(("interval", self.interval))
        return urlencode(pairs)


def is_dimension(name: str) -> bool:
    return name in DIMENSIONS or (name.startswith(ATTRIBUTE) and len(name) > len(ATTRIBUTE))


def is_key(name: str) -> bool:
    """Whether a query parameter belongs to a selection."""
    return name in KEYS or name.startswith((ATTRIBUTE, "answer:"))


def parse(scope: Scope, params: Mapping[str, Iterable[str]]) -> Selection:
    """Read a selection from query parameters (name → values); other keys are left alone.

    Raises Problem("selection.invalid") that names each parameter that cannot be read.
    """
    errors: list[FieldProblem] = []
    where: dict[str, tuple[str, ...]] = {}
    answers: dict[str, tuple[str, ...]] = {}
    for key, raw in params.items():
        values = tuple(v for v in raw if v != "")
        if not values:
            continue
        if key in _PLAIN or key.startswith(ATTRIBUTE):
            where[key] = values
        elif key.startswith("answer:"):
            answers[key.removeprefix("answer:")] = values
    when = _period(params, errors)
    by = tuple(dict.fromkeys(v for v in params.get("by", ()) if v))
    errors += [
        FieldProblem("by", "dimension_unknown", {"value": d}) for d in by if not is_dimension(d)
    ]
    errors += _too_many(by, [*where, *answers])
    interval = _last(params, "interval")
    if interval and interval not in INTERVALS:
        errors.append(FieldProblem("interval", "interval_unknown", {"value": interval}))
    if errors:
        raise Problem("selection.invalid", errors=tuple(errors))
    return Selection(scope, where, answers, when, by, interval)


def _too_many(by: Sequence[str], conditions: Sequence[str]) -> list[FieldProblem]:
    found = []
    if len(by) > MOST_GROUPS:
        found.append(FieldProblem("by", "dimensions_many", {"limit": MOST_GROUPS}))
    if len(conditions) > MOST_CONDITIONS:
        found.append(FieldProblem("", "conditions_many", {"limit": MOST_CONDITIONS}))
    return found


def _last(params: Mapping[str, Iterable[str]], key: str) -> str | None:
    values = [v for v in params.get(key, ()) if v != ""]
    return values[-1] if values else None


def _period(params: Mapping[str, Iterable[str]], errors: list[FieldProblem]) -> Period | None:
    first, last = (_day(params, key, errors) for key in ("from", "to"))
    if first is None and last is None:
        return None
    first, last = first or date(1970, 1, 1), last or date(9999, 12, 31)
    if last < first:
        errors.append(FieldProblem("to", "period_reversed", {}))
        return None
    return Period(first, last)


# Nothing happened before or will after: the calendar's own ends have no day beside them.
_FIRST, _LAST = date(1900, 1, 1), date(2199, 12, 31)


def _day(params: Mapping[str, Iterable[str]], key: str, errors: list[FieldProblem]) -> date | None:
    text = _last(params, key)
    if text is None:
        return None
    try:
        return min(max(date.fromisoformat(text), _FIRST), _LAST)
    except ValueError:
        errors.append(FieldProblem(key, "date_invalid", {"value": text}))
        return None


def number_in(code: str) -> float | None:
    """Return the number that a choice's code is (a rating is asked for by its value), or None."""
    return float(code) if _NUMBER.fullmatch(code) else None
