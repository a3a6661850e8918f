"""The nightly recount: the lake and the database have to agree. A loop step."""

from __future__ import annotations

from datetime import datetime

from manyi.base.log import logger
from manyi.lake import checking, writing

log = logger(__name__)


def recount(*, now: datetime) -> int:
    """Make the lake again where it disagrees with the database; return how many disagreements."""
    found = checking.recount()
    for one in found:
        log.error("lake_disagrees", organisation=one.organisation, table=one.table, month=one.month)
    if found:
        writing.rebuild(now, {one.organisation for one in found})
    return len(found)
