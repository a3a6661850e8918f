"""The promised shapes of `/api/v1/`, and that a token never reaches further than its member."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from manyi.accounts.actions import create_token
from manyi.accounts.models import Member
from manyi.feedback.models import FeedbackRecord
from tests.factories import NOW, House, StrangerHouse, house, stranger_house
from tests.voices import published, rated, voice

pytestmark = [pytest.mark.django_db, pytest.mark.db]


class Api:
    """A client that speaks JSON as one member."""

    def __init__(self, member: Member | None = None, **token: Any) -> None:
        headers = {}
        if member is not None:
            secret = secret_of(create_token(by=member, name="test", now=NOW, **token))
            headers = {"Authorization": f"Bearer {secret}"}
        self.client = Client(headers=headers)

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1{path}", query)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.client.post(
            f"/api/v1{path}", body, content_type="application/json", headers=headers
        )

    def put(self, path: str, body: Any) -> Any:
        return self.client.put(f"/api/v1{path}", body, content_type="application/json")

    def delete(self, path: str) -> Any:
        return self.client.delete(f"/api/v1{path}")


def secret_of(made: Any) -> str:
    return made if isinstance(made, str) else next(x for x in made if isinstance(x, str))


@pytest.fixture
def home() -> House:
    return house()


@pytest.fixture
def abroad() -> StrangerHouse:
    return stranger_house()


@pytest.fixture
def alice(home: House) -> Api:
    return Api(home.alice)


def test_without_a_token_nothing_is_told() -> None:
    answer = Api().get("/feedback")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "token_invalid"
    assert set(answer.json()) >= {"title", "status", "code", "detail", "errors", "request_id"}


def test_a_record_is_created_updated_and_unchanged(alice: Api) -> None:
    one = voice(source_ref="T-1")
    first = alice.post("/feedback", one)
    assert (first.status_code, first.json()["result"]) == (201, "created")
    again = alice.post("/feedback", one)
    assert (again.status_code, again.json()) == (200, {**first.json(), "result": "unchanged"})
    assert alice.post("/feedback", {**one, "verbatim": "改了"}).json()["result"] == "updated"
    shown = alice.get(f"/feedback/{first.json()['id']}").json()
    assert (shown["verbatim"], shown["revision"]) == ("改了", 2)


def test_a_refusal_names_each_field(alice: Api) -> None:
    answer = alice.post("/feedback", {**voice(), "unitt": "x", "scores": [{"metric": "nps"}]})
    assert answer.status_code == 422
    assert {e["pointer"] for e in answer.json()["errors"]} == {"/unitt", "/scores/0/value"}
    assert (
        alice.client.post("/api/v1/feedback", "{", content_type="application/json").status_code
        == 400
    )


def test_bulk_stores_good_lines_and_names_bad_ones(alice: Api) -> None:
    lines = [json.dumps(rated(i % 5 + 1)) for i in range(300)]
    lines[7] = "{not json"
    lines[8] = json.dumps(voice(unit="nowhere"))
    answer = alice.client.post(
        "/api/v1/feedback/bulk", "\n".join(lines), content_type="application/x-ndjson"
    ).json()
    assert (answer["received"], answer["created"], answer["rejected"]) == (300, 298, 2)
    assert [(p["line"], p["code"]) for p in answer["problems"]] == [
        (8, "line_not_json"),
        (9, "unit_unknown"),
    ]
    assert FeedbackRecord.objects.count() == 298


def test_an_idempotency_key_is_done_once(alice: Api) -> None:
    first = alice.post("/feedback", voice(source_ref="a"), **{"Idempotency-Key": "k1"})
    again = alice.post("/feedback", voice(source_ref="a"), **{"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = alice.post("/feedback", voice(source_ref="b"), **{"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_other_body")


def test_lists_go_on_by_cursor(alice: Api) -> None:
    for i in range(5):
        alice.post("/feedback", voice(source_ref=f"r{i}"))
    seen, cursor = [], None
    while True:
        query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = alice.get("/feedback", **query).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 5


def test_a_typo_never_widens_a_filter(alice: Api) -> None:
    for path in ("/feedback", "/metrics", "/units", "/surveys", "/customers", "/audit"):
        answer = alice.get(path, metric="nps", untit="x")
        assert answer.status_code == 422, path
        assert "untit" in {e["pointer"].strip("/") for e in answer.json()["errors"]}


def test_surveys_are_made_published_and_answered(alice: Api) -> None:
    from manyi.packs.templates import template

    made = alice.post("/surveys", {"title": "满意度", "definition": template("csat")})
    assert made.status_code == 201
    path = f"/surveys/{made.json()['id']}"
    live = alice.post(f"{path}/publish", {}).json()
    assert live["version"] == 1
    assert live["url"].endswith(f"/s/{live['code']}/")
    visitor = Api()
    bad = visitor.post(f"/surveys/{live['code']}/responses", {"answers": {"overall": 7}})
    assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "/answers/overall")
    body = {"answers": {"overall": 5}, "submission_id": "visitor-1"}
    sent = [visitor.post(f"/surveys/{live['code']}/responses", body) for _ in range(2)]
    assert [a.status_code for a in sent] == [201, 200]
    by_id = visitor.post(f"{path}/responses", body)
    assert (by_id.status_code, by_id.json()["reference"]) == (200, sent[0].json()["reference"])
    listed = alice.get(f"{path}/responses").json()["items"]
    assert [r["answers"] for r in listed] == [{"overall": 5}]
    assert listed[0]["occurred_at"] == listed[0]["day"]
    rows = alice.get("/metrics", metric="csat", survey=live["code"]).json()["rows"]
    assert (rows[0]["n"], rows[0]["status"], rows[0]["value"]) == (None, "suppressed", None)


def test_a_stranger_who_guesses_ids_and_keys_takes_nobodys_answer(home: House) -> None:
    path = f"/surveys/{published(home.alice).survey.code}/responses"
    stranger, till = ({"answers": {"overall": n}, "submission_id": "till-7-0001"} for n in (1, 5))
    key = {"Idempotency-Key": "0001"}
    elsewhere = Api()
    elsewhere.client.defaults["REMOTE_ADDR"] = "203.0.113.9"
    first = elsewhere.post(path, stranger, **key)
    mine = [Api().post(path, till, **key) for _ in range(2)]
    again = [Api().post(path, till), Api().post(path, stranger)]
    assert [a.status_code for a in (first, *mine, *again)] == [201, 201, 201, 200, 200]
    assert {a.json()["reference"] for a in (*mine, again[0])} == {mine[0].json()["reference"]}
    assert again[1].json()["reference"] == first.json()["reference"]
    assert {a.json()["submission_id"] for a in mine} == {"till-7-0001"}
    kept = FeedbackRecord.objects.values_list("scores__value", flat=True)
    assert sorted(kept) == [1, 5]


def test_numbers_carry_interval_and_n(alice: Api) -> None:
    for i in range(40):
        alice.post("/feedback", rated(5 if i % 4 else 1, unit="N-001"))
    row = alice.get("/metrics", metric="csat", by="unit").json()["rows"][0]
    assert (row["group"], row["n"], row["status"]) == ({"unit": "N-001"}, 40, "ok")
    assert row["value"] == pytest.approx(75.0)
    assert row["low"] < 75 < row["high"]
    assert alice.get("/metrics", metric="mean").status_code == 422
    assert alice.get("/metrics").status_code == 422


def test_a_read_only_token_only_reads(home: House) -> None:
    reader = Api(home.alice, is_read_only=True)
    assert reader.get("/feedback").status_code == 200
    assert reader.post("/feedback", voice()).json()["code"] == "token_read_only"


def test_strangers_and_siblings_see_nothing(home: House, abroad: StrangerHouse, alice: Api) -> None:
    record = alice.post("/feedback", voice(unit="S-001")).json()["id"]
    survey = published(home.alice).survey
    for member in (abroad.charlie, home.bob):
        other = Api(member)
        assert other.get(f"/feedback/{record}").status_code == 404
        assert other.get("/feedback").json()["items"] == []
        assert sum(r["n"] for r in other.get("/metrics", metric="csat").json()["rows"]) == 0
    charlie = Api(abroad.charlie)
    assert charlie.get(f"/surveys/{survey.pk}").status_code == 404
    assert charlie.get(f"/surveys/{survey.code}/responses").status_code == 404
    assert charlie.put("/units", {"code": "N-001", "name": "mine"}).status_code == 200
    home.north_1.refresh_from_db()
    assert home.north_1.name["en"] == "Chaoyang Store"
    assert [u["code"] for u in Api(home.bob).get("/units").json()["items"]].count("S-001") == 0


def test_roles_bound_what_is_done(home: House) -> None:
    viewer, external = Api(home.viewer), Api(home.external)
    assert viewer.post("/feedback", voice()).status_code == 403
    assert viewer.put("/units", {"code": "X"}).status_code == 403
    assert external.get("/feedback").json()["items"] == []
    assert external.get("/metrics", metric="nps").status_code == 200
    assert external.get("/audit").status_code == 403


def test_places_and_customers_are_upserted(alice: Api) -> None:
    unit = {"code": "E-1", "name": {"zh-Hans": "东店", "en": "East"}, "parent": "N"}
    assert [alice.put("/units", unit).status_code for _ in range(2)] == [201, 200]
    assert alice.get("/units/E-1").json()["name"]["en"] == "East"
    assert alice.put("/touchpoints", {"code": "lift", "name": "电梯"}).json()["result"] == "created"
    wang = {"ref": "C-9", "name": "王芳", "phone": "13800000000"}
    made = alice.put("/customers", wang).json()
    assert alice.get(f"/customers/{made['id']}").json()["name"] == "王芳"
    assert [c["ref"] for c in alice.get("/customers", q="王芳").json()["items"]] == ["C-9"]


def test_the_audit_chain_is_read_and_checked(alice: Api) -> None:
    assert alice.get("/audit").json()["items"][0]["action"]
    assert alice.get("/audit/verify").json()["ok"] is True


def test_health_is_told_to_anybody() -> None:
    assert Client().get("/healthz").status_code == 200
    ready = Client().get("/readyz").json()
    assert set(ready) >= {
        "ok",
        "database",
        "sqlite_version",
        "migrations",
        "worker_lag_seconds",
        "lake_lag_seconds",
    }
