"""What staff are told when something is wrong: one sentence, what to do, and nothing lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from manyi.accounts.models import Touchpoint
from tests.factories import House, house
from tests.web.staff import logged_in, text

pytestmark = [pytest.mark.django_db, pytest.mark.db]
NEW = "/settings/touchpoints/new/"
LIFT = {"code": "lift", "name__zh": "电梯<br>", "name__en": ""}


@pytest.fixture
def home() -> House:
    return house()


def refusing(sentence: str) -> Callable[..., Any]:
    """Return what makes the database refuse to store touchpoints, as a full disk does."""

    def refuse(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("INSERT") and "touchpoint" in sql:
            raise OperationalError(sentence)
        return execute(sql, *rest)

    return refuse


def brave(member: Any, language: str = "zh-hans") -> Client:
    client = logged_in(member, language)
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(
    ("sentence", "told"),
    [("database is locked", "服务器繁忙"), ("database or disk is full", "磁盘已满")],
)
def test_what_could_not_be_stored_is_sent_again_by_one_button(
    home: House, sentence: str, told: str
) -> None:
    client = brave(home.alice)
    with connection.execute_wrapper(refusing(sentence)):
        answer = client.post(NEW, LIFT)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    page = text(answer)
    assert told in page
    assert 'name="name__zh" value="电梯&lt;br&gt;"' in page
    assert client.post(NEW, dict(answer.context["typed"])).status_code == 302
    assert Touchpoint.objects.filter(code="lift").count() == 1


def test_no_secret_stands_in_a_page_that_failed(home: House) -> None:
    client = brave(home.alice)
    with connection.execute_wrapper(refusing("database is locked")):
        answer = client.post(NEW, {**LIFT, "password": "a-secret"})
    assert "a-secret" not in text(answer)


def test_too_many_fields_are_told_as_such(home: House) -> None:
    answer = brave(home.alice, "en").post(NEW, {f"x{n}": "" for n in range(1100)})
    assert answer.status_code == 413
    assert "too much at once" in text(answer)


def test_the_address_of_a_button_is_no_blank_page(home: House) -> None:
    answer = logged_in(home.alice).get("/indicators/usual/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "某个按钮的地址" in text(answer)


def test_after_the_log_in_one_stands_where_the_form_was(db: None) -> None:
    client = Client(headers={"referer": "http://testserver/units/?q=a#x"})
    answer = client.post("/indicators/usual/")
    assert answer["Location"] == "/log-in/?next=/units/%3Fq%3Da"
    elsewhere = Client(headers={"referer": "https://evil.example/x"}).post("/indicators/usual/")
    assert elsewhere["Location"] == "/log-in/?next=/"


def test_a_page_says_once_that_a_role_does_not_allow_it(home: House) -> None:
    page = text(logged_in(home.viewer).get("/settings/members/new/"))
    assert page.count("您的角色") == 2  # the title and the heading
    assert "申请权限" in page


def test_a_filter_that_cannot_be_read_is_left_by_a_button(home: House) -> None:
    answer = logged_in(home.alice).get("/standings/?from=2026-99-99")
    assert answer.status_code == 400
    assert "不是日期" in text(answer)
    assert 'href="/standings/"' in text(answer)
