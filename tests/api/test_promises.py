"""What the promised interface says of every operation, asked of every operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import RequestFactory

from manyi.api.app import api
from manyi.api.problems import problem_response
from manyi.connectors import drafting
from manyi.connectors.models import Import
from manyi.customers.actions import upsert_many
from manyi.customers.models import ErasureRequest
from manyi.feedback.models import FeedbackRecord
from manyi.kit.problems import TooMany
from manyi.packs.templates import template
from manyi.surveys.models import Survey
from manyi.web import errors
from tests.api.test_api import Api
from tests.factories import NOW, House, house
from tests.voices import published, voice

pytestmark = pytest.mark.django_db
on_both = pytest.mark.db  # what is refused before any row is read is the same on either
METHODS = ("get", "post", "put", "patch", "delete")
OPERATIONS = [
    (entry["operationId"], method, path)
    for path, methods in api.get_openapi_schema()["paths"].items()
    for method, entry in methods.items()
    if method in METHODS
]


@pytest.fixture
def home() -> House:
    return house()


def ask(client: Any, method: str, path: str, query: str = "", **given: Any) -> Any:
    """Call an operation; what stands in braces is filled with a code that nothing has."""
    for name in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
        path = path.replace("{" + name + "}", "1")
    return getattr(client, method)(f"{path}{query}", **given)


@pytest.mark.parametrize(("name", "method", "path"), OPERATIONS)
def test_an_unknown_parameter_is_refused(home: House, name: str, method: str, path: str) -> None:
    given = {} if method == "get" else {"data": "{}", "content_type": "application/json"}
    told = ask(Api(home.alice).client, method, path, "?zzz=1", **given)
    assert told.status_code == 422, name
    assert [(e["pointer"], e["code"]) for e in told.json()["errors"]] == [
        ("/zzz", "parameter_unknown")
    ]


GETS = [(name, path) for name, method, path in OPERATIONS if method == "get"]
LISTS = [(name, path) for name, path in GETS if name.endswith(".list") and "record" not in path]


@pytest.mark.parametrize(("name", "method", "path"), OPERATIONS)
def test_nothing_is_done_for_nobody(name: str, method: str, path: str) -> None:
    told = ask(Api().client, method, path)
    expected = 404 if name == "response.submit" else 401
    if name == "response.submit":
        told = ask(Api().client, method, path, data="{}", content_type="application/json")
    assert told.status_code == expected
    assert told["Content-Type"] == "application/problem+json"


@on_both
@pytest.mark.parametrize(("name", "path"), GETS)
def test_head_is_get_without_a_body(home: House, name: str, path: str) -> None:
    client = Api(home.alice).client
    head, get = ask(client, "head", path), ask(client, "get", path)
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head["Content-Length"] == str(len(get.content))


@on_both
@pytest.mark.parametrize(("name", "path"), LISTS)
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "limit_invalid"),
        ("limit=201", "limit_invalid"),
        ("limit=-1", "limit_invalid"),
        ("limit=1e2", "limit_invalid"),
        ("limit=" + "9" * 5000, "limit_invalid"),
        ("limit=", "limit_invalid"),
        ("cursor=x", "cursor_invalid"),
        ("cursor=%F0%9F%98%80", "cursor_invalid"),
        ("cursor=Wy0xXQ", "cursor_invalid"),
    ],
)
def test_every_list_is_paged_alike(
    home: House, name: str, path: str, query: str, code: str
) -> None:
    client = Api(home.alice).client
    if "{" in path:
        path = path.replace("{survey}", published(home.alice).survey.code)
    page = ask(client, "get", path, "?limit=1")
    assert set(page.json()) >= {"items", "next_cursor"}
    assert len(page.json()["items"]) <= 1
    told = ask(client, "get", path, f"?{query}")
    assert (told.status_code, [e["code"] for e in told.json()["errors"]]) == (422, [code])


@on_both
@pytest.mark.parametrize("path", ["/units", "/members", "/touchpoints"])
def test_a_list_is_told_whole_a_page_at_a_time(home: House, path: str) -> None:
    api = Api(home.alice)
    whole = [one for one in api.get(path, limit=200).json()["items"]]
    assert len(whole) > 1
    pieces, cursor = [], {}
    while cursor is not None:
        page = api.get(path, limit=1, **cursor).json()
        pieces += page["items"]
        cursor = page["next_cursor"] and {"cursor": page["next_cursor"]}
    assert pieces == whole


@on_both
def test_too_many_says_when_to_come_again() -> None:
    for code in ("too_many", "other"):
        told = problem_response(RequestFactory().get("/"), TooMany(code, retry_after=7))
        assert (told.status_code, told["Retry-After"]) == (429, "7")
    page = errors.answer(RequestFactory().get("/"), TooMany(retry_after=7))
    assert (page.status_code, page["Retry-After"]) == (429, "7")


# --- what creates is done once


def _file(body: str = "a") -> dict[str, Any]:
    rows = "".join(f"R-{i},2026-01-0{i % 9 + 1},{i % 5 + 1},{body}\n" for i in range(20))
    content = f"编号,日期,评分,评论\n{rows}".encode()
    return {"data": {"file": SimpleUploadedFile("r.csv", content), "source": "shop"}}


def _json(body: Any) -> dict[str, Any]:
    return {"data": body, "content_type": "application/json"}


CREATES: dict[str, tuple[str, Callable[[str], dict[str, Any]], type[Model] | None]] = {
    "feedback.create": (
        "/feedback",
        lambda t: _json(voice(source_ref="1", verbatim=t)),
        FeedbackRecord,
    ),
    "survey.create": (
        "/surveys",
        lambda t: _json({"title": t, "definition": template("csat")}),
        Survey,
    ),
    "response.submit": (
        "/surveys/CODE/responses",
        lambda t: _json({"answers": {"overall": 5, "comment": t}}),
        FeedbackRecord,
    ),
    "survey.publish": ("/surveys/CODE/publish", lambda t: _json({}), None),
    "import.start": ("/imports", _file, Import),
    "privacy.erase": ("/privacy/erase", lambda t: _json({"customer": f"C-{t}"}), ErasureRequest),
    "backup.create": ("/backups", lambda t: _json({}), None),
}
# What goes on or changes instead of creating, and the bulk, which is excepted.
OTHERS = {"feedback.bulk", "survey.close", "privacy.export"}
OTHERS |= {"outside_model.act", "outside_model.try"}
# What needs an outside model: tests/api/test_outside.py asks it twice.
ELSEWHERE = {"summary.request"}


@on_both
def test_every_operation_that_creates_is_in_the_table() -> None:
    posts = {name for name, method, _ in OPERATIONS if method == "post"}
    creates = {*CREATES, *ELSEWHERE}
    assert posts == {*creates, *OTHERS}
    for path, methods in api.get_openapi_schema()["paths"].items():
        for entry in methods.values():
            told = {p["name"] for p in entry.get("parameters", [])}
            assert ("Idempotency-Key" in told) == (entry["operationId"] in creates), path


def _named(name: str) -> Any:
    # PostgreSQL copies its tables in a transaction of its own.
    own = [pytest.mark.django_db(transaction=True)] if name == "backup.create" else []
    return pytest.param(name, marks=own)


@on_both
@pytest.mark.parametrize("name", map(_named, CREATES))
def test_what_creates_is_done_once_for_a_key(home: House, name: str) -> None:
    path, given, model = CREATES[name]
    code = published(home.alice).survey.code
    upsert_many(home.organisation.pk, [{"ref": "C-a"}, {"ref": "C-b"}], NOW)
    caller, path = Api(home.alice).client, f"/api/v1{path}".replace("CODE", code)
    headers = {"Idempotency-Key": "k"}
    first = caller.post(path, **given("a"), headers=headers)
    again = caller.post(path, **given("a"), headers=headers)
    assert first.status_code in {200, 201, 202}, first.content
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    if model is None:
        return
    assert model._default_manager.count() - (model is Survey) == 1
    other = caller.post(path, **given("b"), headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_other_body")
    odd = caller.post(path, **given("a"), headers={"Idempotency-Key": "k" * 201})
    assert (odd.status_code, odd.json()["code"]) == (422, "idempotency_key_invalid")


@on_both
def test_a_file_that_was_handed_in_before_is_not_kept_again(home: House) -> None:
    caller, headers = Api(home.alice).client, {"Idempotency-Key": "k"}
    before = len(list(drafting.folder().iterdir()))
    for _ in range(3):
        caller.post("/api/v1/imports", **_file(), headers=headers)
    assert Import.objects.count() == 1
    assert len(list(drafting.folder().iterdir())) == before + 2  # the file and its rows


@on_both
@pytest.mark.parametrize("value", ["True", "yes", "1", ""])
def test_a_dry_run_that_is_misspelt_stores_nothing(home: House, value: str) -> None:
    given = _file()
    given["data"]["dry_run"] = value
    assert Api(home.alice).client.post("/api/v1/imports", **given).status_code == 422
    assert not Import.objects.exists()
