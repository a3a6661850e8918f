"""Emotions are shares of those who wrote; none tells of a few anonymous people."""

from __future__ import annotations

import pytest

from manyi.feedback import analysing
from manyi.feedback.models import FeedbackRecord, Reading
from manyi.kit.selection import Selection
from manyi.metrics.emotions import emotions
from manyi.metrics.rows import SUPPRESSED
from tests.factories import NOW, House, house
from tests.voices import receive, voice

pytestmark = [pytest.mark.django_db]


def told(home: House, **felt: int) -> dict[str, tuple[int | None, str]]:
    """Return what is told of so many voices that feel so."""
    each = [code for code, n in felt.items() for _ in range(n)]
    receive(home.alice, *(voice(verbatim=f"服务员态度很好{at}") for at in range(len(each))))
    analysing.analyse_waiting(now=NOW)
    for record, code in zip(FeedbackRecord.objects.order_by("pk"), each, strict=True):
        Reading.objects.filter(record=record).update(emotion=code)
    return again(home)


def again(home: House) -> dict[str, tuple[int | None, str]]:
    found = emotions(Selection(home.scope()))
    assert found is not None
    return {one.code: (one.n, one.share.status) for one in found if one.n != 0}


def test_each_emotion_is_a_share_of_all_who_wrote() -> None:
    home = house()
    assert told(home, happy=30, angry=10) == {"happy": (30, "ok"), "angry": (10, "ok")}
    found = emotions(Selection(home.scope()))
    assert found is not None
    share = found[0].share.estimate
    assert share.value == pytest.approx(75.0)
    assert share.n == 40
    assert share.low is not None and share.low < 75.0


def test_few_anonymous_voices_of_an_emotion_are_hidden_with_another() -> None:
    home = house()
    told(home, happy=30, angry=20, sad=2)
    FeedbackRecord.objects.update(is_anonymous=True, customer=None)
    found = again(home)
    assert found["sad"] == (None, SUPPRESSED)
    assert sum(status == SUPPRESSED for _, status in found.values()) >= 2


def test_an_emotion_asked_for_is_told_alone() -> None:
    home = house()
    told(home, happy=30, angry=10)
    found = emotions(Selection(home.scope(), {"emotion": ("angry",)}))
    assert found is not None
    assert [(one.code, one.n) for one in found] == [("angry", 10)]


def test_emotions_by_unit_are_shares_of_the_units_voices() -> None:
    home = house()
    at = ["N-001"] * 30 + ["S-001"] * 20
    receive(home.alice, *(voice(verbatim=f"服务员态度很好{n}", unit=u) for n, u in enumerate(at)))
    analysing.analyse_waiting(now=NOW)
    Reading.objects.update(emotion="happy")
    angry = FeedbackRecord.objects.filter(unit__code="S-001").order_by("pk")[:15]
    Reading.objects.filter(record_id__in=[one.pk for one in angry]).update(emotion="angry")
    found = emotions(Selection(home.scope()).split("unit"))
    assert found is not None
    told = {(one.group["unit"], one.code): one for one in found}
    assert (told["S-001", "angry"].n, told["N-001", "angry"].n) == (15, 0)
    share = told["S-001", "angry"].share
    assert share.estimate.value == pytest.approx(75.0)
    assert share.estimate.n == 20
    assert told["N-001", "happy"].share.estimate.value == pytest.approx(100.0)


def test_few_anonymous_voices_of_an_emotion_in_a_unit_are_hidden() -> None:
    home = house()
    at = ["N-001"] * 30 + ["S-001"] * 30
    receive(home.alice, *(voice(verbatim=f"服务员态度很好{n}", unit=u) for n, u in enumerate(at)))
    analysing.analyse_waiting(now=NOW)
    Reading.objects.update(emotion="happy")
    angry = FeedbackRecord.objects.filter(unit__code="S-001").order_by("pk")[:2]
    Reading.objects.filter(record_id__in=[one.pk for one in angry]).update(emotion="angry")
    FeedbackRecord.objects.update(is_anonymous=True, customer=None)
    found = emotions(Selection(home.scope()).split("unit"))
    assert found is not None
    told = {(one.group["unit"], one.code): (one.n, one.share.status) for one in found}
    assert told["S-001", "angry"] == (None, SUPPRESSED)
    # Its complement would tell how many they are.
    assert told["S-001", "happy"] == (None, SUPPRESSED)
