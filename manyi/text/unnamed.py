"""Themes that nobody named: what clauses gather around, what it is called, what is new in it.

Clauses that no aspect of the taxonomy catches are gathered by meaning (spherical k-means over
many small groups, then groups that mean alike together). Which rose in the last period is asked
of groups and of phrases at once: given all voices of a candidate, those of the last period are
binomial where nothing has changed (the exact comparison of two Poisson rates), drawn wider by
how much counts vary anyway; Benjamini and Hochberg (1995) hold the false discoveries down.
Nothing looks at periods before that question is put, so that no candidate is chosen for being
new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy  # its large parts are loaded when they are first asked for
from numpy.typing import NDArray

from manyi.text import naming
from manyi.text.gathering import Clauses, gathered
from manyi.text.rising import Counts, Rise, rises

LEAST = 10
FALSE = 0.05
# A name's phrases are said by so many people each.
SPOKEN = 5
SAME = 0.70
_OVERLAP = 0.5

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Found:
    """A theme: its name in its customers' words, its clauses (the most typical first)."""

    name: tuple[str, ...]
    members: Ints
    centre: Floats
    rise: Rise


@dataclass(frozen=True)
class Heard:
    """Who says each text, and in which period: numbers from 0, the last period is looked at.

    `voices` are the voices with words in each period, said or not.
    """

    who: Ints
    period: Ints
    voices: Ints


def find(
    said: Clauses, heard: Heard, *, before: Floats, rng: np.random.Generator, least: int = LEAST
) -> list[Found]:
    """Return the themes of clauses: those that rose first, then the most spoken of.

    `before` are the centres of the last look, so that themes stay what they were. A theme is
    said by at least `least` people. The same clauses, centres and `rng` give the same themes.
    """
    groups = gathered(said, before, rng, lambda m: _people(heard, said, m) >= least)
    index = naming.Index.of(said.words)
    phrases = naming.candidates(said.words, least=max(3, least // 2))
    places = [index.places(phrase) for phrase in phrases]
    of_phrases = Counts.of([_counted(heard, said, m) for m in places], heard.voices)
    of_groups = Counts.of([_counted(heard, said, m) for m in groups], heard.voices)
    risen = rises(of_groups, of_phrases)
    first, rest = risen[: len(groups)], risen[len(groups) :]
    fresh = _bundles(phrases, places, rest, said, heard)
    whole = [_Group(m, rise, ()) for m, rise in zip(groups, first, strict=True)]
    for bundle in fresh:
        whole = _with(whole, bundle, heard, said)
    kept = [one for one in whole if _people(heard, said, one.members) >= least]
    names = naming.names(
        [one.members for one in kept], index, said.words, heard.who[said.text], least=SPOKEN
    )
    found = [
        Found(
            naming.together(one.name, name), *_typical(said, one.members), _whole(one, said, heard)
        )
        for one, name in zip(kept, names, strict=True)
    ]
    return sorted((one for one in found if one.name), key=_order)


@dataclass(frozen=True)
class _Group:
    members: Ints
    rise: Rise
    name: tuple[str, ...]


def _people(heard: Heard, said: Clauses, members: Ints) -> int:
    return len(np.unique(heard.who[said.text[members]]))


def _counted(heard: Heard, said: Clauses, members: Ints) -> Ints:
    """Return how many people say it in each period."""
    text = said.text[members]
    pairs = np.unique(np.stack([heard.period[text], heard.who[text]]), axis=1)
    return np.bincount(pairs[0], minlength=len(heard.voices)).astype(np.int64)


def _bundles(
    phrases: Sequence[str],
    places: Sequence[Ints],
    risen: Sequence[Rise],
    said: Clauses,
    heard: Heard,
) -> list[_Group]:
    """Return the phrases that rose, those said in the same clauses together."""
    last = len(heard.voices) - 1
    sure = [k for k, rise in enumerate(risen) if rise.p < FALSE and rise.now >= SPOKEN]
    found: list[_Group] = []
    for k in sorted(sure, key=lambda k: (risen[k].p, -risen[k].now, phrases[k])):
        now = places[k][heard.period[said.text[places[k]]] == last]
        near = next((i for i, g in enumerate(found) if _share(now, g.members) >= _OVERLAP), None)
        if near is None:
            found.append(_Group(places[k], risen[k], (phrases[k],)))
        else:
            old = found[near]
            joined = np.union1d(old.members, places[k])
            found[near] = _Group(joined, old.rise, (*old.name, phrases[k]))
    return found


def _whole(one: _Group, said: Clauses, heard: Heard) -> Rise:
    """Return how all of a group rose, as surely as the strongest phrase in it did."""
    counts = Counts.of([_counted(heard, said, one.members)], heard.voices)
    return replace(rises(counts)[0], p=one.rise.p)


def _share(some: Ints, among: Ints) -> float:
    return float(np.isin(some, among).mean()) if len(some) else 0.0


def _with(groups: list[_Group], new: _Group, heard: Heard, said: Clauses) -> list[_Group]:
    """Return the groups with what rose among them: a group of its own, or the one it fills."""
    last = len(heard.voices) - 1
    now = new.members[heard.period[said.text[new.members]] == last]
    for k, one in enumerate(groups):
        mine = one.members[heard.period[said.text[one.members]] == last]
        if _share(now, mine) >= _OVERLAP and _share(mine, now) >= _OVERLAP:
            better = min(one.rise, new.rise, key=lambda rise: rise.p)
            joined = _Group(np.union1d(one.members, new.members), better, one.name + new.name)
            return [*groups[:k], joined, *groups[k + 1 :]]
    left = [_Group(np.setdiff1d(one.members, new.members), one.rise, one.name) for one in groups]
    return [*left, new]


def _typical(said: Clauses, members: Ints) -> tuple[Ints, Floats]:
    """Return the members, the most typical first, and their centre."""
    centre = said.vector[members].sum(axis=0)
    centre /= max(float(np.linalg.norm(centre)), 1e-9)
    return members[np.argsort(-(said.vector[members] @ centre), kind="stable")], centre


def _order(one: Found) -> tuple[float, float, int]:
    rose = one.rise.p < FALSE
    return (0 if rose else 1, one.rise.p if rose else 0.0, -len(one.members))


def matched(old: Floats, new: Floats) -> list[int | None]:
    """Return of each new centre the old one that it continues, each at most once (Kuhn 1955)."""
    if not len(old) or not len(new):
        return [None] * len(new)
    alike = new @ old.T
    rows, columns = scipy.optimize.linear_sum_assignment(-alike)
    found: list[int | None] = [None] * len(new)
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        if alike[row, column] >= SAME:
            found[row] = column
    return found
