"""What the first page of a process would wait for, done before it is asked."""

from __future__ import annotations

import importlib
from collections import defaultdict
from collections.abc import Iterable, Mapping

from manyi.lake import engine
from manyi.lake.columns import layout, parts
from manyi.lake.columns.words import Lexicon, lexicon
from manyi.lake.content import content
from manyi.lake.expressions import Shape, compiled
from manyi.lake.models import LakeFile
from manyi.lake.tables import MENTIONS, SCORES

# So many organisations' files of scores are opened, of so many months.
_MOST, _MONTHS = 20, 26
_COUNTED_BY = {
    SCORES: ("customer", "survey", "worst", "best", "value"),
    MENTIONS: ("customer", "survey", "unit", "aspect", "polarity"),
}

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
    importlib.import_module("pyarrow.acero")  # what gathers and sorts rows
    # Last, since no first page needs it: what the first analysis would wait a second for.
    importlib.import_module("scipy.stats")


def open_columns() -> None:
    """Open what the first Overview counts, then what themes do, and give customers their codes.

    That takes as long as counting itself does.
    """
    for table in _COUNTED_BY:
        files: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        live = LakeFile.objects.filter(table=table, replaced_at=None).order_by("month")
        for organisation, month, path in live.values_list("organisation_id", "month", "path"):
            files[organisation][month].append(str(engine.folder() / path))
        for organisation in sorted(files)[:_MOST]:
            _open(table, files[organisation], lexicon(str(organisation)))


def _open(table: str, months: Mapping[str, Iterable[str]], words: Lexicon) -> None:
    for paths in list(months.values())[-_MONTHS:]:
        for path in paths:
            try:
                part = parts.opened(table, path, words)
            except OSError:  # not laid out yet
                continue
            for name in _COUNTED_BY[table]:
                part.shared(name)
            part.runs_of((None,) * len(layout.FIRST[table]))
    for paths in list(months.values())[-2:]:
        content(paths)
