"""Themes, findings and the taxonomy through the API."""

from __future__ import annotations

import pytest

from manyi.feedback import analysing, outside, rereading
from manyi.feedback.models import FeedbackRecord
from manyi.text.outside.reading import Outside
from tests.api.test_api import Api
from tests.factories import NOW, House, house
from tests.voices import rated, receive, voice

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def home() -> House:
    home = house()
    receive(home.alice, *(voice(verbatim="服务员小王态度很差，太慢了") for _ in range(12)))
    analysing.analyse_waiting(now=NOW)
    return home


def test_themes_have_intervals(home: House) -> None:
    told = Api(home.alice).get("/text/themes").json()
    attitude = next(one for one in told["themes"] if one["code"] == "service.attitude")
    assert attitude["negative"] == 12
    assert attitude["net_sentiment"]["value"] == -100.0
    assert attitude["net_sentiment"]["high"] > -100.0
    assert told["voices"]["n"] == 12
    wants = Api(home.alice).get("/text/themes", facet="intent").json()
    assert "complaint" in [one["code"] for one in wants["themes"]]


def test_themes_tell_how_many_texts_a_model_outside_reads(home: House) -> None:
    assert Api(home.alice).get("/text/themes").json()["outside"] == []
    told = Outside("negative", (), (), 0)
    for record in FeedbackRecord.objects.order_by("pk")[:3]:
        outside.store(home.organisation.pk, record.pk, "慢", "qwen3", told, NOW)
    read = Api(home.alice).get("/text/themes").json()["outside"]
    assert read == [{"model": "llm:qwen3", "texts": 3}]


def test_emotions_are_shares_with_intervals(home: House) -> None:
    told = Api(home.alice).get("/text/emotions").json()
    assert told["status"] == "ok"
    assert sum(one["voices"] for one in told["emotions"]) == 12
    first = told["emotions"][0]["share"]
    assert first["n"] == 12
    assert first["low"] < first["high"]
    by = Api(home.alice).get("/text/emotions", by="channel").json()["emotions"]
    assert all(set(one["group"]) == {"channel"} for one in by)
    assert Api(home.alice).get("/text/emotions", facet="intent").status_code in (400, 422)


def test_any_metric_is_asked_of_those_who_speak_of_something(home: House) -> None:
    asked = {"metric": "csat", "aspect": "service", "polarity": "negative"}
    [row] = Api(home.alice).get("/metrics", **asked).json()["rows"]
    assert row["n"] == 12
    assert len(Api(home.alice).get("/feedback", aspect="service").json()["items"]) == 12


def test_findings_of_a_record(home: House) -> None:
    pk = FeedbackRecord.objects.all()[0].pk
    told = Api(home.alice).get(f"/feedback/{pk}/findings").json()
    assert told["is_read"]
    assert "态度" in [w for one in told["findings"] for w in one["words"]]
    outside = Api(home.external).get(f"/feedback/{pk}/findings").json()
    assert [one["words"] for one in outside["findings"]] == [[] for _ in told["findings"]]


def test_a_taxonomy_is_chosen_by_an_owner(home: House) -> None:
    body = {"pack": "hotel", "own": [{"code": "a.b", "name": {"en": "X"}, "words": ["小王"]}]}
    assert Api(home.analyst).put("/text/taxonomy", body).status_code == 403
    assert Api(home.alice).put("/text/taxonomy", body).status_code == 201
    assert Api(home.alice).put("/text/taxonomy", body).status_code == 422
    rereading.work_on_next(now=NOW)
    told = Api(home.alice).get("/text/taxonomy").json()
    assert (told["pack"], told["generation"], told["under_way"]) == ("hotel", 1, None)
    assert told["aspects"][0]["code"] == "a.b"


def test_what_a_change_goes_with(home: House) -> None:
    before = {"occurred_at": "2026-09-15T09:00:00+08:00"}
    receive(home.alice, *(rated(5, verbatim="早餐很好吃", **before) for _ in range(60)))
    receive(home.alice, *(rated(1, verbatim="服务员态度很差") for _ in range(30)))
    analysing.analyse_waiting(now=NOW)
    days = {"from": "2026-10-01", "to": "2026-10-31"}
    told = Api(home.alice).get("/text/changes", **days).json()
    assert (told["status"], told["n"], told["n_before"]) == ("ok", 42, 60)
    assert told["change"]["high"] < 0
    first = told["themes"][0]
    assert (first["aspect"], first["polarity"], first["sure"]) == (
        "service.attitude",
        "negative",
        True,
    )
    assert Api(home.alice).get("/text/changes", metric="csat", **days).status_code == 422
    assert Api(home.alice).get("/text/changes").json()["status"] == "no_period"
