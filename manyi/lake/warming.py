"""What the first page of a process would wait for, done before it is asked."""

from __future__ import annotations

import importlib

from manyi.lake import engine
from manyi.lake.expressions import Shape, compiled
from manyi.lake.tables import SCORES

# What is counted, and whether of several periods at once.
_QUESTIONS = (
    ("pairs", True),
    ("cells_by_cluster", True),
    ("pairs", False),
    ("cells_by_cluster", False),
    ("cells", False),
    ("anonymous", False),
)


def warm() -> None:
    """Open the engine and make the questions that every page of numbers asks.

    Importing the engine takes a second, and what makes its questions half a second more.
    """
    engine.warm()
    for measure, is_sided in _QUESTIONS:
        for kind in ("cold", "hot"):
            shape = Shape(
                table=SCORES,
                measure=measure,
                sources=frozenset({f"{kind}_{SCORES}"}),
                fixed=("item", "metric"),
                interval="day" if measure == "anonymous" else None,
                sided=is_sided,
            )
            compiled(shape)
    # Last, since no first page needs it: what the first analysis would wait a second for.
    importlib.import_module("scipy.stats")
