"""Scores of several scales made comparable: as one index or share, never as a raw mean."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from manyi.kit.scale import Scale
from manyi.lake.queries import GroupMoments
from manyi.metrics.registry import FAMILIES
from manyi.stats.moments import FloatArray, Moments, empty, from_cells, merge_all
from manyi.stats.result import Note
from manyi.stats.scoring import Box, Metric

Key = tuple[Hashable, ...]
_USUAL = {"nps": Scale(0, 10), "ces": Scale(1, 7)}


@dataclass(frozen=True)
class Settled:
    """Scores of many groups on one scale, and the metric to work out on it."""

    metric: Metric
    scale: Scale
    groups: Mapping[Key, Moments]
    anonymous: Mapping[Key, int]
    left_out: Mapping[Key, int]

    def moments(self, key: Key) -> Moments:
        """Return a group's moments, those of no answers where it has none."""
        return self.groups.get(key) or empty()

    def notes(self, key: Key) -> tuple[Note, ...]:
        """Return what to say of scores on other scales that could not be averaged in."""
        count = self.left_out.get(key, 0)
        return (Note("other_scales", {"count": count}),) if count else ()


def settle(metric: Metric, found: Iterable[tuple[Key, GroupMoments]]) -> Settled:
    """Bring the scores of all groups onto one scale.

    On one scale they stay as they are. Of several scales, shares, indices and NPS are worked
    out answer by answer on each one's own scale and then put together; means are not, since
    4 of 5 and 4 of 10 have no mean: the scale with the most answers is taken.
    """
    entries = _one_family(list(found))
    sizes: Counter[Scale] = Counter()
    for _, one in entries:
        sizes[one.scale] += one.moments.count
    if not sizes:
        return Settled(metric, _USUAL.get(metric.kind, Scale(1, 5)), {}, {}, {})
    usual = min(sizes, key=lambda scale: (-sizes[scale], scale.worst, scale.best))
    if len(sizes) == 1:
        return _gathered(metric, usual, entries, {})
    if metric.form == "mean":
        return _on_usual(metric, usual, entries)
    return _scored(metric, entries)


def _one_family(entries: list[tuple[Key, GroupMoments]]) -> list[tuple[Key, GroupMoments]]:
    there = {one.family for _, one in entries}
    chosen = next((family for family in FAMILIES if family in there), None)
    return [(key, one) for key, one in entries if one.family == chosen]


def _gathered(
    metric: Metric,
    scale: Scale,
    entries: Iterable[tuple[Key, GroupMoments]],
    left_out: Mapping[Key, int],
) -> Settled:
    parts: dict[Key, list[Moments]] = defaultdict(list)
    anonymous: Counter[Key] = Counter()
    for key, one in entries:
        parts[key].append(one.moments)
        anonymous[key] += one.n_anonymous
    groups = {key: ms[0] if len(ms) == 1 else merge_all(ms) for key, ms in parts.items()}
    return Settled(metric, scale, groups, anonymous, left_out)


def _on_usual(metric: Metric, usual: Scale, entries: list[tuple[Key, GroupMoments]]) -> Settled:
    left_out: Counter[Key] = Counter()
    for key, one in entries:
        if one.scale != usual:
            left_out[key] += one.moments.count
    kept = [(key, one) for key, one in entries if one.scale == usual]
    return _gathered(metric, usual, kept, left_out)


def _scored(metric: Metric, entries: list[tuple[Key, GroupMoments]]) -> Settled:
    worst = -100.0 if metric.form == "nps" else 0.0
    scored = [(key, replace(one, moments=_as_scores(metric, one))) for key, one in entries]
    plain = replace(metric, kind="any", score=_as_it_is)
    return _gathered(plain, Scale(worst, 100.0), scored, {})


def _as_it_is(values: FloatArray, scale: Scale, box: Box) -> FloatArray:
    return values


def _as_scores(metric: Metric, one: GroupMoments) -> Moments:
    """Return the moments of what each answer scores, rounded so that like scores meet."""
    own = one.moments
    y = np.round(metric.scores(own.values, one.scale), 9)
    plain = from_cells(y, None, own.n, own.w, own.w2, n_customers=own.n_customers)
    if own.by_group is None:
        return plain
    at = np.searchsorted(plain.values, y)
    by_group = np.zeros((own.by_group.shape[0], len(plain.values)))
    np.add.at(by_group.T, at, own.by_group.T)
    return replace(plain, by_group=by_group)
