"""A record's page leads to the voices that say something like it, as far as one may see them."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from manyi.feedback.analysing import analyse_waiting
from manyi.feedback.models import FeedbackRecord
from manyi.themes import vectors
from tests.factories import NOW, House, house
from tests.voices import receive, voice
from tests.web.staff import logged_in, text

pytestmark = [pytest.mark.django_db]
REFUND = "申请退款三次都不给退钱"
ALIKE = "退款一直不给退，打电话13800138000也没人理"


@pytest.fixture
def home(settings: Any, tmp_path: Any) -> House:
    settings.DATA = tmp_path
    home = house()
    receive(home.alice, voice(verbatim=REFUND, source_ref="one", unit="N-001"))
    receive(home.alice, voice(verbatim=ALIKE, source_ref="two", unit="S-001"))
    receive(home.alice, voice(verbatim=REFUND, source_ref="same", unit="N-001"))
    receive(home.alice, voice(verbatim="水果很新鲜，包装也好", source_ref="other", unit="N-001"))
    analyse_waiting(now=NOW)
    vectors.append_new(NOW)
    return home


def alike(member: Any, reference: str = "one") -> str:
    record = FeedbackRecord.objects.get(source_ref=reference)
    address = reverse("feedback-similar", args=[record.pk])
    page = text(logged_in(member, "en").get(reverse("feedback-one", args=[record.pk])))
    assert address in page
    return text(logged_in(member, "en").get(address))


def test_the_likest_come_first_and_the_same_words_not_at_all(home: House) -> None:
    shown = alike(home.alice)
    assert ALIKE in shown
    assert "新鲜" not in shown
    assert REFUND not in shown


def test_nobody_sees_more_than_they_may(home: House) -> None:
    assert "13800138000" not in alike(home.external)
    assert "退款一直不给退" in alike(home.external)
    assert "Nobody else has said anything like it yet" in alike(home.bob)
