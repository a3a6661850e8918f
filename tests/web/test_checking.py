"""How right the machine is here: draw, judge one after the other, read the share."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from manyi.feedback import analysing
from manyi.feedback.models import Check
from tests.factories import NOW, House, house
from tests.voices import receive, voice
from tests.web.staff import logged_in, text

pytestmark = [pytest.mark.django_db]
HERE, ACT = reverse("themes-checking"), reverse("themes-checking-act")


@pytest.fixture
def home() -> House:
    home = house()
    receive(home.alice, *(voice(verbatim="服务员态度很好<b>") for _ in range(12)))
    analysing.analyse_waiting(now=NOW)
    return home


def test_draw_judge_and_read(home: House) -> None:
    client = logged_in(home.alice, "en")
    assert "Nobody has judged yet" in text(client.get(HERE))
    client.post(ACT, {"act": "draw"})
    for _ in range(12):
        page = text(client.get(HERE))
        assert "&lt;b&gt;" in page
        found = re.search(r'name="check" value="(\d+)"', page)
        assert found
        client.post(ACT, {"act": "right", "check": found[1]})
    page = text(client.get(HERE))
    assert "100.0% (75.8–100.0, n 12) is right in theme and tone" in page
    assert "Draw findings to judge" in page
    client.post(ACT, {"act": "draw"})
    assert "There is nothing to draw" in text(client.get(HERE))


def test_odd_buttons_and_strangers_are_refused(home: House) -> None:
    client = logged_in(home.alice, "en")
    client.post(ACT, {"act": "draw"})
    pk = Check.objects.order_by("position")[0].pk
    client.post(ACT, {"act": "sense:7", "check": pk})
    assert "Say whether the finding is right" in text(client.get(HERE))
    assert client.post(ACT, {"act": "right", "check": "x"}).status_code == 404
    assert logged_in(home.bob).get(HERE).status_code == 403
    assert reverse("themes-checking") in text(client.get(reverse("themes")))
    assert reverse("themes-checking") not in text(logged_in(home.bob).get(reverse("themes")))
