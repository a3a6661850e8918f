"""Texts read by the outside model, each by a question of its own; ours stand until then."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from manyi.connectors.llm import service
from manyi.connectors.models import LlmChoice, Summary, ThemeLabel
from manyi.feedback import analysing, outside, taxonomy
from manyi.feedback.models import FeedbackRecord, OutsideReading
from manyi.kit.problems import Problem
from manyi.outbound.chat import Question, Said
from manyi.outbound.http import Failed
from manyi.text.outside import material, reading
from manyi.text.personal import Masked
from manyi.text.taxonomy import Taxonomy

AT_ONCE, A_TURN = 4, 8
FORGOTTEN_AT_ONCE = 500


@dataclass(frozen=True)
class _Text:
    record: FeedbackRecord
    masked: Masked

    @property
    def may_leave(self) -> bool:
        """Whether it is short enough and speaks to people, not to a machine."""
        text = self.masked.text
        return len(text) <= material.LONGEST and not material.gives_orders(self.record.verbatim)


def read_due(*, now: datetime) -> int:
    """Have a few texts of each organisation read that allows it. A loop step."""
    done = _forget_due()
    if not service.stand().is_open(now):
        return done
    for row in LlmChoice.objects.filter(reads=True, agreed_at__isnull=False, is_forgetting=False):
        choice = service.agreed(row.organisation_id)
        if choice is not None and service.stand().is_open(now):
            done += _read(choice, now)
    return done


def _read(choice: LlmChoice, now: datetime) -> int:
    texts = [_Text(r, hidden(r)) for r in _waiting(choice)]
    if not texts:
        return 0
    by = taxonomy.current(choice.organisation_id).taxonomy
    sent = [one for one in texts if one.may_leave]
    questions = _afforded([question(one.masked, by) for one in sent], service.left(choice, now))
    if sent and not questions:
        return 0
    answers = _answers(questions)
    told = {one.record.pk: answer for one, answer in zip(sent, answers, strict=False)}
    return _take(choice, texts, told, by, now)


def _answers(questions: Sequence[Question]) -> list[Said | Failed]:
    """Ask a few at once, one alone after a failure, and none more once one has failed."""
    at_once = 1 if service.stand().code else AT_ONCE
    found: list[Said | Failed] = []
    with ThreadPoolExecutor(at_once) as pool:
        for at in range(0, len(questions), at_once):
            found += pool.map(service.fetch, questions[at : at + at_once])
            if any(service.has_failed(one) for one in found):
                break
    return found


def _waiting(choice: LlmChoice) -> Sequence[FeedbackRecord]:
    mine = FeedbackRecord.objects.filter(
        organisation_id=choice.organisation_id,
        pk__gt=choice.last_record,
        analysed_at__isnull=False,
    )
    rows = mine.exclude(verbatim="").select_related("customer", "agent").order_by("pk")
    return list(rows[:A_TURN])


def hidden(record: FeedbackRecord) -> Masked:
    """Return a record's text as it may leave: masked, and without the names we know."""
    return material.hidden(record.verbatim, known(record))


def known(record: FeedbackRecord) -> list[str]:
    """Return the names that we know of the people of a record."""
    people = (record.customer, record.agent)
    return [person.name for person in people if person and person.name]


def question(masked: Masked, by: Taxonomy) -> Question:
    """Return what is asked about one text."""
    fenced = material.Fenced(secrets.token_hex(6), (masked.text,))
    told = reading.instructions(by)
    return Question(told, str(fenced), reading.SCHEMA, reading.MOST_TOKENS)


def _afforded(questions: Sequence[Question], tokens: int) -> list[Question]:
    kept: list[Question] = []
    for one in questions:
        tokens -= one.tokens
        if tokens < 0:
            break
        kept.append(one)
    return kept


def _take(
    choice: LlmChoice,
    texts: Sequence[_Text],
    told: dict[int, Said | Failed],
    by: Taxonomy,
    now: datetime,
) -> int:
    """Keep the answers in order, up to the first text that has to be asked about again."""
    done, held_back = 0, 0
    for one in texts:
        answer = told.get(one.record.pk)
        if answer is None and one.may_leave:
            break
        if answer is None:
            held_back += material.gives_orders(one.record.verbatim)
        elif not _is_settled(choice, one, answer, by, now):
            break
        choice.last_record = one.record.pk
        done += 1
    service.hold_back(choice.organisation_id, held_back, now)
    mine = LlmChoice.objects.filter(pk=choice.pk, last_record__lt=choice.last_record)
    mine.update(last_record=choice.last_record)
    return done


def _is_settled(
    choice: LlmChoice, one: _Text, answer: Said | Failed, by: Taxonomy, now: datetime
) -> bool:
    """Keep an answer; False where the model has to be asked once more."""
    found = _believed(answer, one.masked, by) if isinstance(answer, Said) else None
    service.note(choice.organisation_id, answer, now, kept=found is not None)
    if found is not None:
        _keep(choice, one.record, found, now)
    return not service.has_failed(answer)


def _believed(said: Said, masked: Masked, by: Taxonomy) -> reading.Outside | None:
    try:
        return reading.read(said.content, masked, by)
    except Problem:
        return None


def _keep(choice: LlmChoice, r: FeedbackRecord, found: reading.Outside, now: datetime) -> None:
    still = service.agreed(choice.organisation_id)
    if still is None or not still.reads:
        return
    outside.store(r.organisation_id, r.pk, r.verbatim, choice.model, found, now)
    again(r.organisation_id, [r])


def again(organisation_id: int, records: Sequence[FeedbackRecord]) -> None:
    """Read records again by every living generation, with what stands before our own reading."""
    texts = [analysing.Text(organisation_id, r.pk, r.revision, r.verbatim) for r in records]
    for generation in taxonomy.generations(organisation_id, taxonomy.living(organisation_id)):
        analysing.read_again(texts, generation)


def _forget_due() -> int:
    """Undo what the outside model read where an owner wants that, a few texts at a time."""
    done = 0
    for row in LlmChoice.objects.filter(is_forgetting=True):
        done += sum(_forget(row.organisation_id)) or _forgotten(row)
    return done


def _forget(organisation_id: int) -> Iterator[int]:
    mine = OutsideReading.objects.filter(organisation_id=organisation_id)
    ids = list(mine.values_list("record_id", flat=True)[:FORGOTTEN_AT_ONCE])
    if ids:
        yield outside.forget(ids)
        again(organisation_id, list(FeedbackRecord.objects.filter(pk__in=ids)))


def _forgotten(row: LlmChoice) -> int:
    mine = {"organisation_id": row.organisation_id}
    Summary.objects.filter(**mine).delete()
    ThemeLabel.objects.filter(**mine).delete()
    return LlmChoice.objects.filter(pk=row.pk).update(is_forgetting=False)
