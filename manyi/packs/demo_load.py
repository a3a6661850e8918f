"""Loads the demo: once, and on from where a broken start left it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from manyi.accounts.models import Member, Organisation
from manyi.accounts.permissions import scope
from manyi.feedback.actions import mark_partial, receive_many
from manyi.feedback.analysing import analyse_waiting
from manyi.feedback.incoming import Incoming, read
from manyi.feedback.models import FeedbackRecord
from manyi.feedback.search import index_waiting
from manyi.feedback.submit import Context, submit_page
from manyi.lake import remembering
from manyi.lake import writing as lake
from manyi.packs.demo_house import CODE, STORES, build
from manyi.packs.demo_voices import A_BLOCK, voices
from manyi.surveys.models import SurveyVersion

BATCH = 1_000
BROKEN_OFF = 24  # a block


@dataclass(frozen=True)
class Loaded:
    """The demo's organisation, how many records it holds, and how many of them are new."""

    organisation: Organisation
    records: int
    new: int


def load(*, now: datetime, scale: int = 1) -> Loaded:
    """Load the demo of about 3,200 × `scale` records. Loading it twice loads it once."""
    organisation = Organisation.objects.filter(code=CODE, is_demo=True).first() or build(now)
    stored = FeedbackRecord.objects.filter(organisation=organisation)
    before = stored.count()
    if before < scale * (A_BLOCK + BROKEN_OFF):
        owner = organisation.members.filter(role=Member.Role.OWNER).earliest("pk")
        for block in range(scale):
            _load_block(owner, block, now)
        mark_partial(now=now)
        while analyse_waiting(now=now):
            pass
        lake.append(organisation.pk, now)
        remembering.append(organisation.pk, now)
        index_waiting()
    records = stored.count()
    return Loaded(organisation, records, records - before)


def _load_block(owner: Member, block: int, now: datetime) -> None:
    # Counted back from the founding, so that a second try makes the very same records.
    until = owner.organisation.created_at
    version = SurveyVersion.objects.select_related("survey").get(
        survey__organisation=owner.organisation
    )
    mine = scope(owner)
    made = (read(v, now=now) for v in voices(block, survey=version.survey.code, until=until))
    for batch in _batches(made):
        receive_many(mine, batch, now=now)
    _break_off(version, block, until)


def _batches(incoming: Iterator[Incoming]) -> Iterator[list[Incoming]]:
    while batch := list(islice(incoming, BATCH)):
        yield batch


def _break_off(version: SurveyVersion, block: int, until: datetime) -> None:
    """Answer the first page only, as people do whose bus arrives."""
    for i in range(BROKEN_OFF):
        submit_page(
            version,
            f"demo-{block}-{i}",
            "overall",
            {"overall": 1 + (i * 7) % 5},
            context=Context(language="zh-Hans", channel="qr", unit=STORES[i % len(STORES)].code),
            now=until - timedelta(days=2 + 3 * i, hours=i % 9),
        )
