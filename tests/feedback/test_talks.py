"""Conversations through the one door: read with their words, judged, added up to cards."""

from __future__ import annotations

from typing import Any

import pytest

from manyi.feedback import analysing, scorecards, talks
from manyi.feedback.models import FeedbackRecord, TalkReading
from manyi.kit.problems import Forbidden
from manyi.kit.selection import Selection
from manyi.text.rubric import MET, MISSED, OPEN
from tests.factories import NOW, House, house
from tests.mentioning import mentions
from tests.voices import receive, voice

pytestmark = [pytest.mark.django_db, pytest.mark.db]
GOOD = (
    ("客服", 0, "您好，很高兴为您服务"),
    ("客户", 5, "快递到现在还没到，太慢了！"),
    ("客服", 65, "非常抱歉，因为暴雨延误了，我马上帮您查询，两小时内给您回电"),
    ("客户", 3700, "收到了，谢谢，服务态度很好"),
    ("客服", 3710, "感谢您的来电，祝您生活愉快"),
)
BAD = (
    ("客户", 0, "快递到现在还没到，太慢了！"),
    ("客服", 900, "没办法，你自己看"),
    ("客户", 950, "什么态度，太差了"),
)


def talk(rows: Any = GOOD, **values: Any) -> dict[str, Any]:
    minute = "2026-10-30T{:02d}:{:02d}:{:02d}+08:00"
    turns = [
        {"role": role, "at": minute.format(9 + s // 3600, s % 3600 // 60, s % 60), "text": text}
        for role, s, text in rows
    ]
    return voice(**{"kind": None, "verbatim": None, "scores": None, "turns": turns, **values})


@pytest.fixture
def home() -> House:
    home = house()
    receive(home.alice, talk(unit="N-001", agent="A-1"))
    analysing.analyse_waiting(now=NOW)
    return home


def read() -> talks.Read:
    found = talks.of_record(FeedbackRecord.objects.order_by("pk")[0])
    assert found is not None
    return found


def test_a_conversation_is_read_with_its_words(home: House) -> None:
    record = FeedbackRecord.objects.get()
    assert record.kind == "conversation"
    assert record.verbatim == "快递到现在还没到，太慢了！\n收到了，谢谢，服务态度很好"
    assert "service.attitude" in {m.aspect for m in mentions(Selection(home.scope()))}
    found = read()
    assert [m is None for m in found.moods] == [True, False, True, False, True]
    assert found.moods[1] is not None and found.moods[1] < 0
    assert found.moods[3] is not None and found.moods[3] > 0
    assert (found.first_response, found.longest_response) == (60, 60)
    assert found.satisfied is not None and 0 <= found.satisfied <= 1


def test_the_standard_is_judged_with_the_turns_it_rests_on(home: House) -> None:
    items = {code: (one.result, one.turns) for code, one in read().items.items()}
    assert items["greeting"] == (MET, (0,))
    assert items["empathy"] == (MET, (2,))
    assert items["closing"] == (MET, (4,))
    assert items["forbidden"] == (MET, ())
    assert items["promise"] == (MET, (2, 3))
    receive(home.alice, talk(BAD, source_ref="bad"), talk(GOOD[:3], source_ref="open"))
    analysing.analyse_waiting(now=NOW)
    bad = talks.of_record(FeedbackRecord.objects.get(source_ref="bad"))
    assert bad is not None
    assert {one.item for one in bad.items.values() if one.result == MISSED} >= {
        *("greeting", "empathy", "forbidden", "closing"),
    }
    assert bad.items["forbidden"].turns == (1,)
    unfinished = talks.of_record(FeedbackRecord.objects.get(source_ref="open"))
    assert unfinished is not None
    assert unfinished.items["promise"].result == OPEN


def test_another_version_is_read_anew_and_none_stays(home: House) -> None:
    first = FeedbackRecord.objects.get()
    receive(home.alice, talk(BAD, source_ref=first.source_ref, unit="N-001", agent="A-1"))
    analysing.analyse_waiting(now=NOW)
    assert len(read().moods) == 3
    receive(home.alice, voice(source_ref=first.source_ref, unit="N-001"))
    analysing.analyse_waiting(now=NOW)
    assert not TalkReading.objects.exists()


def test_cards_have_intervals_and_only_for_whom_they_concern(home: House) -> None:
    receive(home.alice, *(talk(unit="N-001", agent="A-1") for _ in range(39)))
    receive(home.alice, *(talk(BAD, unit="N-001", agent="A-2") for _ in range(40)))
    receive(home.alice, *(talk(BAD, unit="N-002", agent="A-3") for _ in range(2)))
    analysing.analyse_waiting(now=NOW)
    found = scorecards.cards(home.alice, Selection(home.scope()))
    assert [(one.agent.code, one.n, one.is_few) for one in found] == [
        ("A-1", 40, False),
        ("A-2", 40, False),
        ("A-3", 2, True),
    ]
    good, bad, few = found
    assert good.ending.value is not None and bad.ending.value is not None
    assert good.ending.value > bad.ending.value
    # All alike: the interval is as narrow as their number bears, not as wide as the scale.
    assert bad.ending.low is not None and bad.ending.high is not None
    assert bad.ending.low <= bad.ending.value <= bad.ending.high < good.ending.value
    greeting = {one.code: one for one in bad.items}["greeting"]
    assert (greeting.kept.value, greeting.occasions, greeting.verdict) == (0.0, 40, -1)
    assert greeting.kept.high is not None and 5 < greeting.kept.high < 15
    assert {"coach.greeting", "coach.forbidden", "coach.slow"} <= {n.code for n in bad.notes}
    assert "coach.greeting" not in {n.code for n in good.notes}
    assert few.items == ()
    own = scorecards.cards(home.agent, Selection(home.scope()))
    assert [one.agent.code for one in own] == ["A-1"]
    for member in (home.viewer, home.external):
        with pytest.raises(Forbidden):
            scorecards.cards(member, Selection(home.scope()))


def test_alike_people_are_told_nothing_about_each_other(home: House) -> None:
    for agent in ("A-1", "A-2"):
        receive(home.alice, *(talk((GOOD, BAD)[i % 2], agent=agent) for i in range(30)))
    analysing.analyse_waiting(now=NOW)
    notes = [n.code for c in scorecards.cards(home.alice, Selection(home.scope())) for n in c.notes]
    assert set(notes) == {"coach.forbidden"}
