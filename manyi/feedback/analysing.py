"""Reads what people wrote: `analyse_waiting` turns texts into readings and findings.

The model works outside any transaction; a short one then stores what it found, unless the
record has changed or another worker was faster.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import RawSQL

from manyi.base import memory
from manyi.feedback import outside, rows, talks, taxonomy, verdicts
from manyi.feedback.models import FeedbackRecord, TalkReading, TaxonomyVersion
from manyi.feedback.taxonomy import Generation
from manyi.text import Analysis, accurate, analyse, mask_all, store
from manyi.text.corrected import corrected
from manyi.text.findings import POLARITIES
from manyi.text.learned import relearned

# Texts read before what was made of them is stored: some seconds' work on a busy machine. The
# accurate tier reads some 150 a second.
BATCH, ACCURATE_BATCH = 2_000, 200
# Batches that one turn reads at most, so that other steps come to their turn.
TURN = 5
MOST_COUNTED = 100_000
# Each holds the write lock for a few milliseconds only.
_STORED_AT_ONCE = 250
# Written into the statement: SQLite uses the index of unread words for nothing that it is handed.
_NO_WORDS = RawSQL("''", ())
# A survey still under way is read when it is complete, or given up.
READABLE = ~Q(verbatim=_NO_WORDS) & (Q(completed_at__isnull=False) | Q(is_partial=True))


@dataclass(frozen=True)
class Text:
    """A text to be read, as it stood when it was fetched."""

    organisation: int
    record: int
    revision: int
    verbatim: str


@dataclass(frozen=True)
class _Read:
    """A text with what each living generation makes of it."""

    text: Text
    masked: str
    said: tuple[tuple[int, Analysis], ...]


def waiting() -> QuerySet[FeedbackRecord]:
    """Return the records whose words nobody has read yet."""
    return FeedbackRecord.objects.filter(READABLE, analysed_at=None)


def waiting_of(organisation_id: int) -> int:
    """Return how many texts of an organisation wait; counting stops at MOST_COUNTED."""
    # The sum keeps SQLite from walking all of an organisation's records instead of the unread.
    mine = waiting().annotate(of=F("organisation_id") + 0).filter(of=organisation_id)
    return mine.order_by()[:MOST_COUNTED].count()


def rereading(organisation_id: int) -> TaxonomyVersion | None:
    """Return the re-reading under way, whose progress a page can show."""
    states = (TaxonomyVersion.State.WAITING, TaxonomyVersion.State.RUNNING)
    mine = TaxonomyVersion.objects.filter(organisation_id=organisation_id, state__in=states)
    return mine.order_by("-number").first()


def model(organisation_id: int | None = None) -> str:
    """Return name and version of the model that reads, an organisation's own head included."""
    built_in = store.version(accurate.chosen())
    if organisation_id is None:
        return built_in
    learned = taxonomy.current(organisation_id).learned
    return built_in if learned is None else learned.name


def warm() -> None:
    """Load the model, so that no transaction has to wait for it."""
    analyse([""])


def size() -> int:
    """Return how many texts are read before what was made of them is stored."""
    return ACCURATE_BATCH if accurate.chosen() == store.TIER_B else BATCH


def analyse_waiting(*, now: datetime) -> int:
    """Read the texts that wait, up to TURN batches. A loop step; returns how many it read."""
    done = 0
    while done < TURN * size() and (batch := _next()):
        stored = sum(_analyse(organisation, texts, now) for organisation, texts in batch.items())
        done += stored
        memory.give_back()  # texts differ in length, and what they leave free fits no other
        if not stored:
            break
    return done


def _next() -> dict[int, list[Text]]:
    found: dict[int, list[Text]] = defaultdict(list)
    fields = ("organisation_id", "pk", "revision", "verbatim")
    for row in waiting().order_by("pk").values_list(*fields)[: size()]:
        found[row[0]].append(Text(*row))
    return found


def _analyse(organisation: int, texts: Sequence[Text], now: datetime) -> int:
    living = taxonomy.living(organisation)
    read = _read(texts, taxonomy.generations(organisation, living))
    heard = talks.read([one.record for one in texts])
    return sum(
        _store(organisation, living, read[at : at + _STORED_AT_ONCE], heard, now)
        for at in range(0, len(read), _STORED_AT_ONCE)
    )


def _read(texts: Sequence[Text], generations: Iterable[Generation]) -> list[_Read]:
    by, found = list(generations), list[_Read]()
    for words in accurate.together([one.verbatim for one in texts]):
        with accurate.heard_once():
            masked = mask_all(words)
            read = _read_by(texts[len(found) : len(found) + len(words)], by)
        found += [replace(one, masked=m.text) for one, m in zip(read, masked, strict=True)]
    return found


def _read_by(texts: Sequence[Text], generations: Iterable[Generation]) -> list[_Read]:
    words = [one.verbatim for one in texts]
    by_each = [(g.number, read_by(words, g)) for g in generations]
    return [
        _Read(text, "", tuple((n, said[i]) for n, said in by_each)) for i, text in enumerate(texts)
    ]


def read_by(words: Sequence[str], by: Generation) -> list[Analysis]:
    """Return what a generation makes of texts, before any person corrects it."""
    said = analyse(words, taxonomy=by.taxonomy)
    return said if by.learned is None else relearned(words, said, by.learned)


def _store(
    organisation: int,
    living: tuple[int, ...],
    read: Sequence[_Read],
    heard: Mapping[int, TalkReading],
    now: datetime,
) -> int:
    """Store what was read of records that are as they were; the rest is thrown away."""
    with transaction.atomic():
        if taxonomy.living(organisation) != living:
            return 0
        mine = _unchanged(read, analysed_at=None)
        ids = [one.text.record for one in mine]
        rows.forget_read(ids)
        rows.insert("readings", list(_readings(mine)))
        rows.insert("findings", list(_findings(mine)))
        talks.keep(heard, ids)
        rows.mark_read([(rows.moment(now), one.masked, one.text.record) for one in mine])
    return len(mine)


def read_again(texts: Sequence[Text], by: Generation) -> None:
    """Read texts by one more generation and store it beside those there are."""
    read = _read_by(texts, [by])
    heard = talks.read([one.record for one in texts])
    for at in range(0, len(read), _STORED_AT_ONCE):
        part = read[at : at + _STORED_AT_ONCE]
        with transaction.atomic():
            mine = _unchanged(part, analysed_at__isnull=False)
            ids = [one.text.record for one in mine]
            rows.forget_read(ids, by.number)
            rows.insert("readings", list(_readings(mine)))
            rows.insert("findings", list(_findings(mine)))
            talks.keep(heard, ids)
            FeedbackRecord.objects.filter(pk__in=ids).update(mentions_due=True)


def _unchanged(read: Sequence[_Read], **where: Any) -> list[_Read]:
    same = FeedbackRecord.objects.filter(
        pk__in=[one.text.record for one in read], **where
    ).select_for_update(of=("self",))
    current = dict(same.values_list("pk", "revision"))
    return _corrected([r for r in read if current.get(r.text.record) == r.text.revision])


def _corrected(read: Sequence[_Read]) -> list[_Read]:
    """Let what people said stand; asked under the lock, so that none is missed."""
    read = _by_outsiders(read)
    said = verdicts.of_records([one.text.record for one in read])
    return [_with(one, said[one.text.record]) if one.text.record in said else one for one in read]


def _by_outsiders(read: Sequence[_Read]) -> list[_Read]:
    """Let what an outside model said stand before our own; a person's word stands before both."""
    said = outside.of_records([one.text.record for one in read])
    if not said:
        return list(read)
    numbers = [n for n, _ in read[0].said]
    mine = taxonomy.generations(read[0].text.organisation, numbers)
    known = {one.number: {a.code for a in one.taxonomy.aspects} for one in mine}
    return [
        replace(one, said=tuple((n, outside.laid(text, a, by, known[n])) for n, a in one.said))
        if (by := said.get(one.text.record)) and (text := one.text.verbatim)
        else one
        for one in read
    ]


def _with(read: _Read, said: Sequence[verdicts.Stored]) -> _Read:
    text = read.text.verbatim
    fitting = verdicts.fitting(text, said)
    return replace(read, said=tuple((n, corrected(text, one, fitting)) for n, one in read.said))


def _readings(read: Iterable[_Read]) -> Iterator[tuple[Any, ...]]:
    for one in read:
        for number, said in one.said:
            yield (
                one.text.record,
                number,
                sign(said.polarity),
                said.score,
                said.emotion or "",
                _padded(said.intents),
                _padded(said.flags),
                said.language,
                said.model,
            )


def _padded(codes: Sequence[str]) -> str:
    """Return codes with a blank on both sides of each, so that one is found as ` code `."""
    return f" {' '.join(codes)} " if codes else ""


def _findings(read: Iterable[_Read]) -> Iterator[tuple[Any, ...]]:
    for one in read:
        for number, said in one.said:
            for found in said.findings:
                yield (
                    one.text.record,
                    number,
                    found.aspect or "",
                    sign(found.polarity),
                    found.score,
                    found.start,
                    found.end,
                    rows.document([found.aspect_at, found.opinion_at]),
                )


def sign(polarity: str) -> int:
    """Return -1, 0 or 1."""
    return POLARITIES.index(polarity) - 1
