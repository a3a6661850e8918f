"""Findings drawn at random and judged: an honest share with interval and n, by strata."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from manyi.feedback import analysing, checking, correcting
from manyi.feedback.models import Check, Correction, FeedbackRecord
from manyi.kit.problems import Forbidden, NotFound, Problem
from manyi.text.corrected import POLARITY, Verdict
from tests.factories import NOW, House, house
from tests.voices import receive, voice

pytestmark = [pytest.mark.django_db, pytest.mark.db]
GOOD, BAD = "服务员态度很好", "排队太久了"


@pytest.fixture
def home() -> House:
    home = house()
    receive(home.alice, *(voice(verbatim=GOOD, unit="N-001") for _ in range(90)))
    receive(home.alice, *(voice(verbatim=BAD, unit="S-001") for _ in range(10)))
    analysing.analyse_waiting(now=NOW)
    return home


def draw(home: House, size: int = 20, seed: int = 1) -> int:
    rng = np.random.default_rng(seed)
    return checking.draw(by=home.alice, rng=rng, now=NOW, size=size)


def judge(home: House, verdict: str = "right", sense: int | None = None) -> Check:
    one = checking.following(home.alice)
    assert one is not None
    checking.judge(by=home.alice, check=one.pk, verdict=verdict, sense=sense, now=NOW)
    return one


def test_strata_are_drawn_by_the_root_of_their_share_one_of_a_record(home: House) -> None:
    draw(home)
    counts = Counter(Check.objects.values_list("polarity", flat=True))
    assert counts[-1] >= 4  # a tenth of the voices, yet a quarter of what is drawn
    records = list(Check.objects.values_list("record_id", flat=True))
    assert len(records) == len(set(records))
    before = list(Check.objects.order_by("position").values_list("record_id", flat=True))
    draw(home)
    again = Check.objects.order_by("position").values_list("record_id", flat=True)
    assert list(again) == before, "the same seed draws the same, and what was left is dropped"


def test_each_counts_by_what_its_stratum_is_worth(home: House) -> None:
    draw(home)
    while (one := checking.following(home.alice)) is not None:
        wrong = one.polarity < 0
        judge(home, "aspect" if wrong else "right")
    [found] = checking.accuracies(home.alice)
    # All of the rare stratum is wrong: a tenth, though a quarter of what was judged.
    assert found.whole.value == pytest.approx(90, abs=0.5)
    assert found.n == found.whole.n == Check.objects.count()
    assert found.whole.n_effective is not None and found.whole.n_effective < found.n
    assert found.whole.low is not None and found.whole.low < 90
    assert found.by_tone[-1].value == 0 and found.by_tone[1].value == 100
    assert found.by_tone[0].value is None
    assert found.tone.value == 100


def test_what_is_judged_is_a_correction_and_not_drawn_again(home: House) -> None:
    draw(home, 10)
    one = judge(home, "sense", 0)
    said = Correction.objects.get(record=one.record_id)
    assert (said.code, said.sense) == (one.aspect, 0)
    assert list(one.record.findings.filter(aspect=one.aspect).values_list("polarity", flat=True))
    draw(home, 100)
    waiting = Check.objects.filter(verdict="")
    assert one.record_id not in set(waiting.values_list("record_id", flat=True))


def test_corrected_records_are_left_out_and_passed_ones_do_not_count(home: House) -> None:
    record = FeedbackRecord.objects.order_by("pk")[0]
    correcting.correct(by=home.alice, record=record, verdicts=[Verdict(POLARITY, "", 1)], now=NOW)
    draw(home, 200)
    assert not Check.objects.filter(record=record).exists()
    before = checking.waiting(home.alice).count()
    judge(home, "")
    assert checking.waiting(home.alice).count() == before - 1
    assert checking.accuracies(home.alice) == []


def test_a_text_that_says_something_else_by_now_is_passed(home: House) -> None:
    draw(home, 10)
    first = checking.following(home.alice)
    assert first is not None
    reference = first.record.source_ref
    receive(home.alice, voice(verbatim="环境不错", source_ref=reference))
    second = checking.following(home.alice)
    assert second is not None and second.pk != first.pk


def test_only_who_sees_all_and_texts_may_judge(home: House) -> None:
    draw(home)
    for member in (home.bob, home.viewer, home.external):
        with pytest.raises(Forbidden):
            checking.following(member)
    with pytest.raises(NotFound):
        checking.judge(by=home.alice, check=10**12, verdict="right", sense=None, now=NOW)
    one = checking.following(home.alice)
    assert one is not None
    for verdict, sense in (("sense", one.polarity), ("sense", None), ("odd", None)):
        with pytest.raises(Problem, match=r"check\.verdict_invalid"):
            checking.judge(by=home.alice, check=one.pk, verdict=verdict, sense=sense, now=NOW)


def test_nothing_read_is_nothing_to_draw() -> None:
    with pytest.raises(Problem, match=r"check\.nothing"):
        draw(house())
