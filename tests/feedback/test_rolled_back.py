"""What a transaction made and lost is not remembered."""

from __future__ import annotations

import pytest
from django.db import transaction

from manyi.accounts.models import Agent
from manyi.feedback import directory
from manyi.feedback.models import FeedbackRecord
from tests.factories import house
from tests.voices import receive, voice

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db]


def test_an_agent_lost_in_a_rollback_lends_its_id_to_nobody() -> None:
    home = house()
    directory.forget()
    with pytest.raises(RuntimeError), transaction.atomic():
        receive(home.alice, voice(agent="A-lost"))
        raise RuntimeError
    receive(home.alice, voice(agent="A-other"))
    receive(home.alice, voice(agent="A-lost"))
    told = {r.agent.code for r in FeedbackRecord.objects.select_related("agent")}
    assert told == {"A-other", "A-lost"}
    assert Agent.objects.filter(code__in=told).count() == 2
