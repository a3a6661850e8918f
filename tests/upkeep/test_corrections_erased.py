"""An erasure takes along what people said of her texts, what they taught, and her conversations."""

from __future__ import annotations

import pytest

from manyi.customers.actions import request_erasure
from manyi.customers.models import Customer
from manyi.feedback import analysing, correcting, learning
from manyi.feedback.models import Correction, FeedbackRecord, LearntHead, TalkReading
from manyi.text.corrected import Verdict
from manyi.upkeep.erasure import erase_due
from tests.factories import NOW, house
from tests.feedback.test_talks import talk
from tests.voices import receive, voice

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db]


def test_corrections_heads_and_conversations_go() -> None:
    home = house()
    hers = {"ref": "C-1", "name": "王芳"}
    receive(home.alice, *(voice(verbatim=f"第{i}天空调真是太棒了呢") for i in range(30)))
    receive(home.alice, voice(verbatim="空调真是太棒了呢", customer=hers), talk(customer=hers))
    analysing.analyse_waiting(now=NOW)
    for i, r in enumerate(FeedbackRecord.objects.filter(verbatim__contains="空调")):
        said = [Verdict("polarity", "", 1 if i % 2 else -1)]
        correcting.correct(by=home.analyst, record=r, verdicts=said, now=NOW)
    learning.learn_due(now=NOW)
    assert (Correction.objects.count(), TalkReading.objects.count()) == (31, 1)
    assert LearntHead.objects.get().figures["texts"]["n"] == 31
    request_erasure(by=home.alice, customer=Customer.objects.get(ref="C-1"), now=NOW)
    erase_due(NOW)
    assert (Correction.objects.count(), TalkReading.objects.count()) == (30, 0)
    assert not LearntHead.objects.exists()
    learning.learn_due(now=NOW)
    assert LearntHead.objects.get().figures["texts"]["n"] == 30
