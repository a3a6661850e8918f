"""What people speak of and how: shares and net sentiment, each with its interval and n."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce

import numpy as np

from manyi.base.log import logger
from manyi.kit.problems import Problem
from manyi.kit.scale import Scale
from manyi.kit.selection import Selection
from manyi.lake import question
from manyi.lake.mentions import ASPECT, VOICE, Mentioned, mentions, together
from manyi.lake.tables import MENTIONS
from manyi.metrics import apart, changes, guard
from manyi.metrics.differencing import Watch, hidden, kept_part
from manyi.metrics.measured import shortened
from manyi.metrics.rows import FAILED, OK, SUPPRESSED, TOO_FEW, Row, failed, shown
from manyi.metrics.settled import Key
from manyi.stats import compare
from manyi.stats.metrics import estimate
from manyi.stats.moments import FloatArray, Moments, empty, merge_disjoint
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
    _in: _Whole = field(repr=False)

    @property
    def aspect(self) -> str:
        return str(self.key[-1])

    @property
    def group(self) -> Mapping[str, str | None]:
        return self._in.now.groups[self.key[:-1]]

    @cached_property
    def share(self) -> Row:
        now = self._in.now
        told = share_of(now.voices_of(self.key).moments, self._said.moments)
        found = estimate(SHARE, told, _SHARES, level=self._in.level)
        return _row(self.group, found.noted(*now.notes_of(self.key)), self._asked)

    @cached_property
    def net(self) -> Row:
        found = estimate(NET, self._said.moments, _SENSES, level=self._in.level)
        found = found.noted(*self._in.now.notes_of(self.key))
        status = SUPPRESSED if self._is_hidden else self._in.status(self._said.count)
        return _row(self.group, found, status)

    @property
    def negative(self) -> int | None:
        return self._count(-1)

    @property
    def neutral(self) -> int | None:
        return self._count(0)

    @property
    def positive(self) -> int | None:
        return self._count(1)

    @cached_property
    def change(self) -> Estimate | None:
        before = self._in.before if self._asked == OK else None
        if before is None or before.is_share_hidden(self.key):
            return None
        voices, earlier = self._in.now.voices_of(self.key), before.voices_of(self.key)
        if not voices.count or earlier.count < max(self._in.least.precision_n, 1):
            return None
        return compare.difference(
            share_of(voices.moments, self._said.moments),
            share_of(earlier.moments, before.of(self.key).moments),
            SHARE,
            _SHARES,
            level=self._in.level,
        )

    @property
    def n(self) -> int | None:
        return None if self._is_hidden else self._said.count

    @property
    def direction(self) -> int:
        """Return 1 or -1 where more or fewer speak of it than before, else 0."""
        return 0 if self.change is None else compare.direction(self.change)

    @property
    def _said(self) -> _Said:
        return self._in.now.of(self.key)

    @property
    def _is_hidden(self) -> bool:
        return self.key in self._in.now.hidden

    @property
    def _asked(self) -> str:
        """Return the status of the share."""
        if self._in.now.is_share_hidden(self.key):
            return SUPPRESSED
        return self._in.status(self._in.now.voices_of(self.key).count)

    def _count(self, sense: int) -> int | None:
        if self._is_hidden:
            return None
        said = self._said.moments
        return int(said.n[said.values == sense].sum())


@dataclass(frozen=True)
class Themes:
    """The themes of a selection, most spoken of first, and all voices with words."""

    voices: Row
    rows: tuple[Theme, ...]

    @property
    def is_failed(self) -> bool:
        return self.voices.status == FAILED


@dataclass(frozen=True)
class _Said:
    """So many voices, in parts that no customer is in two of."""

    count: int = 0
    parts: tuple[Mentioned, ...] = ()

    @cached_property
    def moments(self) -> Moments:
        return reduce(merge_disjoint, (one.moments for one in self.parts), empty())


_NOBODY = _Said()


@dataclass(frozen=True)
class _Counted:
    """Voices by group, and mentions by group and aspect, in the part of the period that may be
    told; which of both are hidden. `among` are the voices that mentions are a share of, where
    those are not all of their group, `partly` where some are left out."""

    groups: Mapping[Key, Mapping[str, str | None]]
    voices: Mapping[Key, _Said]
    mentions: Mapping[Key, _Said]
    hidden: frozenset[Key]
    silent: frozenset[Key]
    notes: tuple[Note, ...]
    among: Mapping[Key, _Said] = field(default_factory=dict)
    partly: frozenset[Key] = frozenset()

    def voices_of(self, key: Key) -> _Said:
        """Return the voices that the mentions of a group are a share of."""
        return self.among[key] if key in self.among else self.voices.get(key[:-1], _NOBODY)

    def notes_of(self, *keys: Key) -> tuple[Note, ...]:
        left_out = any(key in self.partly for key in keys)
        return (*self.notes, apart.LEFT_OUT) if left_out else self.notes

    def of(self, key: Key) -> _Said:
        return self.mentions.get(key, _NOBODY)

    def is_share_hidden(self, key: Key) -> bool:
        """Whether the mentions of a group, or all its voices, are hidden."""
        return key in self.hidden or key[:-1] in self.silent


@dataclass(frozen=True)
class _Whole:
    """What all themes of a selection have in common; the period before once it is asked for."""

    selection: Selection
    facet: str
    now: _Counted
    least: guard.Limits
    level: float

    @cached_property
    def before(self) -> _Counted | None:
        previous = changes.before(self.selection.when)
        if previous is None:
            return None
        return _counted(self.selection.during(previous), self.facet, self.least)

    def status(self, n: int) -> str:
        return TOO_FEW if n < self.least.precision_n else OK


def themes(selection: Selection, facet: str = ASPECT, *, level: float = LEVEL) -> Themes:
    """Return what the voices of a selection speak of, by its groups.

    `facet` "intent" tells what they want instead, "aspect" what they speak of.
    """
    try:
        return _themes(selection, facet, level)
    except Problem:
        raise
    except Exception:  # a page says "failed" and never "no data"
        log.exception("themes_failed", organisation=selection.scope.organisation_id)
        return Themes(failed(level), ())


def _themes(selection: Selection, facet: str, level: float) -> Themes:
    least = guard.limits(selection.scope)
    now = _counted(selection, facet, least)
    every = _Whole(selection, facet, now, least, level)
    found = tuple(Theme(key, every) for key in sorted(now.mentions, key=_by_size(now)))
    whole = _whole(now)
    status = SUPPRESSED if _is_whole_silent(selection, now, least) else every.status(whole.count)
    told = estimate(NET, whole, _SENSES, level=level).noted(*now.notes_of(*now.voices))
    return Themes(_row({}, told, status), found)


def _whole(now: _Counted) -> Moments:
    there = [one for one in now.voices.values() if one.count]
    if len(there) < 2:
        return there[0].moments if there else empty()
    return together([part for one in there for part in one.parts])


def _is_whole_silent(selection: Selection, now: _Counted, least: guard.Limits) -> bool:
    if not selection.by:
        return bool(now.silent)
    return bool(_counted(selection.split(), VOICE, least).silent)


def _by_size(now: _Counted) -> Callable[[Key], tuple[int, str]]:
    return lambda key: (-now.mentions[key].count, str(key))


def _counted(selection: Selection, facet: str, least: guard.Limits) -> _Counted:
    """Return what may be told, worked out once while nothing in the database changes."""
    now = question.read(selection, MENTIONS)
    key = ("themes", selection.query(), selection.scope.unit_ids, facet, least)
    return now.remembered(key, lambda: _counted_now(selection, facet, least))


def _counted_now(selection: Selection, facet: str, least: guard.Limits) -> _Counted:
    watch = Watch(selection, None, None, least, facet=facet)
    voices = mentions(selection, VOICE)
    if not any(one.n_anonymous for one in voices):
        return _counted_by(selection, facet, watch)
    is_mixed = any(one.n > one.n_anonymous for one in voices)
    several, watch = apart.surveys(watch, [selection.when], is_mixed=is_mixed)
    if not several:
        return _counted_by(selection, facet, watch)
    parts = [_counted_by(selection, facet, watch, anonymous=False)]
    for code in several:
        mine = selection.narrowed(survey=code)
        parts.append(_counted_by(mine, facet, watch.within(code), anonymous=True))
    return _together(parts, _counted_by(selection, facet, None))


def _together(parts: list[_Counted], whole: _Counted) -> _Counted:
    """Return what may be told of each part, put together; no customer is in two of them.

    A part that hides its mentions of a theme is not among the voices of its share either.
    """
    told = {k: [p for p in parts if k not in p.silent] for k in whole.voices}
    clear = {k: [p for p in parts if not p.is_share_hidden(k)] for k in whole.mentions}
    voices = {k: _sum(p.voices.get(k) for p in of) for k, of in told.items()}
    among = {k: _sum(p.voices.get(k[:-1]) for p in of) for k, of in clear.items()}
    said = {k: _sum(p.mentions.get(k) for p in of) for k, of in clear.items()}
    less = {k for k, one in whole.mentions.items() if said[k].count < one.count}
    less |= {k for k, one in whole.mentions.items() if among[k].count < whole.voices_of(k).count}
    quiet = {k for k, one in whole.voices.items() if voices[k].count < one.count}
    return replace(
        whole,
        voices=voices,
        mentions=said,
        hidden=frozenset(k for k in less if not said[k].count),
        silent=frozenset(k for k in quiet if not voices[k].count),
        among=among,
        partly=frozenset(less | quiet),
    )


def _sum(found: Iterable[_Said | None]) -> _Said:
    there = [one for one in found if one is not None]
    parts = tuple(part for one in there for part in one.parts)
    return _Said(sum(one.count for one in there), parts)


def _counted_by(
    selection: Selection, facet: str, watch: Watch | None, *, anonymous: bool | None = None
) -> _Counted:
    voiced = mentions(selection, VOICE, anonymous=anonymous)
    kept = selection
    if watch is not None:
        kept = kept_part(selection, {_place(one) for one in voiced if one.n_anonymous}, watch)
    if kept != selection:
        voiced = mentions(kept, VOICE, anonymous=anonymous)
    said = mentions(kept, facet, anonymous=anonymous)
    return _Counted(
        {one.codes: one.group for one in (*voiced, *said)},
        {one.codes: _Said(one.n, (one,)) for one in voiced},
        {(*one.codes, one.aspect): _Said(one.n, (one,)) for one in said},
        _hidden(kept, said, watch) if watch else frozenset(),
        _silent(kept, voiced, watch) if watch else frozenset(),
        () if kept == selection else (shortened(kept),),
    )


def _silent(kept: Selection, voiced: Iterable[Mentioned], watch: Watch) -> frozenset[Key]:
    return frozenset(key[:-1] for key in hidden(kept, _people(voiced), watch))


def _place(one: Mentioned) -> Key:
    return (*one.codes, None)


def _people(found: Iterable[Mentioned]) -> dict[Key, int]:
    return {_place(one): min(one.people, one.n_anonymous) for one in found if one.n_anonymous}


def _hidden(selection: Selection, said: Iterable[Mentioned], watch: Watch) -> frozenset[Key]:
    """Return the groups of anonymous voices that must not be told, aspect by aspect: nobody
    adds those up, since a voice may mention several."""
    each: dict[str, list[Mentioned]] = defaultdict(list)
    for one in said:
        each[one.aspect].append(one)
    return frozenset(
        (*key[:-1], aspect)
        for aspect, own in each.items()
        for key in hidden(selection, _people(own), watch, theme=aspect)
    )


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
