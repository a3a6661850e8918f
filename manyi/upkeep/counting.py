"""The daily recount: the lake and the database have to agree. The loop runs it in a process of
its own, `manyi recount`, since it opens the engine that the worker has no other use for."""

from __future__ import annotations

from datetime import datetime

from manyi.base.log import logger
from manyi.kit.problems import Problem
from manyi.lake import checking, writing
from manyi.lake.checking import Difference

log = logger(__name__)


def recount(*, now: datetime) -> int:
    """Make the lake again where it disagrees with the database; return how many disagreements."""
    try:
        found = differences()
    except Problem as problem:
        log.error("lake_unreadable", said=problem.params["said"])
        writing.rebuild(now)
        return 1
    for one in found:
        log.error("lake_disagrees", organisation=one.organisation, table=one.table, month=one.month)
    if found:
        writing.rebuild(now, {one.organisation for one in found})
    return len(found)


def differences() -> list[Difference]:
    """Return where lake and database disagree; raises Problem where files are lost or damaged."""
    import duckdb  # when first needed: it takes a while to load
    import pyarrow as pa

    try:
        return checking.recount()
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise Problem("doctor.lake_unreadable", said=str(error).splitlines()[0][:200]) from error
