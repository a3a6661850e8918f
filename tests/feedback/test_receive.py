"""The one door: stored once, updated with history, refused in words, and never across tenants."""

from __future__ import annotations

import pytest

from manyi.accounts.models import Agent
from manyi.feedback import queries
from manyi.feedback.actions import mark_partial
from manyi.feedback.models import FeedbackRecord, Score
from manyi.feedback.wire import to_wire
from tests.factories import House, StrangerHouse, house, stranger_house
from tests.voices import published, rated, receive, voice

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture
def home() -> House:
    return house()


@pytest.fixture
def abroad() -> StrangerHouse:
    return stranger_house()


def test_receiving_twice_stores_once(home: House) -> None:
    one = voice(unit="N-001")
    assert [o.result for o in receive(home.alice, one, one)] == ["created", "unchanged"]
    assert receive(home.alice, one)[0].result == "unchanged"
    assert FeedbackRecord.objects.count() == 1
    assert Score.objects.count() == 1


def test_other_content_updates_and_keeps_history(home: House) -> None:
    receive(home.alice, rated(1, source_ref="same", verbatim="太慢"))
    outcome = receive(home.alice, rated(0, metric="nps", source_ref="same", verbatim="好了"))[0]
    record = FeedbackRecord.objects.get()
    assert outcome.result == "updated"
    assert (record.verbatim, record.revision, record.lake_part) == ("好了", 2, None)
    assert list(record.scores.values_list("metric", "value")) == [("nps", 0.0)]
    assert record.history.get().content["verbatim"] == "太慢"


def test_what_staff_added_stays(home: House) -> None:
    pk = receive(home.alice, rated(1, source_ref="same"))[0].record_id
    record = FeedbackRecord.objects.get(pk=pk)
    record.tags.create(label="parking", by="alice", at=record.received_at)
    receive(home.alice, rated(2, source_ref="same"))
    assert [t.label for t in record.tags.all()] == ["parking"]


def test_an_unknown_unit_refuses_its_row_alone(home: House) -> None:
    outcomes = receive(home.alice, voice(unit="nowhere"), voice(unit="N-001"))
    assert [o.result for o in outcomes] == ["rejected", "created"]
    assert outcomes[0].problems[0].code == "unit_unknown"


def test_an_unknown_agent_is_made(home: House) -> None:
    receive(home.alice, voice(unit="N-001", agent="new"), voice(unit="N-001", agent="new"))
    assert Agent.objects.filter(organisation=home.organisation, code="new").count() == 1


def test_a_member_stores_only_below_their_unit(home: House) -> None:
    outcomes = receive(home.bob, voice(unit="S-001"), voice(), voice(unit="N-002"))
    assert [o.result for o in outcomes] == ["rejected", "rejected", "created"]
    receive(home.alice, voice(unit="S-001", source_ref="south"))
    stolen = receive(home.bob, voice(unit="N-001", source_ref="south"))[0]
    assert (stolen.result, stolen.problems[0].code) == ("rejected", "record_elsewhere")


def test_tenants_never_meet(home: House, abroad: StrangerHouse) -> None:
    mine = receive(home.alice, voice(unit="N-001", source_ref="x"))[0]
    theirs = receive(abroad.charlie, voice(unit="N-001", source_ref="x"))[0]
    assert mine.record_id != theirs.record_id
    assert {r.pk for r in queries.visible_to(abroad.scope())} == {theirs.record_id}


def test_those_who_see_no_text_get_no_words_before_they_are_masked(home: House) -> None:
    receive(home.alice, voice(unit="N-001", verbatim="我叫王小明"))
    from manyi.accounts.permissions import scope

    outside = scope(home.external)
    [told] = to_wire(outside, queries.visible_to(outside))
    assert (told["verbatim"], told["attributes"], told["turns"]) == ("", {}, [])
    assert queries.visible_to(scope(home.bob)).count() == 1


def test_the_local_day_is_the_units(home: House) -> None:
    home.north_1.time_zone = "America/New_York"
    home.north_1.save()
    receive(home.alice, voice(unit="N-001", occurred_at="2026-10-30T01:00:00Z"))
    assert FeedbackRecord.objects.get().day.isoformat() == "2026-10-29"


def test_answers_are_coded_and_scored_by_the_questionnaire(home: House) -> None:
    version = published(home.alice)
    answers = {"overall": 1, "reasons": ["slow", "staff"], "comment": "没人理"}
    record = voice(survey=version.survey.code, answers=answers, scores=None, verbatim=None)
    assert receive(home.alice, record)[0].result == "created"
    shown = to_wire(home.scope(), queries.visible_to(home.scope()))[0]
    assert shown["answers"] == answers
    assert shown["verbatim"] == "没人理"
    assert shown["scores"] == [
        {"item": "overall", "metric": "csat", "scale": [1.0, 5.0], "value": 1.0}
    ]
    wrong = voice(survey=version.survey.code, answers={"overall": 9}, verbatim=None, scores=None)
    assert receive(home.alice, wrong)[0].problems[0].pointer == "/answers/overall"


def test_customers_are_found_again(home: House) -> None:
    wang = {"ref": "C-9", "name": "王芳", "phone": "13800000000", "attributes": {"tier": "gold"}}
    receive(home.alice, voice(customer=wang), voice(customer={"phone": "+86 138 0000 0000"}))
    ids = set(FeedbackRecord.objects.values_list("customer_id", flat=True))
    assert len(ids) == 1
    assert None not in ids
    assert FeedbackRecord.objects.exclude(attributes={}).get().attributes == {"tier": "gold"}


def test_conversations_keep_their_turns(home: House) -> None:
    turns = [
        {"role": "customer", "text": "你好", "at": "2026-10-30T09:30:00+08:00"},
        {"role": "agent", "text": "您好，请讲"},
    ]
    receive(home.alice, voice(turns=turns, scores=None, verbatim=None))
    shown = to_wire(home.scope(), queries.visible_to(home.scope()))[0]
    assert [t["text"] for t in shown["turns"]] == ["你好", "您好，请讲"]
    assert shown["kind"] == "conversation"


def test_large_batches_are_stored_whole_and_in_order(home: House) -> None:
    records = [rated(i % 5 + 1, source_ref=f"r{i}") for i in range(600)]
    outcomes = receive(home.alice, *records)
    assert {o.result for o in outcomes} == {"created"}
    stored = dict(FeedbackRecord.objects.values_list("source_ref", "pk"))
    assert [o.record_id for o in outcomes] == [stored[f"r{i}"] for i in range(600)]


def test_a_broken_off_answer_counts_as_partial_after_a_day(home: House) -> None:
    from datetime import timedelta

    from tests.factories import NOW

    receive(home.alice, voice())
    FeedbackRecord.objects.update(completed_at=None)
    assert mark_partial(now=NOW + timedelta(hours=23)) == 0
    assert mark_partial(now=NOW + timedelta(hours=25)) == 1
    assert mark_partial(now=NOW + timedelta(hours=26)) == 0


def test_a_unit_manager_reaches_no_customer_of_other_units(home: House) -> None:
    from manyi.customers.models import Customer

    south = {"ref": "C-S", "name": "王芳", "phone": "13800000000"}
    receive(home.alice, voice(unit="S-001", customer=south))
    guess = {"phone": "13800000000", "name": "改名", "attributes": {"tier": "mine"}}
    pk = receive(home.bob, voice(unit="N-001", customer=guess))[0].record_id
    assert FeedbackRecord.objects.get(pk=pk).customer_id is None
    assert Customer.objects.get().name == "王芳"
    elsewhere = {"ref": "C-N", "unit": "S-001"}
    pk = receive(home.bob, voice(unit="N-001", customer=elsewhere))[0].record_id
    assert FeedbackRecord.objects.get(pk=pk).customer_id is None
    own = {"ref": "C-N", "name": "李明", "unit": "N-001"}
    for _ in range(2):
        pk = receive(home.bob, voice(unit="N-001", customer=own))[0].record_id
        assert FeedbackRecord.objects.get(pk=pk).customer_id == Customer.objects.get(ref="C-N").pk
