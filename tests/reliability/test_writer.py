"""The group commit acknowledges what is on disk, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection

from manyi.accounts.actions import remove_unit
from manyi.accounts.models import Agent
from manyi.base.models import Heartbeat, IdempotencyKey
from manyi.base.writer import Writer, _Submission
from manyi.feedback import directory, submit
from manyi.feedback.actions import Outcome, receive_many
from manyi.feedback.incoming import read
from manyi.feedback.models import FeedbackRecord
from manyi.kit.problems import Busy
from manyi.surveys.models import SurveyVersion
from manyi.surveys.queries import public
from tests.factories import NOW, House, house, unit
from tests.voices import published, receive, voice

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db]


def note(name: str) -> Callable[[], Any]:
    return lambda: Heartbeat.objects.create(name=name, at=NOW)


def fall_apart() -> None:
    """Lose the whole transaction underneath, as a database does when its disk is full."""
    with connection.cursor() as cursor:
        cursor.execute("ROLLBACK")
    raise IntegrityError("and say something else")


def stored(*works: Callable[[], Any]) -> list[_Submission]:
    batch = [_Submission(work) for work in works]
    Writer()._store(batch)
    return batch


def names() -> set[str]:
    return set(Heartbeat.objects.values_list("name", flat=True))


def test_a_poison_row_hurts_nobody_else():
    good, bad, last = stored(note("a"), lambda: 1 / 0, note("b"))
    assert (good.error, last.error) == (None, None)
    assert isinstance(bad.error, ZeroDivisionError)
    assert names() == {"a", "b"}


def write_and_fail() -> None:
    note("half")()
    raise ValueError


def test_what_a_failed_submission_wrote_is_undone_and_the_others_are_kept():
    first, bad, last = stored(note("a"), write_and_fail, note("b"))
    assert (first.error, last.error) == (None, None)
    assert isinstance(bad.error, ValueError)
    assert names() == {"a", "b"}


def test_who_stopped_waiting_is_not_stored_even_when_the_batch_is_done_again():
    gone = _Submission(note("gone"))
    gone.expired = True
    bad, good = _Submission(write_and_fail), _Submission(note("a"))
    Writer()._store([gone, bad, good])
    assert isinstance(gone.error, Busy) and good.error is None
    assert names() == {"a"}


def test_a_full_queue_refuses_at_once(monkeypatch):
    monkeypatch.setattr("manyi.base.writer.QUEUE_LENGTH", 0)
    with pytest.raises(Busy):
        Writer().begin(note("a"))
    assert names() == set()


def test_a_transaction_lost_on_the_way_acknowledges_nothing():
    batch = stored(note("a"), fall_apart)
    assert all(isinstance(one.error, Busy) and not one.done.locked() for one in batch)
    assert names() == set()
    (again,) = stored(note("a"))
    assert again.error is None and names() == {"a"}


def storing(home: House, **given: Any) -> Callable[[], list[Outcome]]:
    one = read(voice(**given), now=NOW)
    return lambda: receive_many(home.scope(), [one], now=NOW)


def test_a_batch_of_32_loses_its_poison_alone() -> None:
    home = house()
    directory.forget()
    works = [storing(home, source_ref=f"ok-{i}", agent=f"A-{i % 3}") for i in range(31)]
    batch = stored(*works[:13], write_and_fail, *works[13:])
    assert isinstance(batch[13].error, ValueError)
    others = batch[:13] + batch[14:]
    assert [one.error for one in others] == [None] * 31
    assert {one.result[0].result for one in others} == {"created"}
    kept = {r.pk: r for r in FeedbackRecord.objects.select_related("agent")}
    assert {one.result[0].record_id for one in others} == set(kept)
    assert names() == set()
    assert Agent.objects.filter(code__startswith="A-").count() == 3


def test_a_reference_to_what_is_gone_fails_alone_with_its_own_words() -> None:
    """Such a fault shows at the commit only: the database says not of whom it speaks."""
    home = house()
    directory.forget()
    gone = unit(home.south, "GONE")
    receive(home.alice, voice(source_ref="first", unit="N-001"))  # the codes are remembered now
    remove_unit(by=home.alice, unit=gone, now=NOW)
    bad, *good = stored(
        storing(home, source_ref="bad", unit="GONE"),
        *(storing(home, source_ref=f"ok-{i}", unit="N-001") for i in range(31)),
    )
    assert [one.error for one in good] == [None] * 31
    assert bad.error is None
    assert [p.code for p in bad.result[0].problems] == ["unit_unknown"]
    assert FeedbackRecord.objects.count() == 32


def test_what_runs_twice_leaves_the_marks_of_once() -> None:
    """The first run of a batch that is undone is nowhere to be seen."""
    home = house()
    directory.forget()
    ran: list[str] = []

    def keyed() -> None:
        ran.append("keyed")
        IdempotencyKey.objects.create(owner="m", key="k", body_hash="h", created_at=NOW)

    def agent_then_fail() -> None:
        ran.append("poison")
        storing(home, source_ref="poison", agent="A-poison")()
        directory.fresh(home.organisation.pk)  # as an unknown unit in the batch makes it
        raise ValueError

    first, bad, second = stored(
        keyed, agent_then_fail, storing(home, source_ref="a", agent="A-after")
    )
    assert ran == ["keyed", "poison"] * 2
    assert (first.error, second.error) == (None, None) and isinstance(bad.error, ValueError)
    assert IdempotencyKey.objects.count() == 1
    assert set(FeedbackRecord.objects.values_list("source_ref", flat=True)) == {"a"}
    assert FeedbackRecord.objects.get().agent.code == "A-after"
    assert "A-poison" not in directory.directory(home.organisation.pk).agents
    (third,) = stored(storing(home, source_ref="b", agent="A-poison"))
    assert third.error is None
    assert FeedbackRecord.objects.get(source_ref="b").agent.code == "A-poison"


def test_a_version_that_was_undone_lends_its_questions_to_nobody() -> None:
    home = house()
    seen: list[int] = []

    def publish_and_fail() -> None:
        version = published(home.alice, "nps")
        assert submit_all(version, "s-1", {"recommend": 9}).record_id
        seen.append(version.pk)
        raise ValueError

    (bad,) = stored(publish_and_fail)
    assert isinstance(bad.error, ValueError)
    version = published(home.alice, "csat")
    if settings.ON_SQLITE:
        assert version.pk == seen[0], "the id is another's now"
    (good,) = stored(lambda: submit_all(version, "s-2", {"overall": 5}))
    assert good.error is None and good.result.is_complete
    assert public(version.survey.code, NOW).version == version


def submit_all(version: SurveyVersion, submission: str, raw: dict[str, object]) -> submit.Submitted:
    return submit.submit_all(version, submission, raw, context=submit.Context(), now=NOW)
