"""What was found of anonymous answers is kept for as long as they are the same.

A tally of the lake stays the same object while the answers it counts and the organisation's
codes do (`lake.queries.anonymous_by_day`), so what was made of tallies, codes and the tree alone
needs no second look after an answer to another survey.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

from manyi.lake.tallies import Tally

T = TypeVar("T")
_MOST = 1024
_keeping = threading.Lock()
_kept: OrderedDict[Hashable, _Found] = OrderedDict()


class Source(Protocol):
    """Who looks at all anonymous answers, as `metrics.differencing` does."""

    @property
    def facet(self) -> str | None: ...
    @property
    def identity(self) -> Hashable: ...
    @property
    def used(self) -> Mapping[Any, Any]: ...
    def use(self, key: Any) -> Any: ...


@dataclass(frozen=True)
class _Found:
    value: Any
    used: Mapping[Any, Any]


def settled(source: Source, name: Hashable, find: Callable[[], T]) -> T:
    """Return `find()`, which asks nothing but `source`: what it found before, where all that was
    used then is what it would use now."""
    if source.facet is not None:  # mentions are counted anew each time
        return find()
    key = (name, source.identity)
    with _keeping:
        old = _kept.get(key)
    if old is not None and _is_alike(source, old.used):
        return cast(T, old.value)
    value = find()
    with _keeping:
        _kept[key] = _Found(value, {name: _reference(one) for name, one in source.used.items()})
        _kept.move_to_end(key)
        if len(_kept) > _MOST:
            _kept.popitem(last=False)
    return value


def _reference(used: Any) -> Any:
    # Only the lake keeps a tally: one that it has let go of will not come again.
    return weakref.ref(used) if isinstance(used, Tally) else used


def _is_alike(source: Source, used: Mapping[Any, Any]) -> bool:
    """Whether what was used then (something always was) is what would be used now."""
    return bool(used) and all(_is_same(source.use(key), then) for key, then in used.items())


def _is_same(now: Any, then: Any) -> bool:
    return now is then() if isinstance(then, weakref.ref) else bool(now == then)
