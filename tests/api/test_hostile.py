"""What nobody polite would send: each is answered by a sentence, and none by a failure."""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import quote

import pytest

from manyi.feedback.models import FeedbackRecord
from manyi.packs.templates import template
from manyi.surveys.models import Survey
from tests.api.test_api import Api
from tests.factories import House, house
from tests.voices import published, voice

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture
def home() -> House:
    return house()


@pytest.fixture
def alice(home: House) -> Api:
    found = Api(home.alice)
    found.client.raise_request_exception = False
    return found


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/feedback?answer:q1=--5", 200),
        ("/metrics?metric=csat&answer:q1=--5", 200),
        ("/feedback?unit=%00", 400),
        ("/surveys/%00", 400),
        ("/metrics?metric=csat&by=unit&by=unit", 200),
        ("/metrics?metric=csat&" + "&".join(f"by=attribute:a{i}" for i in range(5)), 422),
        ("/feedback?" + "&".join(f"attribute:a{i}=1" for i in range(21)), 422),
        ("/feedback?" + "&".join(f"unit=u{i}" for i in range(2000)), 400),
        ("/feedback?cursor=WzEsICIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIl0", 422),
        ("/feedback?q=" + "a%20" * 3000, 200),
    ],
)
def test_an_odd_question_is_answered(alice: Api, path: str, status: int) -> None:
    found = alice.client.get(f"/api/v1{path}")
    assert found.status_code == status
    if path.startswith("/metrics") and status == 200:
        assert all(row["status"] != "failed" for row in found.json()["rows"])


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "\ud800"},
        {"scores": [{"metric": "\ud800", "value": 4, "scale": [1, 5]}]},
        {"scores": [{"metric": "csat", "item": "\ud800", "value": 4, "scale": [1, 5]}]},
        {"attributes": {"\x01": "b"}},
        {"customer": {"\ud800": "x"}},
        {"turns": [{"role": "\0", "text": "a"}]},
    ],
)
def test_what_no_database_keeps_is_refused(alice: Api, values: dict[str, Any]) -> None:
    assert alice.post("/feedback", json.dumps(voice(**values))).status_code == 422


def test_a_bad_line_costs_no_other(alice: Api) -> None:
    bad = voice(source_ref="bad", turns=[{"role": "\ud800", "text": "a"}])
    item = voice(scores=[{"metric": "csat", "item": "\ud800", "value": 4, "scale": [1, 5]}])
    lines = "\n".join(json.dumps(one) for one in (voice(), bad, item, voice()))
    told = alice.client.post("/api/v1/feedback/bulk", lines, content_type="application/x-ndjson")
    assert (told.json()["created"], told.json()["rejected"]) == (2, 2)


def test_a_moment_with_an_odd_offset_is_kept(alice: Api) -> None:
    sent = voice(occurred_at="2026-10-30T09:30:00+23:59:59")
    assert alice.post("/feedback", sent).status_code == 201


def test_not_a_number_is_not_json(alice: Api) -> None:
    text = json.dumps(voice(attributes={"a": 1})).replace('{"a": 1}', '{"a": NaN}')
    assert alice.post("/feedback", text).status_code == 400


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+08:00", "9999-12-31T23:59:00-12:00", "1999-12-31T23:59:00Z"]
)
def test_a_survey_opens_at_no_end_of_the_calendar(alice: Api, at: str) -> None:
    for key in ("opens_at", "closes_at"):
        told = alice.post("/surveys", {"definition": template("csat"), key: at})
        assert (told.status_code, told.json()["errors"][0]["code"]) == (422, "survey.moment_odd")
    assert not Survey.objects.exists()


NAMES = ("0", "88", "-1", "a.b", 'a"b', "a'b", "$", "[0]", "#-1", "a%s", "中")


@pytest.mark.parametrize("name", NAMES)
def test_an_attribute_of_any_name_is_found_by_list_and_metric(alice: Api, name: str) -> None:
    alice.post("/feedback", voice(attributes={name: "v"}))
    _found_by_both(alice, name, "v")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        *((0, "0"), (0.0, "0"), ("0", "0"), (2.5, "2.5"), (1e14, "100000000000000")),
        *((1.5e-7, "1.5e-07"), (True, "true"), (False, "false"), ("true", "true")),
    ],
)
def test_an_attribute_of_any_value_is_found_by_list_and_metric(
    alice: Api, value: Any, code: str
) -> None:
    alice.post("/feedback", voice(attributes={"a": value}))
    alice.post("/feedback", voice(attributes={"a": "other"}))
    _found_by_both(alice, "a", code)


def _found_by_both(alice: Api, name: str, code: str) -> None:
    asked = f"attribute:{quote(name)}={quote(code)}"
    listed = alice.client.get(f"/api/v1/feedback?{asked}").json()["items"]
    rows = alice.client.get(f"/api/v1/metrics?metric=csat&{asked}").json()["rows"]
    assert (len(listed), rows[0]["n"]) == (1, 1)


def test_a_body_in_chunks_is_stored(alice: Api) -> None:
    """Without Content-Length Django reads nothing, and nothing stored would be called done."""
    lines = "\n".join(json.dumps(voice()) for _ in range(3))
    assert _chunked(alice, "/feedback/bulk", lines).json()["created"] == 3
    assert _chunked(alice, "/feedback", json.dumps(voice())).status_code == 201
    assert FeedbackRecord.objects.count() == 4


def _chunked(api: Api, path: str, body: str) -> Any:
    given = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    stream = {"wsgi.input": io.BytesIO(body.encode())}
    return api.client.generic("POST", f"/api/v1{path}", body, **given, **stream)


def test_a_length_of_more_digits_than_a_number_has_is_too_large(alice: Api) -> None:
    given = {"CONTENT_LENGTH": "9" * 5000}
    told = alice.client.generic("POST", "/api/v1/feedback", json.dumps(voice()), **given)
    assert (told.status_code, told.json()["code"]) == (422, "body_too_large")


def test_a_stranger_adds_no_attributes_of_their_own(home: House) -> None:
    code = published(home.alice, "csat").survey.code
    forged = {"answers": {"overall": 5}, "hidden": {"tier": "gold"}}
    told = Api().post(f"/surveys/{code}/responses", forged)
    assert told.status_code == 422
    assert told.json()["errors"][0]["pointer"] == "/hidden/tier"
    assert not FeedbackRecord.objects.exists()
