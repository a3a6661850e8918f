"""What people speak of and how: shares and net sentiment, each with its interval and n."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from manyi.base.log import logger
from manyi.kit.problems import Problem
from manyi.kit.scale import Scale
from manyi.kit.selection import Selection
from manyi.lake.mentions import ASPECT
from manyi.metrics import changes, guard
from manyi.metrics.apart import LEFT_OUT
from manyi.metrics.rows import OK, SUPPRESSED, TOO_FEW, Row, failed, shown
from manyi.metrics.settled import Key
from manyi.metrics.voiced import Chosen, Told, heard, told
from manyi.stats import compare, many
from manyi.stats.metrics import estimate
from manyi.stats.moments import FloatArray, Moments
from manyi.stats.result import Estimate, Note
from manyi.stats.scoring import Box, Metric

log = logger(__name__)
LEVEL = 0.95


def _hundredfold(values: FloatArray, scale: Scale, box: Box) -> FloatArray:
    return values * 100.0


SHARE = Metric("mention_share", "share", "percent", "any", _hundredfold)
NET = Metric("net_sentiment", "nps", "points", "any", _hundredfold)
_SHARES, _SENSES = Scale(0, 1), Scale(-1, 1)


@dataclass(frozen=True)
class Theme:
    """One aspect (or intent) in one group: how many speak of it, and how.

    `share` is of the voices with words, `net` the share of good mentions less that of bad
    ones; `negative`, `neutral`, `positive` are counts of voices, None where hidden. `change`
    is that of the share since the period before, None where either is not shown. Each is
    reckoned when it is asked for: of thousands of groups a page shows a few.
    """

    key: Key
    _line: int = field(repr=False)
    _in: _Whole = field(repr=False)
    _chosen: Chosen | None = field(default=None, repr=False)

    @property
    def aspect(self) -> str:
        return str(self.key[-1])

    @property
    def group(self) -> Mapping[str, str | None]:
        said = self._now.said
        return said.groups[int(said.group[self._line])]

    @cached_property
    def share(self) -> Row:
        among = self._now.moments_among(self._line, self._chosen)
        found = estimate(SHARE, share_of(among, self._moments), _SHARES, level=self._in.level)
        return _row(self.group, found.noted(*self._notes), self._asked)

    @cached_property
    def net(self) -> Row:
        found = self._in.nets.get(self._line)
        if found is None:
            found = estimate(NET, self._moments, _SENSES, level=self._in.level)
        status = SUPPRESSED if self._is_hidden else self._in.status(self._count)
        return _row(self.group, found.noted(*self._notes), status)

    @property
    def negative(self) -> int | None:
        return self._sensed(0)

    @property
    def neutral(self) -> int | None:
        return self._sensed(1)

    @property
    def positive(self) -> int | None:
        return self._sensed(2)

    @cached_property
    def change(self) -> Estimate | None:
        before = self._in.before if self._asked == OK else None
        earlier = None if before is None else before.told_of(self.key, self._chosen)
        least = max(self._in.least.precision_n, 1)
        if earlier is None or earlier[0].count < least or not self._now.among[self._line]:
            return None
        among = self._now.moments_among(self._line, self._chosen)
        since = share_of(among, self._moments), share_of(*earlier)
        return compare.difference(*since, SHARE, _SHARES, level=self._in.level)

    @property
    def n(self) -> int | None:
        return None if self._is_hidden else self._count

    @property
    def direction(self) -> int:
        """Return 1 or -1 where more or fewer speak of it than before, else 0."""
        return 0 if self.change is None else compare.direction(self.change)

    @property
    def _now(self) -> Told:
        return self._in.now

    @cached_property
    def _moments(self) -> Moments:
        return self._now.moments(self._line, self._chosen)

    @property
    def _notes(self) -> tuple[Note, ...]:
        notes = self._now.heard.notes
        return (*notes, LEFT_OUT) if self._now.partly[self._line] else notes

    @property
    def _is_hidden(self) -> bool:
        return bool(self._now.hidden[self._line])

    @property
    def _count(self) -> int:
        return int(self._now.n[self._line])

    @property
    def _asked(self) -> str:
        """Return the status of the share."""
        if self._now.hidden_shares[self._line]:
            return SUPPRESSED
        return self._in.status(int(self._now.among[self._line]))

    def _sensed(self, sense: int) -> int | None:
        return None if self._is_hidden else int(self._now.senses[self._line, sense])


@dataclass(frozen=True)
class Themes:
    """The themes of a selection, most spoken of first, and all voices with words."""

    level: float
    _in: _Whole | None = field(repr=False)

    @property
    def is_failed(self) -> bool:
        return self._in is None

    @cached_property
    def voices(self) -> Row:
        return failed(self.level) if self._in is None else self._in.voices

    @cached_property
    def rows(self) -> tuple[Theme, ...]:
        if self._in is None:
            return ()
        now = self._in.now
        keys, n = list(now.line_of), now.n.tolist()
        order = sorted(range(len(keys)), key=lambda at: (-n[at], str(keys[at])))
        return tuple(Theme(keys[at], at, self._in) for at in order)

    def most(self, dimension: str | None, at_most: int) -> list[str]:
        """Return the codes of a dimension (None: the aspects) that most voices are told of for;
        who mentions several aspects counts for each."""
        if self._in is None:
            return []
        said, now, totals = self._in.now.said, self._in.now, Counter[str]()
        counts = np.where(now.hidden, 0, now.n)
        codes = said.aspects if dimension is None else [one[dimension] for one in said.groups]
        each = said.aspect if dimension is None else said.group
        for code, n in zip(codes, np.bincount(each, counts, len(codes)).tolist(), strict=True):
            totals[code or ""] += int(n)
        ordered = sorted((code for code in totals if code), key=lambda code: (-totals[code], code))
        return ordered[:at_most]

    def among(
        self, dimension: str, codes: Collection[str], aspects: Collection[str]
    ) -> list[Theme]:
        """Return the themes of these groups about these aspects; their customers alone are asked
        for."""
        if self._in is None:
            return []
        said, now = self._in.now.said, self._in.now
        wanted = [one[dimension] in codes for one in said.groups]
        groups = frozenset(c for c, is_in in zip(said.codes, wanted, strict=True) if is_in)
        chosen = Chosen(frozenset(aspects) & frozenset(said.aspects), groups)
        good = np.array(wanted, bool)[said.group] & np.isin(
            said.aspect, [at for at, code in enumerate(said.aspects) if code in chosen.aspects]
        )
        lines = np.flatnonzero(good).tolist()
        self._in.reckon(lines, chosen)
        return [Theme(now.key(at), at, self._in, chosen) for at in lines]


@dataclass(frozen=True)
class _Whole:
    """What all themes of a selection have in common; the period before once it is asked for."""

    selection: Selection
    facet: str
    now: Told
    least: guard.Limits
    level: float
    nets: dict[int, Estimate] = field(default_factory=dict, compare=False, repr=False)

    def reckon(self, lines: Sequence[int], chosen: Chosen) -> None:
        """Reckon the net sentiment of these lines in one go."""
        each = zip(lines, self.now.know(lines, chosen), strict=True)
        there = {line: moments for line, moments in each if moments.count}
        side = many.side(list(there.values()), NET, _SENSES)
        if side is not None:
            self.nets.update(zip(there, many.estimates(side, level=self.level), strict=True))

    @cached_property
    def before(self) -> Told | None:
        previous = changes.before(self.selection.when)
        if previous is None:
            return None
        return told(self.selection.during(previous), self.facet, self.least)

    def status(self, n: int) -> str:
        return TOO_FEW if n < self.least.precision_n else OK

    @cached_property
    def voices(self) -> Row:
        those = self.now.heard
        whole = those.moments()
        found = estimate(NET, whole, _SENSES, level=self.level)
        notes = (*those.notes, LEFT_OUT) if those.partly.any() else those.notes
        status = SUPPRESSED if self._is_silent else self.status(whole.count)
        return _row({}, found.noted(*notes), status)

    @property
    def _is_silent(self) -> bool:
        if not self.selection.by:
            return bool(self.now.heard.silent.any())
        return bool(heard(self.selection.split(), self.least).silent.any())


def themes(selection: Selection, facet: str = ASPECT, *, level: float = LEVEL) -> Themes:
    """Return what the voices of a selection speak of, by its groups.

    `facet` "intent" tells what they want instead, "aspect" what they speak of.
    """
    least = guard.limits(selection.scope)
    plain = selection.split(*selection.by)
    try:
        return Themes(level, _Whole(plain, facet, told(plain, facet, least), least, level))
    except Problem:
        raise
    except Exception:  # a page says "failed" and never "no data"
        log.exception("themes_failed", organisation=selection.scope.organisation_id)
        return Themes(level, None)


def share_of(voices: Moments, said: Moments) -> Moments:
    """Return who mentions (1) and who does not (0), with their customers' groups."""
    n = np.array([voices.count - said.count, said.count], np.int64)
    by_group = None
    if voices.by_group is not None and said.by_group is not None:
        mentioning = said.by_group.sum(axis=1)
        by_group = np.stack([voices.by_group.sum(axis=1) - mentioning, mentioning], axis=1)
    w = n.astype(np.float64)
    return Moments(np.array([0.0, 1.0]), n, w, w, by_group, voices.n_customers)


def _row(group: Mapping[str, str | None], found: Estimate, status: str) -> Row:
    return Row(group, None, None, status, shown(found, status))
