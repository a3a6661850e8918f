"""Which part of a selection, and which of its groups, may be told as a watch finds."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from manyi.kit.selection import Selection
from manyi.lake import queries as lake
from manyi.metrics import guard
from manyi.metrics.at_once import refused_of
from manyi.metrics.conditions import spans
from manyi.metrics.differencing import Key, Watch
from manyi.metrics.settling import settled


def kept_part(selection: Selection, keys: Collection[Key] | None, watch: Watch) -> Selection:
    """Return the selection in the part of its period that may be told of these anonymous groups,
    or (None) of all that there are.

    It is the whole where nobody is anonymous, where no part may be told, and with intervals,
    of which each is judged by itself.
    """
    is_nobody = keys is not None and not keys
    if is_nobody or selection.when is None or selection.interval is not None:
        return selection
    when, asked = selection.when, None if keys is None else frozenset(keys)
    found = settled(watch, ("kept", when, asked), lambda: watch.kept(when, keys))
    return selection.during(found or when)


def hidden(selection: Selection, people: Mapping[Key, int], watch: Watch) -> frozenset[Key]:
    """Return which groups to hide; `people` counts the anonymous ones of those that have any."""
    if not people:
        return frozenset()
    name = ("hidden", selection.key, tuple(people.items()))
    return settled(watch, name, lambda: _hidden(selection, people, watch))


def _hidden(selection: Selection, people: Mapping[Key, int], watch: Watch) -> frozenset[Key]:
    refused = refused_of(watch, dict(spans(selection, people)))
    return guarded(selection, people, watch, refused)


def guarded(
    selection: Selection, people: Mapping[Key, int], watch: Watch, refused: Collection[Key]
) -> frozenset[Key]:
    """Return which groups to hide where some are refused."""
    by_unit = selection.by.index("unit") if "unit" in selection.by else None
    above = watch.above if by_unit is not None else None
    found = guard.hidden(people, watch.minimum_n, unit_at=by_unit, above=above, also=refused)
    return frozenset(found)


def records_told(selection: Selection) -> Selection | None:
    """Return the part of an ungrouped selection whose records may be told; None for none."""
    limits = guard.limits(selection.scope)
    watch = Watch(selection, None, None, limits)
    if not any(one.n_anonymous for one in lake.counts(selection)):
        return selection
    codes = watch.surveys([selection.when])
    each = [watch if code is None else watch.within(code) for code in codes]
    part = kept_part(selection, {()}, each[0] if len(each) == 1 else watch)
    return None if any(one.refuses((), part.when) for one in each) else part
