"""Files over the API: started, watched, listed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from manyi.accounts import actions as accounts
from manyi.connectors.models import Import
from manyi.feedback.models import FeedbackRecord
from tests.connectors.files import csv_of, reviews, worked
from tests.factories import NOW, House, house, stranger_house

pytestmark = pytest.mark.django_db
Caller = Callable[..., Any]


def caller(member: Any, **options: Any) -> Caller:
    options.setdefault("is_read_only", False)
    _, secret = accounts.create_token(by=member, name="test", now=NOW, **options)

    def call(method: str, path: str = "", data: Any = None) -> Any:
        head = {"HTTP_AUTHORIZATION": f"Bearer {secret}", "HTTP_ACCEPT_LANGUAGE": "en"}
        return getattr(Client(), method)(f"/api/v1/imports{path}", data or {}, **head)

    return call


@pytest.fixture
def at() -> House:
    return house()


def sent(call: Caller, content: bytes, name: str = "r.csv", **fields: str) -> Any:
    return call("post", "", {"file": SimpleUploadedFile(name, content), **fields})


def test_start_and_status(at: House) -> None:
    call = caller(at.alice)
    answer = sent(call, reviews(30), source="shop")
    assert answer.status_code == 201, answer.content
    started = answer.json()
    assert (started["state"], started["total"], started["source"]) == ("waiting", 30, "shop")
    worked(Import.objects.get(pk=started["id"]))
    seen = call("get", f"/{started['id']}").json()
    assert (seen["state"], seen["created"], seen["problems"]) == ("done", 30, [])
    assert FeedbackRecord.objects.filter(source="shop").count() == 30
    assert [i["id"] for i in call("get").json()["items"]] == [started["id"]]


def test_problems_name_row_and_column(at: House) -> None:
    call = caller(at.alice)
    content = reviews(20) + csv_of([["X", "2025-01-01", "N-404", 3, "x", "微信"]])
    started = sent(call, content).json()
    worked(Import.objects.get(pk=started["id"]))
    [problem] = call("get", f"/{started['id']}").json()["problems"]
    assert (problem["line"], problem["column"], problem["code"]) == (22, "门店", "unit_unknown")


def test_columns_and_dry_run(at: House) -> None:
    call = caller(at.alice)
    content = csv_of([["甲", "乙"], ["2026-10-01", "很满意这里"], ["2026-10-02", "不错不错"]])
    columns = '{"甲": "occurred_at", "乙": "text"}'
    started = sent(call, content, columns=columns, dry_run="true").json()
    worked(Import.objects.get(pk=started["id"]))
    seen = call("get", f"/{started['id']}").json()
    assert (seen["state"], seen["created"], seen["dry_run"]) == ("done", 2, True)
    assert not FeedbackRecord.objects.exists()


@pytest.mark.parametrize(
    ("content", "fields", "code"),
    [
        (b"PK\x03\x04 broken", {}, "file.unreadable"),
        (b"a,b\n1,2\n", {}, "import.mapping_incomplete"),
        (b"a,b\n1,2\n", {"what": "pigs"}, "import.what_unknown"),
        (b"a,b\n1,2\n", {"nonsense": "1"}, "body.invalid"),
        (b"a,b\n1,2\n", {"columns": "[]"}, "body.invalid"),
        (b"a,b\n1,2\n", {"columns": '{"zz": "text"}'}, "import.column_unknown"),
        (b"a,b\n1,2\n", {"mapping": '{"columns": 7}'}, "mapping.invalid"),
        (b"a,b\n1,2\n", {"what": "units", "mapping": '{"columns": {"a": "zz"}}'}, None),
    ],
)
def test_what_cannot_be_used_is_said(
    at: House, content: bytes, fields: dict[str, str], code: str | None
) -> None:
    answer = sent(caller(at.alice), content, **fields)
    assert answer.status_code == 422, answer.content
    assert code is None or answer.json()["code"] == code
    assert not Import.objects.exists()


def test_others_are_kept_out(at: House) -> None:
    started = sent(caller(at.alice), reviews(2)).json()
    assert caller(stranger_house().charlie)("get", f"/{started['id']}").status_code == 404
    assert caller(at.bob)("get", f"/{started['id']}").status_code == 404
    assert sent(caller(at.viewer), reviews(2)).status_code == 403
    assert sent(caller(at.alice, is_read_only=True), reviews(2)).status_code == 403
    assert Client().get("/api/v1/imports").status_code == 401
