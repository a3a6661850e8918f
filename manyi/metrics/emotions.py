"""How the voices of a selection feel: the share of each emotion, with its interval and n."""

from __future__ import annotations

from dataclasses import dataclass

from manyi.base.log import logger
from manyi.kit.problems import Problem
from manyi.kit.scale import Scale
from manyi.kit.selection import Selection
from manyi.metrics import guard
from manyi.metrics.rows import OK, SUPPRESSED, TOO_FEW, Row, shown
from manyi.metrics.themes import LEVEL, SHARE, share_of
from manyi.metrics.voiced import Heard, heard
from manyi.stats.metrics import estimate
from manyi.text.findings import EMOTIONS

log = logger(__name__)
_SHARES = Scale(0, 1)


@dataclass(frozen=True)
class Emotion:
    """One emotion: of the voices with words, how many show it; `n` None where hidden."""

    code: str
    share: Row
    n: int | None


def emotions(selection: Selection, *, level: float = LEVEL) -> tuple[Emotion, ...] | None:
    """Return the emotions of a selection, most frequent first; None where reading failed.

    Each is told only where all of its voices, and all voices of the selection, are: it says
    nothing that the same selection narrowed to the emotion does not say as well.
    """
    try:
        return _emotions(selection.split(), guard.limits(selection.scope), level)
    except Problem:
        raise
    except Exception:  # a page says "failed" and never "no data"
        log.exception("emotions_failed", organisation=selection.scope.organisation_id)
        return None


def _emotions(selection: Selection, least: guard.Limits, level: float) -> tuple[Emotion, ...]:
    whole = heard(selection, least)
    asked = selection.where.get("emotion", ()) or EMOTIONS
    found = [_emotion(code, selection, whole, least, level) for code in EMOTIONS if code in asked]
    return tuple(sorted(found, key=lambda one: (-(one.n or 0), one.code)))


def _emotion(
    code: str, selection: Selection, whole: Heard, least: guard.Limits, level: float
) -> Emotion:
    own = selection.narrowed(emotion=code)
    those = heard(own, least)
    is_told = _is_told(whole, selection) and _is_told(those, own)
    everybody = whole.moments()
    found = estimate(SHARE, share_of(everybody, those.moments()), _SHARES, level=level)
    status = TOO_FEW if everybody.count < least.precision_n else OK
    status = status if is_told else SUPPRESSED
    n = int(those.n.sum()) if is_told else None
    return Emotion(code, Row({}, None, None, status, shown(found, status)), n)


def _is_told(those: Heard, selection: Selection) -> bool:
    """Whether all voices of a selection are told, over the whole of its period."""
    is_shortened = any(share.asked != selection for share in those.shares)
    return not (is_shortened or those.silent.any() or those.partly.any())
