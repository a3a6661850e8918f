"""Which models made the readings that count: that in force, and after an upgrade an earlier one.

Told from readings spread evenly over all records, since counting a million takes too long for
a page. What is read anew is read by the model in force; `again` has all of it read by that.
"""

from __future__ import annotations

from datetime import datetime

from manyi.accounts.models import Member
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
    """Return records that were read, evenly from the first to the last."""
    mine = FeedbackRecord.objects.filter(organisation_id=organisation_id, analysed_at__isnull=False)
    # By moment, as the index orders an organisation's records.
    read = mine.exclude(verbatim="").order_by("occurred_at", "pk")
    first, last = (
        rows.values_list("occurred_at", flat=True).first() for rows in (read, read.reverse())
    )
    if first is None or last is None:
        return []
    steps = (first + (last - first) * k / (PROBES - 1) for k in range(PROBES))
    found = (read.filter(occurred_at__gte=at).values_list("pk", flat=True).first() for at in steps)
    return [pk for pk in found if pk is not None]


def again(*, by: Member, now: datetime) -> TaxonomyVersion:
    """Have all texts read again by the model in force and the same taxonomy; raises Problem."""
    mine = TaxonomyVersion.objects.filter(organisation_id=by.organisation_id, is_current=True)
    row = mine.first()
    pack, own = (row.pack, row.own) if row else (GENERAL, [])
    return rereading.choose(by=by, pack_code=pack, own=own, now=now)
