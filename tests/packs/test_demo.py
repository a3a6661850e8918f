"""The demo loads once, tells its story, and lets every role in."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from manyi.accounts.models import Member, SavedView
from manyi.accounts.permissions import scope
from manyi.feedback import scorecards
from manyi.feedback.models import FeedbackRecord, Turn
from manyi.kit.period import Period
from manyi.kit.selection import Selection
from manyi.lake.checking import recount
from manyi.lake.models import LakeFile
from manyi.metrics import indicators, queries
from manyi.packs import demo, demo_load, demo_talks, demo_words
from manyi.packs.demo_voices import A_BLOCK, voices
from manyi.reports.analysis.churn import Wanted, churn
from manyi.surveys.models import Survey
from tests.factories import NOW


def sentences(language: str) -> set[str]:
    by_place = [*demo_words.GOOD[language].values(), *demo_words.BAD[language].values()]
    plain = [demo_words.MIXED[language], demo_words.SUGGESTIONS[language]]
    return {sentence for group in [*by_place, *plain] for sentence in group}


def test_the_same_seed_makes_the_same_voices_and_another_block_others():
    first = list(voices(0, survey="x", until=NOW))
    assert first == list(voices(0, survey="x", until=NOW))
    assert len(first) == A_BLOCK
    other = list(voices(1, survey="x", until=NOW))
    assert not {v["source_ref"] for v in first} & {v["source_ref"] for v in other}


def test_people_speak_in_many_words():
    assert len(sentences("zh-Hans")) >= 60
    assert len(sentences("en")) >= 25
    said = Counter(
        v.get("verbatim") or v.get("answers", {}).get("comment")
        for v in voices(0, survey="x", until=NOW)
    )
    assert len(said) > 800
    assert "{" not in "".join(text for text in said if text)


def test_every_phone_is_reserved_for_fiction():
    phones = {
        v["customer"].get("phone") for v in voices(2, survey="x", until=NOW) if "customer" in v
    }
    assert all(p is None or p.startswith("+447700900") for p in phones)


def test_who_was_served_badly_leaves_more_often_and_is_seen_no_more():
    rated: dict[bool, list[int]] = {True: [], False: []}
    left: dict[str, date] = {}
    for voice in voices(0, survey="x", until=NOW):
        own = voice.get("customer", {}).get("attributes", {})
        if "left_on" in own:
            day = date.fromisoformat(own["left_on"])
            assert left.setdefault(voice["customer"]["ref"], day) == day <= NOW.date()
            assert date.fromisoformat(voice["occurred_at"][:10]) <= day
        if own and "overall" in voice.get("answers", {}):
            rated["left_on" in own].append(voice["answers"]["overall"])
    assert 60 <= len(left) <= 140
    means = {gone: sum(scores) / len(scores) for gone, scores in rated.items()}
    assert means[True] < means[False] - 0.2


@pytest.mark.django_db
@pytest.mark.db
def test_the_demo_loads_once_and_tells_its_story():
    loaded = demo_load.load(now=NOW)
    assert loaded.new == loaded.records == A_BLOCK + demo_load.BROKEN_OFF
    again = demo_load.load(now=NOW + timedelta(hours=1))
    assert (again.records, again.new) == (loaded.records, 0)

    organisation = loaded.organisation
    assert organisation.is_demo
    assert {role for role, *_ in demo.log_ins()} == set(Member.Role.values)
    assert not Member.objects.filter(user__must_change_password=True).exists()
    assert FeedbackRecord.objects.filter(is_partial=True).count() == demo_load.BROKEN_OFF
    assert Turn.objects.exists() and SavedView.objects.count() == 3
    assert LakeFile.objects.exists() and recount() == []
    owner = Member.objects.get(user__username="demo-owner")
    _story(owner)
    _leavers(owner)


def _leavers(owner: Member) -> None:
    whole = Selection(scope=scope(owner))
    found = churn(Survey.objects.get(), whole, Wanted(), today=NOW.date())
    assert found.problem is None and found.outcome is not None and found.outcome.name == "left_on"
    assert found.days < 90 and found.found is not None
    assert found.left is not None and 5 < found.left.value < 30
    assert found.found.auc.value > 0.5 and found.found.events >= 40


def _story(owner: Member) -> None:
    whole = Selection(scope=scope(owner))
    by_store = {
        row.group["unit"]: row.estimate
        for row in queries.estimate(whole.split("unit"), "csat")
        if row.estimate.value is not None
    }
    worst = sorted(by_store, key=lambda code: by_store[code].value)[:2]
    assert "GZ-002" in worst
    mended = Selection(scope=scope(owner), where={"unit": ("SH-002",)})
    today = NOW.date()
    (before,) = queries.estimate(
        mended.during(Period(today - timedelta(days=90), today - timedelta(days=31))), "csat"
    )
    (after,) = queries.estimate(mended.during(Period(today - timedelta(days=29), today)), "csat")
    assert before.estimate.high < after.estimate.low, "self-checkout must show"
    tree = indicators.headline(scope(owner))
    assert len(tree) == 4
    _cards(owner)


def _cards(owner: Member) -> None:
    """The scorecards judge somebody, and tell the colleague who needs help from the others."""
    told = scorecards.cards(owner, Selection(scope=scope(owner)))
    cards = {one.agent.code: one for one in told if not one.is_few}
    assert {one.agent for one in demo_talks.COLLEAGUES} <= set(cards)
    best, worst = cards["SH-002-A1"], cards["BJ-001-A4"]
    assert best.kept.low > worst.kept.high
    notes = {note.code for note in worst.notes}
    assert {"coach.greeting", "coach.forbidden", "coach.slow"} <= notes
    mine = Member.objects.get(user__username="demo-agent")
    own = scorecards.cards(mine, Selection(scope=scope(mine)))
    assert [one.agent.code for one in own] == ["SH-002-A1"]


@pytest.mark.django_db
def test_a_broken_start_is_gone_on_with():
    organisation = demo_load.build(NOW)
    owner = organisation.members.get(role="owner")
    demo_load._load_block(owner, 0, NOW)
    FeedbackRecord.objects.filter(
        pk__in=list(FeedbackRecord.objects.order_by("-pk").values_list("pk", flat=True)[:50])
    ).delete()
    loaded = demo_load.load(now=NOW + timedelta(minutes=5))
    assert (loaded.records, loaded.new) == (A_BLOCK + demo_load.BROKEN_OFF, 50)
