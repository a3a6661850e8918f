"""How the voices of a selection feel: the share of each emotion, with its interval and n."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from manyi.base.log import logger
from manyi.kit.problems import Problem
from manyi.kit.scale import Scale
from manyi.kit.selection import Selection
from manyi.metrics import guard
from manyi.metrics.rows import OK, SUPPRESSED, TOO_FEW, Row, shown
from manyi.metrics.settled import Key
from manyi.metrics.themes import LEVEL, SHARE, share_of
from manyi.metrics.voiced import Heard, heard
from manyi.stats.metrics import estimate
from manyi.stats.moments import Moments, empty
from manyi.text.findings import EMOTIONS

log = logger(__name__)
_SHARES = Scale(0, 1)


@dataclass(frozen=True)
class Emotion:
    """One emotion in one group: of the voices with words, how many show it; `n` None where
    hidden. The share is reckoned when it is asked for: of many groups a page shows a few."""

    code: str
    group: Mapping[str, str | None]
    n: int | None
    _key: Key = field(repr=False)
    _in: _Felt = field(repr=False)

    @cached_property
    def share(self) -> Row:
        everybody = self._in.whole.of(self._key)
        found = estimate(
            SHARE, share_of(everybody, self._in.those.of(self._key)), _SHARES, level=self._in.level
        )
        status = TOO_FEW if everybody.count < self._in.least.precision_n else OK
        status = SUPPRESSED if self.n is None else status
        return Row(self.group, None, None, status, shown(found, status))


@dataclass(frozen=True)
class _Voices:
    """The voices of a selection by group, and of which groups all may be told."""

    selection: Selection
    heard: Heard

    def of(self, key: Key) -> Moments:
        at = self.heard.places.get(key)
        return empty() if at is None else self.heard.moments_of(at, self.heard.told(at), None)

    def n(self, key: Key) -> int:
        at = self.heard.places.get(key)
        return 0 if at is None else int(self.heard.n[at])

    def is_told(self, key: Key) -> bool:
        """Whether all voices of a group are told, over the whole of the period."""
        at = self.heard.places.get(key)
        is_shortened = any(share.asked != self.selection for share in self.heard.shares)
        is_part = at is not None and (self.heard.silent[at] or self.heard.partly[at])
        return not (is_shortened or is_part)


@dataclass(frozen=True)
class _Felt:
    """All voices, and those of them who feel one way."""

    code: str
    whole: _Voices
    those: _Voices
    least: guard.Limits
    level: float

    def rows(self) -> Iterator[Emotion]:
        groups = zip(self.whole.heard.voices.codes, self.whole.heard.voices.groups, strict=True)
        for key, group in dict(groups if self.whole.selection.by else [((), {})]).items():
            is_told = self.whole.is_told(key) and self.those.is_told(key)
            n = self.those.n(key) if is_told else None
            yield Emotion(self.code, group, n, key, self)


def emotions(selection: Selection, *, level: float = LEVEL) -> tuple[Emotion, ...] | None:
    """Return the emotions of a selection by its groups, most frequent first; None where reading
    failed.

    Each is told only where all of its voices, and all voices of its group, are: it says nothing
    that the same selection narrowed to the emotion does not say as well.
    """
    plain = selection.split(*selection.by)
    try:
        return _emotions(plain, guard.limits(selection.scope), level)
    except Problem:
        raise
    except Exception:  # a page says "failed" and never "no data"
        log.exception("emotions_failed", organisation=selection.scope.organisation_id)
        return None


def _emotions(selection: Selection, least: guard.Limits, level: float) -> tuple[Emotion, ...]:
    whole = _Voices(selection, heard(selection, least))
    asked = selection.where.get("emotion", ()) or EMOTIONS
    found = [
        one
        for code in EMOTIONS
        if code in asked
        for one in _Felt(code, whole, _narrowed(selection, code, least), least, level).rows()
    ]
    return tuple(sorted(found, key=lambda one: (-(one.n or 0), one.code, str(one.group))))


def _narrowed(selection: Selection, code: str, least: guard.Limits) -> _Voices:
    own = selection.narrowed(emotion=code)
    return _Voices(own, heard(own, least))
