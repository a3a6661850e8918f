"""Conversations on their way through the house: read once with their words, kept beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from manyi.feedback import standard
from manyi.feedback.models import FeedbackRecord, TalkReading
from manyi.text import rubric, talks
from manyi.text.rubric import Verdict
from manyi.text.standard import asked_in
from manyi.text.talks import CUSTOMER, Course

LONGEST = 100_000


def spoken(turns: Iterable[tuple[str, datetime | None, str]]) -> str:
    """Return what the customer said in a conversation, a line a turn."""
    said = (text for role, at, text in turns if talks.Turn(role, text).side == CUSTOMER)
    return "\n".join(text for text in said if text)[:LONGEST]


def read(record_ids: Sequence[int]) -> dict[int, TalkReading]:
    """Return what is made of those records that are conversations, not yet stored."""
    found = standard.turns_of(record_ids)
    whose = FeedbackRecord.objects.filter(pk__in=found)
    fields = ("pk", "organisation_id", "agent_id", "channel")
    owners = {pk: _Owner(*rest) for pk, *rest in whose.values_list(*fields)}
    ids = [pk for pk in found if pk in owners]
    courses = talks.courses([found[pk] for pk in ids])
    by = {one: _standard(one) for one in {owners[pk].organisation for pk in ids}}
    return {
        pk: _reading(pk, owners[pk], course, found[pk], *by[owners[pk].organisation])
        for pk, course in zip(ids, courses, strict=True)
    }


@dataclass(frozen=True)
class _Owner:
    """Whose a conversation is, who served, and through what."""

    organisation: int
    agent: int | None
    channel: str


def _standard(organisation: int) -> tuple[int, standard.Items]:
    # The number first: what is judged by a newer one is then judged once more, not too seldom.
    return standard.number(organisation), standard.current(organisation)


def _reading(
    pk: int,
    owner: _Owner,
    one: Course,
    turns: Sequence[talks.Turn],
    number: int,
    items: standard.Items,
) -> TalkReading:
    chances = one.chances or (None, None, None)
    judged = rubric.by_standard(turns, one.moods, asked_in(items, owner.channel))
    return TalkReading(
        record_id=pk,
        organisation_id=owner.organisation,
        agent_id=owner.agent,
        satisfied=chances[2],
        dissatisfied=chances[0],
        moods=list(one.moods),
        first_response=one.waits.first,
        mean_response=one.waits.mean,
        longest_response=one.waits.longest,
        items=standard.stored(judged.verdicts),
        kept=judged.kept,
        standard=number,
        model=one.model,
    )


def keep(found: Mapping[int, TalkReading], record_ids: Iterable[int]) -> None:
    """Store what was made of those records, in place of what was stored before."""
    mine = [found[pk] for pk in record_ids if pk in found]
    if mine:
        TalkReading.objects.filter(pk__in=[one.pk for one in mine])._raw_delete("default")
        TalkReading.objects.bulk_create(mine)


@dataclass(frozen=True)
class Read:
    """A conversation as it was read; `items` by code, each with the turns it rests on."""

    satisfied: float | None
    dissatisfied: float | None
    moods: tuple[float | None, ...]
    first_response: float | None
    mean_response: float | None
    longest_response: float | None
    items: Mapping[str, Verdict]
    kept: float | None
    standard: int
    model: str

    def to_dict(self) -> dict[str, Any]:
        """Return the same as JSON-ready values."""
        verdicts = [asdict(one) for one in self.items.values()]
        return {**asdict(self), "moods": list(self.moods), "items": verdicts}


def of_record(record: FeedbackRecord) -> Read | None:
    """Return how a conversation was read; None where it was not, or is none."""
    row = TalkReading.objects.filter(record=record).first()
    if row is None:
        return None
    items = row.items.items()
    return Read(
        row.satisfied,
        row.dissatisfied,
        tuple(row.moods),
        row.first_response,
        row.mean_response,
        row.longest_response,
        {code: Verdict(code, result, tuple(turns)) for code, (result, turns) in items},
        row.kept,
        row.standard,
        row.model,
    )
