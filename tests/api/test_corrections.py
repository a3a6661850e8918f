"""Corrections and what they teach, through the API."""

from __future__ import annotations

import pytest

from manyi.feedback import analysing, learning
from manyi.feedback.models import FeedbackRecord
from tests.api.test_api import Api
from tests.factories import NOW, House, house
from tests.voices import receive, voice

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def home() -> House:
    home = house()
    receive(home.alice, *(voice(verbatim=f"第{i}天空调真是太棒了呢") for i in range(30)))
    analysing.analyse_waiting(now=NOW)
    return home


def path() -> str:
    return f"/feedback/{FeedbackRecord.objects.order_by('pk')[0].pk}/corrections"


def test_a_correction_is_put_listed_and_withdrawn(home: House) -> None:
    ann = Api(home.analyst)
    body = {
        "polarity": "negative",
        "aspects": [{"aspect": "price.value", "polarity": "negative", "words": "空调"}],
        "intents": [{"intent": "complaint", "meant": True}],
    }
    told = ann.put(path(), body).json()
    assert (told["polarity"], told["corrected"]) == ("negative", True)
    added = next(f for f in told["findings"] if f["aspect"] == "price.value")
    assert (added["words"], added["corrected"]) == (["空调"], True)
    assert "complaint" in told["intents"]
    items = ann.get(path()).json()["items"]
    assert {(i["kind"], i["code"], i["said"]) for i in items} == {
        ("polarity", "", True),
        ("aspect", "price.value", True),
        ("intent", "complaint", True),
    }
    assert {i["by"] for i in Api(home.external).get(path()).json()["items"]} == {None}
    assert ann.delete(f"{path()}?kind=polarity").json() == {"withdrawn": True}
    assert ann.delete(f"{path()}?kind=polarity").json() == {"withdrawn": False}


def test_who_may_not_and_what_is_wrong(home: House) -> None:
    body = {"polarity": "negative"}
    assert Api(home.viewer).put(path(), body).status_code == 403
    assert Api(home.external).put(path(), body).status_code == 403
    ann = Api(home.analyst)
    assert ann.put(path(), {}).status_code == 422
    wrong = ann.put(
        path(), {"aspects": [{"aspect": "price.value", "polarity": "positive", "words": "没有"}]}
    )
    assert wrong.json()["errors"][0]["pointer"] == "/aspects/0/words"
    assert ann.put("/feedback/1/corrections", body).status_code == 404
    assert ann.get("/text/learning").status_code == 403
    assert ann.put("/text/learning", {"act": "use"}).status_code == 403


def test_what_was_learnt_is_told_and_put_in_force(home: House) -> None:
    for i, r in enumerate(FeedbackRecord.objects.all()):
        sense = "negative" if i % 3 else "positive"
        Api(home.analyst).put(f"/feedback/{r.pk}/corrections", {"polarity": sense})
    alice = Api(home.alice)
    assert alice.put("/text/learning", {"act": "use"}).status_code == 422
    learning.learn_due(now=NOW)
    told = alice.get("/text/learning").json()
    assert (told["is_on"], told["in_force"], told["corrections"]) == (True, None, 30)
    figures = told["newest"]["texts"]
    assert (figures["n"], figures["confirmed"]) == (30, round(30 * figures["before"]["value"]))
    assert figures["after"]["low"] <= figures["after"]["value"] <= figures["after"]["high"]
    assert alice.put("/text/learning", {"act": "forget"}).json()["newest"] is None
