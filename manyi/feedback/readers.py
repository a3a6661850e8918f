"""Which models made the readings that count: that in force, and after an upgrade an earlier one.

Told from readings spread evenly over all records, since counting a million takes too long for
a page. What is read anew is read by the model in force; `again` has all of it read by that.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from manyi.accounts.models import Member
from manyi.base.planning import beside_index
from manyi.feedback import analysing, rereading, taxonomy
from manyi.feedback.models import FeedbackRecord, Reading, TaxonomyVersion
from manyi.feedback.outside import PREFIX
from manyi.text.taxonomy import GENERAL

PROBES = 12


def models(organisation_id: int) -> list[str]:
    """Return the models of this installation that made what counts, the latest first; where
    nothing is read yet the one that will."""
    mine = Reading.objects.filter(
        generation=taxonomy.number(organisation_id), record_id__in=_spread(organisation_id)
    )
    read = mine.order_by("-record_id").values_list("model", flat=True)
    found = dict.fromkeys(one for one in read if not one.startswith(PREFIX))
    return list(found) or [analysing.model(organisation_id)]


def outdated(organisation_id: int) -> list[str]:
    """Return the models other than that in force which made some of what counts."""
    now = analysing.model(organisation_id)
    return [one for one in models(organisation_id) if one != now]


def _spread(organisation_id: int) -> list[int]:
    """Return records that were read, evenly from the first to the last: by moment, as the index
    orders an organisation's, and between those found by number, since moments may be alike."""
    all_ = FeedbackRecord.objects.filter(analysed_at__isnull=False).exclude(verbatim="")
    read = all_.filter(organisation_id=organisation_id).order_by("occurred_at", "pk")
    ends = [one.values_list("occurred_at", "pk").first() for one in (read, read.reverse())]
    if ends[0] is None or ends[1] is None:
        return []
    moments, numbers = zip(*ends, strict=True)
    found = {*numbers, *(_first(read.filter(occurred_at__gte=at)) for at in _steps(*moments))}
    found.discard(None)
    mine = all_.alias(_whose=beside_index("organisation_id")).filter(_whose=organisation_id)
    low, high = min(found), max(found)
    found |= {
        _first(mine.filter(pk__gte=low + (high - low) * k // PROBES).order_by("pk"))
        for k in range(PROBES)
    }
    return [pk for pk in found if pk is not None]


def _steps(first: datetime, last: datetime) -> list[datetime]:
    return [first + (last - first) * k / PROBES for k in range(1, PROBES)]


def _first(rows: QuerySet[FeedbackRecord]) -> int | None:
    return rows.values_list("pk", flat=True).first()


def again(*, by: Member, now: datetime) -> TaxonomyVersion:
    """Have all texts read again by the model in force and the same taxonomy; raises Problem."""
    mine = TaxonomyVersion.objects.filter(organisation_id=by.organisation_id, is_current=True)
    row = mine.first()
    pack, own = (row.pack, row.own) if row else (GENERAL, [])
    return rereading.choose(by=by, pack_code=pack, own=own, now=now)
