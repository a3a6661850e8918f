"""What the first page of a process would wait for, done before it is asked."""

from __future__ import annotations

from manyi.lake import engine
from manyi.lake.expressions import Shape, compiled
from manyi.lake.tables import SCORES

_MEASURES = ("people_by_sides", "cells_by_cluster", "people", "cells", "anonymous")


def warm() -> None:
    """Open the engine and make the questions that every page of numbers asks.

    Importing the engine takes a second, and what makes its questions half a second more.
    """
    engine.warm()
    for measure in _MEASURES:
        for kind in ("cold", "hot"):
            shape = Shape(
                table=SCORES,
                measure=measure,
                sources=frozenset({f"{kind}_{SCORES}"}),
                fixed=("item", "metric"),
                interval="day" if measure == "anonymous" else None,
                sided=measure == "people_by_sides",
            )
            compiled(shape)
