"""What could be learnt of anonymous answers by asking twice and taking one from the other.

A question is answered only where that tells of nobody: its period begins and ends where the
answers of its own group were cut (`stats.timeline`), none of its conditions, left out alone
or with others, admits only a few more, and its values of a dimension hold all or none of the
groups that are hidden there. docs/explanation/anonymity.md says what this proves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manyi.kit.period import Period, bucket
from manyi.kit.selection import SAID, Selection, number_in
from manyi.lake import mentions, question, tallies
from manyi.lake import queries as lake
from manyi.lake.snapshot import codes_of
from manyi.lake.tables import MENTIONS, RECORDS, SCORES
from manyi.metrics import guard
from manyi.metrics.at_once import Everybody, Groups, Numbered
from manyi.metrics.conditions import (
    MOST_CONDITIONS,
    VALUES,
    Condition,
    about,
    ends_of,
    narrower,
    said_of,
    wider,
)
from manyi.stats.timeline import Timeline, timeline

Key = tuple[Hashable, ...]
Mask = NDArray[np.bool_]
# Of a dimension with more values it is not tried what each one would add.
MOST_VALUES = 20


@dataclass
class Watch:
    """All anonymous answers in a scope that have a score of `item`, and who looks at which.

    `item` None looks at records, with a `facet` at those whose words have been read. `depth` is
    the level of the tree that groups are rolled up to. `used` is what was counted.
    """

    selection: Selection
    family: str | None
    item: str | None
    limits: guard.Limits
    depth: int | None = None
    facet: str | None = None
    used: dict[Any, Any] = field(default_factory=dict)
    _masks: dict[Any, Mask] = field(default_factory=dict)
    _lines: dict[Any, Timeline] = field(default_factory=dict)
    grouped: dict[Any, Numbered] = field(default_factory=dict)
    _hidden: dict[Any, set[Hashable]] = field(default_factory=dict)
    _rolled_up: dict[Any, tuple[NDArray[np.int64], list[str | None]]] = field(default_factory=dict)

    @property
    def minimum_n(self) -> int:
        return self.limits.privacy_n

    @property
    def identity(self) -> Hashable:
        """Return what tells this watch from others."""
        return self.selection.key, self.family, self.item, self.facet, self.limits, self.depth

    def use(self, key: Any) -> Any:
        """Return the answers that are counted under a key of `used`."""
        if key not in self.used:
            kind, *of = key
            self.used[key] = self._tally(*of) if kind == "tally" else self._answers(*of)
        return self.used[key]

    def surveys(self, spans: Collection[Period | None]) -> list[str | None]:
        """Return the surveys asked for that anonymous people answered in one of these periods;
        None among them for answers to no survey."""
        # By what is asked next of each survey, so that it is counted once.
        by = dict.fromkeys(("survey", *(self._dimensions if self.facet is None else ())))
        tally = self._counted(Selection(self.selection.scope, by=tuple(by)), None)
        each = [(tally.days >= first) & (tally.days < end) for first, end in map(ends_of, spans)]
        inside = np.logical_or.reduce(each)
        found = {tally.values["survey"][at] for at in np.unique(tally.codes["survey"][inside])}
        if "survey" in self.selection.where:
            found &= self._codes("survey")
        return sorted(found, key=lambda code: code or "")

    def within(self, survey: str) -> Watch:
        """Return the same of one survey's answers alone."""
        own = self.selection.narrowed(survey=survey)
        return Watch(own, self.family, self.item, self.limits, self.depth, self.facet)

    @property
    def _fixed(self) -> Mapping[str, tuple[str, ...]]:
        # Each survey is guarded by itself: nobody asks it what other surveys would add.
        asked = self.selection.where.get("survey", ())
        return {"survey": asked} if len(asked) == 1 else {}

    def kept(self, when: Period, keys: Iterable[Key] | None = None) -> Period | None:
        """Return the part of `when` that may be told of these groups, or of all that there are;
        None for none of it.

        Of the parts that end with a day, a week or a month the one that tells most.
        """
        own = self.timeline_of(self._asked())
        tried = [self._inside(own, when, turn) for turn in ("day", "week", "month")]
        parts = list(dict.fromkeys(one for one in tried if one is not None))
        groups = Everybody(self) if keys is None else Groups(self, list(keys))
        return max(parts, key=lambda one: groups.told(*ends_of(one)), default=None)

    def _inside(self, own: Timeline, when: Period, turn: str) -> Period | None:
        first, last = when.first, when.last
        if bucket(first, turn).first != first:
            first = bucket(first, turn).last + timedelta(days=1)
        later = own.between(last.toordinal() + 1, date.max.toordinal())
        if bucket(last, turn).last != last and later:
            last = bucket(last, turn).first - timedelta(days=1)
        ends = own.inside(first.toordinal(), last.toordinal() + 1) if first <= last else None
        if ends is None:
            return None
        return Period(date.fromordinal(ends[0]), date.fromordinal(ends[1] - 1))

    def refuses(self, key: Key, when: Period | None, theme: str | None = None) -> bool:
        """Whether a group's number would tell of a few when taken from, or by, another one.

        `theme` is what those who are counted speak of, or want.
        """
        conditions = self.conditions(key, theme)
        if not self.timeline_of(()).total:
            return False
        if len(conditions) > MOST_CONDITIONS:
            return True
        ends = ends_of(when)
        own = self.timeline_of(conditions)
        n = own.between(*ends)
        if n == 0:
            return False
        return (
            n < self.minimum_n
            or not own.keeps(*ends)
            or self.is_few_more(wider(conditions), ends, n)
            or self.gives_away(conditions, ends, n)
        )

    def gives_away(self, conditions: Sequence[Condition], ends: tuple[int, int], n: int) -> bool:
        """Whether another value of a dimension tells of a few, or the values that are told do."""
        return self.is_few_more(self._widened(conditions, ends), ends, n) or any(
            self.splits(one, conditions, ends) for one in conditions
        )

    def is_few_more(
        self, questions: Iterable[tuple[Condition, ...]], ends: tuple[int, int], n: int
    ) -> bool:
        """Whether one of these questions holds only a few more than another one's `n`."""
        more = (self.timeline_of(one).around(*ends) - n for one in questions)
        return any(0 < left < self.minimum_n for left in more)

    def _widened(
        self, conditions: Sequence[Condition], ends: tuple[int, int]
    ) -> Iterator[tuple[Condition, ...]]:
        """Yield the questions that admit one value more of one of these dimensions."""
        for kept in narrower(conditions):
            for at, one in enumerate(kept):
                if one.kind in ("answer", "said", "theme") or one.name == "unit":
                    continue
                others = (*kept[:at], *kept[at + 1 :])
                yield from ((*others, more) for more in self._more(one, others, ends))

    def _more(
        self, one: Condition, others: tuple[Condition, ...], ends: tuple[int, int]
    ) -> list[Condition]:
        if len(self.tally_of(others).values[one.name]) > MOST_VALUES:
            return []
        return self.values_more(one, others, frozenset(self._hidden_among(one, others, ends)))

    def values_more(
        self,
        one: Condition,
        others: Sequence[Condition],
        hidden: frozenset[Hashable] = frozenset(),
    ) -> list[Condition]:
        """Return the conditions that admit one value more of a dimension, of which some values
        are hidden; none where it has too many."""
        values = frozenset(self.tally_of(others).values[one.name])
        if len(values) > MOST_VALUES:
            return []
        admitted = self._admitted(one)
        own: frozenset[Hashable] = frozenset(v for v in values if admitted(v))
        # What is hidden is told together or not at all.
        own = own | hidden if own & hidden else own
        steps: list[frozenset[Hashable]] = [frozenset((v,)) for v in values - hidden - own]
        steps += [hidden - own, frozenset()]
        return [Condition("some", one.name, own | step) for step in dict.fromkeys(steps)]

    def splits(
        self, one: Condition, conditions: Sequence[Condition], ends: tuple[int, int]
    ) -> bool:
        """Whether a condition admits some of the values that must be told together or not."""
        others = tuple(c for c in conditions if c != one)
        if one.kind in ("said", "theme"):
            return self._splits_words(one, others, ends)
        if one.name == "unit" and one.kind == "where":
            return not self._hidden_units(others, ends).isdisjoint(self.selection.where["unit"])
        if one.name == "unit" and self.depth is None:
            return False  # the tree is guarded with the table that this row is in
        hidden = self._hidden_among(one, others, ends)
        admitted = self._admitted(one)
        inside = {value for value in hidden if admitted(value)}
        return bool(inside) and inside != hidden

    def _hidden_units(self, others: tuple[Condition, ...], ends: tuple[int, int]) -> frozenset[str]:
        """Return the units whose totals must not be told, whichever of them are asked for."""

        self.tally_of(others)  # used, too, where another watch has found them

        def find() -> frozenset[str]:
            counts = {str(c or ""): n for c, n in self._counts("unit", others, ends).items()}
            return guard.hidden_units(counts, self.above, self.minimum_n)

        where = {k: v for k, v in self.selection.where.items() if k != "unit"}
        whole = replace(self.selection, where=where, when=None)
        asked = self.family, self.item, self.facet, self.depth, frozenset(others), ends
        key = ("hidden units", whole.key, asked, self.minimum_n)
        return question.read(whole, self._table).remembered(key, find)

    @property
    def _table(self) -> str:
        if self.facet is not None:
            return MENTIONS
        return RECORDS if self.item is None else SCORES

    def _splits_words(
        self, one: Condition, others: tuple[Condition, ...], ends: tuple[int, int]
    ) -> bool:
        """Whether a condition on the words is one of several, or one of those that are hidden."""
        if one.kind == "theme":
            return False
        if len(said_of(one)) > 1:
            return True
        each = {v: replace(one, value=(v,)) for v in VALUES.get(one.name, ())}
        counts = {(v,): self.timeline_of((*others, c)).between(*ends) for v, c in each.items()}
        table: dict[Key, int] = {key: n for key, n in counts.items() if n}
        return (said_of(one)[0],) in guard.hidden(table, self.minimum_n)

    def _hidden_among(
        self, one: Condition, others: tuple[Condition, ...], ends: tuple[int, int]
    ) -> set[Hashable]:
        key = (one.kind == "answer", one.name, frozenset(others), ends)
        if key not in self._hidden:
            if one.kind == "answer":
                counts = self.use(("answers", one, ends))
            else:
                counts = self._counts(one.name, others, ends)
            table: dict[Key, int] = {(value,): n for value, n in counts.items()}
            self._hidden[key] = {value for (value,) in guard.hidden(table, self.minimum_n)}
        return self._hidden[key]

    def conditions(self, key: Key, theme: str | None = None) -> tuple[Condition, ...]:
        """Return all that is asked of those in a group."""
        return (*self._asked(), *self._group(key), *self._theme(theme))

    def _asked(self) -> tuple[Condition, ...]:
        where = self.selection.where
        plain = (Condition("where", name) for name in where if self._is_free(name))
        said = (Condition("said", name, tuple(where[name])) for name in SAID if name in where)
        answers = (Condition("answer", name) for name in self.selection.answers)
        return (*plain, *said, *answers)

    def _is_free(self, name: str) -> bool:
        return name not in SAID and name not in self._fixed

    def _theme(self, theme: str | None) -> tuple[Condition, ...]:
        return () if theme is None else (Condition("theme", self.facet or "", theme),)

    def _group(self, key: Key) -> tuple[Condition, ...]:
        pairs = zip(self.selection.by, key, strict=False)
        free = ((name, value) for name, value in pairs if name not in self._fixed)
        return tuple(Condition("group", name, value) for name, value in free)

    def timeline_of(self, kept: Sequence[Condition]) -> Timeline:
        key = frozenset(kept)
        if key not in self._lines:
            days, n = tallies.by_day(self.tally_of(kept), self.mask_of(kept))
            self._lines[key] = timeline(days, n, self.minimum_n)
        return self._lines[key]

    def _counts(
        self, name: str, others: Sequence[Condition], ends: tuple[int, int]
    ) -> Counter[Hashable]:
        tally, mask = self.tally_of(others), self.mask_of(others)
        mask = mask & (tally.days >= ends[0]) & (tally.days < ends[1])
        found: Counter[Hashable] = Counter()
        at = tally.codes[name][mask]
        for place, n in enumerate(np.bincount(at, tally.n[mask]).tolist()):
            if n:
                found[self._rolled(name, tally.values[name][place])] += int(n)
        return found

    def _answers(self, one: Condition, ends: tuple[int, int]) -> Counter[Hashable]:
        asked, _, line = one.name.partition(".")
        answers = {q: codes for q, codes in self.selection.answers.items() if q != one.name}
        when = Period(date.fromordinal(ends[0]), date.fromordinal(ends[1] - 1))
        plain = replace(self.selection, answers=answers, when=when, by=(), interval=None)
        found: Counter[Hashable] = Counter()
        for given in lake.answer_counts(plain, asked):
            if not line or given.row == line:
                found[given.code, given.number] += given.n_anonymous
        return found

    def tally_of(self, kept: Collection[Condition]) -> tallies.Tally:
        found: tallies.Tally = self.use(("tally", about(kept)))
        return found

    def _tally(self, asked: frozenset[Condition]) -> tallies.Tally:
        given = {c.name: self.selection.answers[c.name] for c in asked if c.kind == "answer"}
        said = {c.name: said_of(c) for c in asked if c.kind == "said"}
        where = {**self._fixed, **said}
        whole = Selection(self.selection.scope, where, given, by=self._dimensions)
        theme = next((c for c in asked if c.kind == "theme"), None)
        return self._counted(whole, theme)

    @property
    def _dimensions(self) -> tuple[str, ...]:
        """Return by what people are counted: what they are narrowed to, and grouped by."""
        free = filter(self._is_free, self.selection.where)
        return tuple(dict.fromkeys([*free, *self.selection.by]))

    def _counted(self, whole: Selection, theme: Condition | None) -> tallies.Tally:
        if self.facet is None:
            return lake.anonymous_by_day(whole, self.family, self.item)
        if theme is None:
            return mentions.anonymous_of(whole, mentions.VOICE, "")
        if theme.value is None:
            return mentions.anonymous_by_day(whole, self.facet)
        return mentions.anonymous_of(whole, self.facet, str(theme.value))

    def mask_of(self, kept: Collection[Condition]) -> Mask:
        tally, asked = self.tally_of(kept), about(kept)
        whole = np.ones(len(tally.n), bool)
        for one in kept:
            if one not in asked:
                whole &= self._mask_by(one, tally, asked)
        return whole

    def _mask_by(self, one: Condition, tally: tallies.Tally, asked: frozenset[Condition]) -> Mask:
        if (one, asked) not in self._masks:
            admitted = self._admitted(one)
            found, values = self.labels_of(one.name, tally, asked, own=one.kind == "where")
            good = np.array([admitted(value) for value in values], bool)
            self._masks[one, asked] = good[found]
        return self._masks[one, asked]

    def labels_of(
        self, name: str, tally: tallies.Tally, asked: frozenset[Condition], *, own: bool
    ) -> tuple[NDArray[np.int64], list[str | None]]:
        """Return what each line has of a dimension, and the values, rolled up unless `own`."""
        key = (name, asked, own)
        if key not in self._rolled_up:
            label = (lambda value: value) if own else partial(self._rolled, name)
            self._rolled_up[key] = tallies.labels(tally, name, label)
        return self._rolled_up[key]

    def _rolled(self, name: str, value: str | None) -> str | None:
        if name != "unit" or self.depth is None or value is None:
            return value
        line = [*guard.line(value, self.above)][::-1]
        return line[min(self.depth, len(line) - 1)]

    def _admitted(self, one: Condition) -> Callable[[Any], bool]:
        if one.kind == "group":
            return lambda value: value == one.value
        if isinstance(one.value, frozenset):
            some = one.value
            return lambda value: value in some
        if one.kind == "answer":
            codes = set(self.selection.answers[one.name])
            numbers = {number_in(code) for code in codes} - {None}
            return lambda given: given[0] in codes or given[1] in numbers
        admitted = self._codes(one.name)
        return lambda value: value in admitted

    def _codes(self, name: str) -> set[str]:
        codes = codes_of(self.selection.scope.organisation_id)
        stored = codes.admitted(name, self.selection.where[name])
        by_id: Mapping[Any, Any] = codes.by_id(name) if codes.is_numbered(name) else {}
        return {by_id.get(one, one) for one in stored}

    @cached_property
    def above(self) -> Mapping[str, str | None]:
        """Return each unit's code with the code of the unit above it."""
        return guard.parents(self.selection.scope)
