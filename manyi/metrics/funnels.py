"""Units against what chance alone allows: the funnel of a level of the tree."""

from __future__ import annotations

from dataclasses import dataclass

from manyi.kit.selection import Selection
from manyi.metrics.measured import Measured
from manyi.metrics.rows import Row
from manyi.metrics.units import Asked
from manyi.stats.funnels import Funnel, funnel_plot


@dataclass(frozen=True)
class Compared:
    """The rows of the units that may be shown, by their code, and the funnel around them."""

    rows: dict[str, Row]
    funnel: Funnel[str]


def funnel(
    selection: Selection, metric: str, item: str | None, *, depth: int, level: float = 0.95
) -> Compared | None:
    """Return the units of a level with enough answers; None for fewer than two of them, or
    where the number could not be computed."""
    asked = Asked(selection, metric, item, level, depth)
    found = asked.peers().found
    return None if found.failed else asked.once("funnel", lambda: _around(found))


def _around(found: Measured) -> Compared | None:
    rows = {key: found.row(key) for key in found.keys if key not in found.hidden}
    shown = {key: one for key, one in rows.items() if one.ok and one.group["unit"] is not None}
    if len(shown) < 2:
        return None
    settled = found.settled
    moments = {str(one.group["unit"]): found.moments(key) for key, one in shown.items()}
    drawn = funnel_plot(moments, settled.metric, settled.scale)
    if drawn is None or drawn.sd <= 0:
        return None
    return Compared({str(one.group["unit"]): one for one in shown.values()}, drawn)
