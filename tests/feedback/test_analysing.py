"""Texts are read once, again when they change, and nothing hostile stops the loop."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from manyi.feedback import analysing
from manyi.feedback.models import FeedbackRecord, Finding, Reading
from manyi.feedback.taxonomy import FIRST
from manyi.text import accurate, encoder, store
from manyi.upkeep import erasure
from tests.factories import NOW, House, house
from tests.voices import rated, receive, voice

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture
def home() -> House:
    return house()


def read() -> int:
    return analysing.analyse_waiting(now=NOW)


def test_a_text_is_read_once(home: House) -> None:
    receive(home.alice, voice(source_ref="a", verbatim="服务员态度很好，就是排队太久"))
    assert (read(), read()) == (1, 0)
    record = FeedbackRecord.objects.get(source_ref="a")
    assert record.analysed_at == NOW
    assert record.mentions_due
    said = {(f.aspect, f.polarity) for f in record.findings.all()}
    assert ("service.attitude", 1) in said
    assert ("service.queue", -1) in said
    for one in record.findings.all():
        assert 0 <= one.start < one.end <= len(record.verbatim)
        assert all(one.start <= a < b <= one.end for kind in one.places for a, b in kind)
    told = record.readings.get()
    assert told.generation == FIRST
    assert told.model.startswith("fast-")


def test_personal_data_are_masked(home: House) -> None:
    receive(home.alice, voice(source_ref="a", verbatim="我叫王小明，电话13812345678，维修很慢"))
    read()
    masked = FeedbackRecord.objects.get(source_ref="a").masked
    assert masked is not None
    assert "13812345678" not in masked
    assert "[phone]" in masked
    assert "维修很慢" in masked


def test_a_changed_record_is_read_again(home: House) -> None:
    receive(home.alice, voice(source_ref="a", verbatim="服务员态度很好"))
    read()
    receive(home.alice, voice(source_ref="a", verbatim="服务员态度很差"))
    record = FeedbackRecord.objects.get(source_ref="a")
    assert record.analysed_at is None
    assert record.masked is None
    assert not Finding.objects.exists()
    assert read() == 1
    assert set(record.findings.values_list("aspect", "polarity")) == {("service.attitude", -1)}


def test_no_words_wait_for_nobody(home: House) -> None:
    receive(home.alice, rated(0, "nps", verbatim=None, source_ref="silent"))
    assert read() == 0
    assert not FeedbackRecord.objects.get().mentions_due


@pytest.mark.parametrize("text", ["😀😀😀", "\u202e\u200b.", "a" * 100_000, "。" * 50, "\x07好"])
def test_hostile_texts_end_in_a_finding_or_a_flag(home: House, text: str) -> None:
    receive(home.alice, voice(source_ref="a", verbatim=text))
    assert read() == 1
    told = Reading.objects.get()
    assert told.flags or Finding.objects.exists()


def test_work_on_a_record_that_changed_meanwhile_is_thrown_away(home: House) -> None:
    receive(home.alice, voice(source_ref="a", verbatim="服务员态度很好"))
    batch = next(iter(analysing._next().items()))
    receive(home.alice, voice(source_ref="a", verbatim="服务员态度很差"))
    assert analysing._analyse(*batch, NOW) == 0
    assert not Finding.objects.exists()


def test_another_worker_does_it_once(home: House) -> None:
    receive(home.alice, voice(source_ref="a", verbatim="服务员态度很好"))
    batch = next(iter(analysing._next().items()))
    assert read() == 1
    assert analysing._analyse(*batch, NOW) == 0
    assert Finding.objects.count() == 1


def test_erasure_takes_what_was_read(home: House) -> None:
    from manyi.customers.models import Customer, ErasureRequest

    receive(home.alice, voice(source_ref="a", verbatim="房间很干净", customer={"ref": "C-1"}))
    read()
    who = Customer.objects.get()
    ErasureRequest.objects.create(
        organisation=home.organisation, customer_id_value=who.pk, requested_at=NOW
    )
    erasure.erase_due(NOW)
    assert not Finding.objects.exists()
    assert not Reading.objects.exists()
    assert FeedbackRecord.objects.get().masked is None


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's planner is asked")
def test_what_waits_is_found_without_walking_all_records(home: House) -> None:
    receive(home.alice, voice(source_ref="a", verbatim="服务员态度很好"))
    organisation = home.alice.organisation_id
    assert analysing.waiting_of(organisation) == 1
    for asked in (lambda: analysing.waiting_of(organisation), read):
        with CaptureQueriesContext(connection) as found:
            asked()
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {found[0]['sql']}")
            assert "feedback_unread" in str(cursor.fetchall())


def test_a_turn_ends_where_other_steps_wait(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    receive(home.alice, *(voice(verbatim=f"第{i}条很好") for i in range(12)))
    monkeypatch.setattr(analysing, "BATCH", 2)
    assert (read(), read()) == (2 * analysing.TURN, 2)


@pytest.mark.skipif(encoder.missing() is not None, reason=f"missing: {encoder.missing()}")
def test_the_accurate_tier_stores_what_it_read_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    assert analysing.size() == analysing.BATCH
    monkeypatch.setattr(accurate, "_preferred", [store.TIER_B])
    assert analysing.size() == analysing.ACCURATE_BATCH < analysing.BATCH
