"""Who speaks of what, as far as it may be told: counted and guarded all at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manyi.kit.selection import Selection
from manyi.lake import question
from manyi.lake.mentions import VOICE
from manyi.lake.spoken import Codes, Details, Part, Spoken, spoken
from manyi.lake.tables import MENTIONS
from manyi.metrics import apart, guard, said_at_once
from manyi.metrics.differencing import Key, Watch
from manyi.metrics.measured import shortened
from manyi.metrics.telling import hidden, kept_part
from manyi.stats.moments import Moments, empty, from_cells, merge_disjoint
from manyi.stats.result import Note
from manyi.stats.stacked import of_groups

Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Chosen:
    """The groups and aspects whose customers are asked for."""

    aspects: frozenset[str]
    groups: frozenset[Codes]


@dataclass(frozen=True)
class _Share:
    """One part of the voices (None: all of them), in the part of the period that may be told; who
    watches over it, where it is anonymous."""

    asked: Selection
    part: Part | None
    watch: Watch | None
    _said: dict[str, Spoken] = field(default_factory=dict, compare=False, repr=False)

    def said(self, facet: str) -> Spoken:
        if facet not in self._said:
            self._said[facet] = spoken(self.asked, facet)
        return self._said[facet]

    def anonymous(self, said: Spoken) -> Integers:
        """Return how many anonymous people there are in each line."""
        n = said.anonymous() if self.part is None else said.senses(self.part).sum(axis=1)
        return np.minimum(said.people(self.part), n) if n.any() else n

    def details(self, facet: str, chosen: Chosen | None) -> Details:
        if chosen is None:
            return self.said(facet).details()
        aspects = () if facet == VOICE else chosen.aspects
        return self.said(facet).details(aspects, chosen.groups)


@dataclass(frozen=True)
class Heard:
    """Voices by group: how many may be told (`n`), which groups are silent, and of which only some
    are told. Each share is told of in the groups that `told` says, where it has `own`."""

    voices: Spoken
    shares: Sequence[_Share]
    own: Sequence[Integers]
    quiet: Sequence[Bools]
    n: Integers
    silent: Bools
    partly: Bools
    is_several: bool
    notes: tuple[Note, ...]

    @cached_property
    def places(self) -> dict[Key, int]:
        """Return where each group stands."""
        return {codes: at for at, codes in enumerate(self.voices.codes)}

    def moments_of(self, group: int, told: Iterable[bool], chosen: Chosen | None) -> Moments:
        """Return the moments of a group in those shares that are told."""
        found, codes = empty(), self.voices.codes[group]
        for share, own, is_told in zip(self.shares, self.own, told, strict=True):
            if is_told and own[group]:
                more = share.details(VOICE, chosen).moments(codes, "", share.part)
                found = merge_disjoint(found, more)
        return found

    def told(self, group: int) -> list[bool]:
        return [not self.is_several or not bool(one[group]) for one in self.quiet]

    def moments(self) -> Moments:
        """Return the moments of all that may be told."""
        there = np.flatnonzero(self.n > 0).tolist()
        if not there:
            return empty()
        if len(there) == 1:
            return self.moments_of(there[0], self.told(there[0]), None)
        each = list(self._cells(there))
        value, cluster, n = (np.concatenate(columns) for columns in zip(*each, strict=True))
        return from_cells(value.astype(np.float64), cluster, n)

    def _cells(self, groups: Iterable[int]) -> Iterator[tuple[NDArray[Any], ...]]:
        for group in groups:
            codes = self.voices.codes[group]
            for share, own, is_told in zip(self.shares, self.own, self.told(group), strict=True):
                if is_told and own[group]:
                    yield share.details(VOICE, None).cells(codes, "", share.part)


@dataclass(frozen=True)
class Told:
    """Mentions by line of `said`: how many may be told, by sense, which are hidden, and of which
    only some are told; `among` so many voices, told of in the group `of` each line."""

    heard: Heard
    said: Spoken
    facet: str
    of: Integers
    clear: Sequence[Bools]
    own: Sequence[Integers]
    senses: Integers
    among: Integers
    hidden: Bools
    partly: Bools
    _known: dict[tuple[str, int], Moments] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def n(self) -> Integers:
        return np.asarray(self.senses.sum(axis=1))

    @cached_property
    def hidden_shares(self) -> Bools:
        """Return which lines' shares are hidden: with the mentions, or with all voices."""
        return self.hidden | _at(self.heard.silent, self.of)

    def key(self, line: int) -> Key:
        return (*self.said.codes[self.said.group[line]], self.said.aspects[self.said.aspect[line]])

    @cached_property
    def line_of(self) -> dict[Key, int]:
        return {self.key(line): line for line in range(len(self.said))}

    def moments(self, line: int, chosen: Chosen | None) -> Moments:
        """Return the moments of those who mention it, made once."""
        if ("said", line) not in self._known:
            self._known["said", line] = self._said_by(line, chosen)
        return self._known["said", line]

    def _said_by(self, line: int, chosen: Chosen | None) -> Moments:
        codes = self.said.codes[self.said.group[line]]
        aspect = self.said.aspects[self.said.aspect[line]]
        found = empty()
        for share, clear, own in zip(self.heard.shares, self.clear, self.own, strict=True):
            if clear[line] and own[line]:
                details = share.details(self.facet, chosen)
                found = merge_disjoint(found, details.moments(codes, aspect, share.part))
        return found

    def know(self, lines: Sequence[int], chosen: Chosen | None) -> list[Moments]:
        """Return the moments of those who mention each, made in one go."""
        columns, of = [], []
        people: list[int | None] = [0] * len(lines)
        for at, share, line in self._shares_of(lines):
            codes, aspect = self.said.codes[self.said.group[line]], self.key(line)[-1]
            details = share.details(self.facet, chosen)
            columns.append(details.cells(codes, str(aspect), share.part))
            of.append(np.full(len(columns[-1][0]), at))
            more, known = details.customers(codes, str(aspect), share.part), people[at]
            people[at] = None if more is None or known is None else known + more
        if not columns:
            return [empty() for _ in lines]
        value, cluster, n = (np.concatenate(one) for one in zip(*columns, strict=True))
        found = of_groups(len(lines), np.concatenate(of), value, cluster, n, n_customers=people)
        self._known.update((("said", line), one) for line, one in zip(lines, found, strict=True))
        return found

    def _shares_of(self, lines: Sequence[int]) -> Iterator[tuple[int, _Share, int]]:
        """Yield the shares that may tell of each line, with its place among the lines."""
        for share, clear, own in zip(self.heard.shares, self.clear, self.own, strict=True):
            for at, line in enumerate(lines):
                if clear[line] and own[line]:
                    yield at, share, line

    def told_of(self, key: Key, chosen: Chosen | None) -> tuple[Moments, Moments] | None:
        """Return those of the key's group, and who of them mentions it; None where hidden."""
        line = self.line_of.get(key)
        if line is not None:
            if self.hidden_shares[line]:
                return None
            return self.moments_among(line, chosen), self.moments(line, chosen)
        group = self.heard.places.get(key[:-1])
        if group is None:
            return empty(), empty()
        if self.heard.silent[group]:
            return None
        return self.heard.moments_of(group, self.heard.told(group), chosen), empty()

    def moments_among(self, line: int, chosen: Chosen | None) -> Moments:
        """Return the moments of the voices that the mentions are a share of, made once."""
        if ("among", line) not in self._known:
            group = int(self.of[line])
            clear = [bool(one[line]) for one in self.clear]
            found = self.heard.moments_of(group, clear, chosen) if group >= 0 else empty()
            self._known["among", line] = found
        return self._known["among", line]


def heard(selection: Selection, least: guard.Limits) -> Heard:
    """Return the voices that may be told, worked out once while nothing changes."""
    now = question.read(selection, MENTIONS)
    key = ("heard", selection.key, least)
    return now.remembered(key, lambda: _heard(selection, least))


def told(selection: Selection, facet: str, least: guard.Limits) -> Told:
    """Return the mentions that may be told, worked out once while nothing changes."""
    now = question.read(selection, MENTIONS)
    key = ("told", selection.key, facet, least)
    return now.remembered(key, lambda: _told(selection, facet, heard(selection, least)))


def _heard(selection: Selection, least: guard.Limits) -> Heard:
    watch = Watch(selection, None, None, least, facet=VOICE)
    voices = spoken(selection, VOICE)
    anonymous = voices.anonymous()
    if not anonymous.any():
        return _alone(selection, watch)
    is_mixed = bool((voices.senses().sum(axis=1) > anonymous).any())
    several, watch = apart.surveys(watch, [selection.when], is_mixed=is_mixed)
    if not several:
        return _alone(selection, watch)
    shares = [_Share(selection, Part(None), None)]
    shares += [_share(selection, Part(code), watch.within(code)) for code in several]
    return _together(voices, shares)


def _alone(selection: Selection, watch: Watch) -> Heard:
    share = _share(selection, None, watch)
    voices = share.said(VOICE)
    n, quiet = voices.senses().sum(axis=1), _quiet(share)
    notes = () if share.asked == selection else (shortened(share.asked),)
    none = np.zeros(len(n), bool)
    return Heard(voices, [share], [n], [quiet], n, quiet, none, is_several=False, notes=notes)


def _share(selection: Selection, part: Part | None, watch: Watch) -> _Share:
    """Return a share in the part of its period that may be told."""
    mine = selection if part is None else selection.narrowed(survey=str(part.survey))
    voices = spoken(selection, VOICE)
    there = _Share(selection, part, watch).anonymous(voices) > 0
    keys = {(*voices.codes[at], None) for at in np.flatnonzero(there).tolist()}
    kept = kept_part(mine, keys, watch)
    return _Share(selection if kept == mine else kept, part, watch)


def _quiet(share: _Share) -> Bools:
    """Return the groups whose voices must not be told."""
    voices = share.said(VOICE)
    found = np.zeros(len(voices), bool)
    if share.watch is None:
        return found
    many = share.anonymous(voices).tolist()
    people: dict[Key, int] = {(*voices.codes[at], None): n for at, n in enumerate(many) if n}
    hide = hidden(share.asked, people, share.watch)
    found[:] = [(*codes, None) in hide for codes in voices.codes]
    return found


def _together(voices: Spoken, shares: Sequence[_Share]) -> Heard:
    """Return what may be told of each share, put together; no customer is in two of them."""
    whole = voices.senses().sum(axis=1)
    own, quiet, n = [], [], np.zeros(len(whole), np.int64)
    for share in shares:
        place, senses = _laid(voices, share, VOICE)
        mine, own_n = np.zeros(len(whole), bool), senses.sum(axis=1)
        mine[place] = _quiet(share)
        own.append(own_n)
        quiet.append(mine)
        n += np.where(mine, 0, own_n)
    less = n < whole
    return Heard(voices, shares, own, quiet, n, less & (n == 0), less, is_several=True, notes=())


def _laid(whole: Spoken, share: _Share, facet: str) -> tuple[Integers, Integers]:
    """Return where the lines of a share stand among the whole's, and what each of these has."""
    said = share.said(facet)
    place = said.places_in(whole)[1]
    found = np.zeros((len(whole), 3), np.int64)
    found[place] = said.senses(share.part)
    return place, found


def _told(selection: Selection, facet: str, those: Heard) -> Told:
    said = spoken(selection, facet) if those.is_several else those.shares[0].said(facet)
    of = said.places_in(those.voices)[0][said.group]
    if those.is_several:
        return _told_together(those, said, facet, of)
    hide, every = _hidden(those.shares[0], facet), np.ones(len(said), bool)
    senses, among = said.senses(), _at(those.n, of)
    n = senses.sum(axis=1)
    return Told(those, said, facet, of, [every], [n], senses, among, hide, ~every)


def _told_together(those: Heard, said: Spoken, facet: str, of: Integers) -> Told:
    """Return the mentions that each share may tell of, put together.

    A share that hides its mentions of a theme is not among the voices of its share either.
    """
    every = said.senses()
    senses, among = np.zeros_like(every), np.zeros(len(said), np.int64)
    clear, own = [], []
    for share, voiced, quiet in zip(those.shares, those.own, those.quiet, strict=True):
        place, mine = _laid(said, share, facet)
        hide = _at(quiet, of)
        hide[place] |= _hidden(share, facet)
        clear.append(~hide)
        own.append(mine.sum(axis=1))
        senses += np.where(hide[:, None], 0, mine)
        among += np.where(hide, 0, _at(voiced, of))
    n = senses.sum(axis=1)
    less = (n < every.sum(axis=1)) | (among < _at(those.voices.senses().sum(axis=1), of))
    return Told(those, said, facet, of, clear, own, senses, among, less & (n == 0), less)


def _at(each: NDArray[Any], of: Integers) -> NDArray[Any]:
    """Return what the groups of lines have; nothing for those of no group."""
    found: NDArray[Any] = np.append(each, np.zeros(1, each.dtype))[of]
    return found


def _hidden(share: _Share, facet: str) -> Bools:
    said = share.said(facet)
    if share.watch is None:
        return np.zeros(len(said), bool)
    keys = [(*codes, None) for codes in said.codes]
    people = share.anonymous(said)
    table = said_at_once.Table(keys, said.aspects, said.group, said.aspect, people)
    return said_at_once.hidden(share.asked, table, replace(share.watch, facet=facet))
