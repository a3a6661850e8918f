"""Conversations on their way through the house: read once with their words, kept beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from manyi.feedback.models import FeedbackRecord, TalkReading, Turn
from manyi.text import rubric, talks
from manyi.text.rubric import Verdict
from manyi.text.talks import CUSTOMER, Course

LONGEST = 100_000


def spoken(turns: Iterable[tuple[str, datetime | None, str]]) -> str:
    """Return what the customer said in a conversation, a line a turn."""
    said = (text for role, at, text in turns if talks.Turn(role, text).side == CUSTOMER)
    return "\n".join(text for text in said if text)[:LONGEST]


def read(record_ids: Sequence[int]) -> dict[int, TalkReading]:
    """Return what is made of those records that are conversations, not yet stored."""
    found = _turns(record_ids)
    whose = FeedbackRecord.objects.filter(pk__in=found)
    owners = {pk: rest for pk, *rest in whose.values_list("pk", "organisation_id", "agent_id")}
    ids = [pk for pk in found if pk in owners]
    said = [found[pk] for pk in ids]
    courses = talks.courses(said)
    verdicts = rubric.rubric(said, [one.moods for one in courses])
    read = zip(ids, courses, verdicts, strict=True)
    return {pk: _reading(pk, owners[pk], one, judged) for pk, one, judged in read}


def _turns(record_ids: Sequence[int]) -> dict[int, list[talks.Turn]]:
    rows = Turn.objects.filter(record_id__in=record_ids).order_by("record_id", "position")
    found: dict[int, list[talks.Turn]] = defaultdict(list)
    for record, role, text, at in rows.values_list("record_id", "role", "text", "at"):
        found[record].append(talks.Turn(role, text, at))
    return found


def _reading(pk: int, owner: list[Any], one: Course, judged: Sequence[Verdict]) -> TalkReading:
    organisation, agent = owner
    chances = one.chances or (None, None, None)
    return TalkReading(
        record_id=pk,
        organisation_id=organisation,
        agent_id=agent,
        satisfied=chances[2],
        dissatisfied=chances[0],
        moods=list(one.moods),
        first_response=one.waits.first,
        mean_response=one.waits.mean,
        longest_response=one.waits.longest,
        items={v.item: [v.result, list(v.turns)] for v in judged},
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
        row.model,
    )
