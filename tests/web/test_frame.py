"""The frame: who is asking, what the rail shows, how problems are said."""

from __future__ import annotations

import re
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse, QueryDict
from django.test import Client, RequestFactory
from django.utils import translation

from manyi.kit.period import Period
from manyi.kit.problems import Busy, FieldProblem, Forbidden, NotFound, Problem
from manyi.web import downloads, errors, filters
from manyi.web.once import act_once
from tests import factories
from tests.factories import PASSWORD, House

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return factories.house()


@pytest.fixture
def alice(house: House) -> Client:
    return logged_in(house.alice)


def logged_in(member: Any) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def rail(response: Any) -> list[str]:
    return re.findall(r'class="rail-item" href="([^"]+)"', response.content.decode())


def test_a_stranger_is_led_to_the_log_in_and_back(db: None) -> None:
    response = Client().get("/?unit=N")
    assert response.status_code == 302
    assert response["Location"] == "/log-in/?next=/%3Funit%3DN"


def test_a_part_of_a_page_takes_the_whole_page_to_the_log_in(db: None) -> None:
    response = Client().get(
        "/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/units/?q=a"}
    )
    assert response["HX-Redirect"] == "/log-in/?next=/units/%3Fq%3Da"


def test_the_page_says_its_language_and_who_works_where(alice: Client) -> None:
    page = alice.get("/").content.decode()
    assert '<html lang="zh-Hans">' in page
    assert "安居集团" in page
    english = alice.get("/", headers={"accept-language": "en"}).content.decode()
    assert '<html lang="en">' in english
    assert "Anju Group" in english


def test_the_language_chosen_stays_with_the_browser_and_the_user(
    alice: Client, house: House
) -> None:
    response = alice.post("/language/", {"language": "en", "next": "/"})
    assert response.status_code == 302
    assert '<html lang="en">' in alice.get("/").content.decode()
    house.alice.user.refresh_from_db()
    assert house.alice.user.language == "en"
    assert '<html lang="en">' in logged_in(house.alice).get("/").content.decode()


def test_nothing_is_left_in_the_browser(alice: Client) -> None:
    assert "no-store" in alice.get("/")["Cache-Control"]


def test_the_frame_offers_units_inside_ones_scope(house: House) -> None:
    page = logged_in(house.bob).get("/").content.decode()
    menu = page.split("topbar")[1].split("</header>")[0]
    assert "我的全部机构" in menu
    assert "北京海淀店" in menu
    assert "广州天河店" not in menu
    assert "近 90 天" in menu


def test_a_large_tree_is_offered_branch_by_branch(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("manyi.web.context.MOST_UNITS", 3)
    client = logged_in(house.alice)

    def offered(query: str) -> list[str]:
        menu = client.get("/" + query).content.decode().split("</header>")[0]
        return re.findall(r"unit=([^&\"]+)", menu)

    assert set(offered("")) == {"HQ", "N", "S"}
    assert {"HQ", "N", "N-001"} <= set(offered("?unit=N"))
    assert "S-001" not in offered("?unit=N")


def test_a_query_that_cannot_be_read_is_said(alice: Client) -> None:
    response = alice.get("/?from=yesterday")
    assert response.status_code == 400
    assert "yesterday" in response.content.decode()
    assert alice.get("/?unit=NOWHERE").status_code == 404


def test_unit_and_period_follow_from_page_to_page(alice: Client) -> None:
    links = rail(alice.get("/?unit=N&from=2026-01-01&to=2026-01-31&q=x"))
    assert links
    assert all(link.endswith("?unit=N&amp;from=2026-01-01&amp;to=2026-01-31") for link in links)


def test_the_rail_shows_only_what_the_role_may_open(house: House) -> None:
    hidden = [x for x in rail(logged_in(house.viewer).get("/")) if "customers" in x]
    assert hidden == []


def test_a_first_password_opens_nothing_but_its_change(house: House) -> None:
    user = house.alice.user
    user.must_change_password = True
    user.save()
    client = logged_in(house.alice)
    assert client.get("/").headers["Location"] == "/password/"
    assert client.get("/two-step/").headers["Location"] == "/password/"
    same = client.post("/password/", {"password1": PASSWORD, "password2": PASSWORD})
    assert same.status_code == 200
    new = "quite another horse 7"
    changed = client.post("/password/", {"password1": new, "password2": new})
    assert changed.headers["Location"] == "/"
    assert client.get("/").status_code == 200


def test_somebody_without_an_organisation_is_told_so(house: House) -> None:
    house.alice.is_active = False
    house.alice.save()
    response = logged_in(house.alice).get("/")
    assert response.status_code == 403
    assert "还没有加入任何组织" in response.content.decode()


def test_one_organisation_at_a_time_and_only_ones_own(house: House) -> None:
    other = factories.organisation(name=factories.text("第二家", "Second"))
    factories.member(other, "viewer", user=house.alice.user)
    client = logged_in(house.alice)
    assert client.get(f"/organisation/{other.code}/").status_code == 302
    assert "第二家" in client.get("/").content.decode()
    strange = factories.stranger_house().organisation.code
    assert client.get(f"/organisation/{strange}/").status_code == 404


def test_an_unknown_page_keeps_its_number(alice: Client) -> None:
    response = alice.get("/no-such-page/")
    assert response.status_code == 404
    assert response["X-Request-Id"] in response.content.decode()
    program = alice.get("/api/v1/no-such-thing")
    assert program["Content-Type"] in {"application/problem+json", "application/json"} or (
        program.status_code == 404
    )


@pytest.mark.parametrize(
    ("problem", "method", "status"),
    [
        (Forbidden("forbidden"), "GET", 403),
        (NotFound("not_found"), "GET", 404),
        (Busy(retry_after=7), "POST", 503),
        (Problem("period_reversed"), "GET", 400),
        (Problem("period_reversed"), "POST", 422),
    ],
)
def test_a_problem_is_said_with_its_status(problem: Problem, method: str, status: int) -> None:
    request: Any = RequestFactory().generic(method, "/")
    request.member, request.id = None, "abc"
    with translation.override("en"):
        response = errors.answer(request, problem)
        assert response.status_code == status
        said = {403: "Ask an owner", 404: "belongs to a unit that you may not see"}
        expected = said.get(status) or errors.sentences(problem)[0]
        assert expected in response.content.decode()
    assert response.get("Retry-After") == ("7" if status == 503 else None)


def test_htmx_gets_a_fragment() -> None:
    request: Any = RequestFactory().get("/")
    request.htmx = True
    with translation.override("en"):
        body = errors.answer(request, NotFound("not_found")).content.decode()
    assert "<html" not in body
    assert "There is no such thing here" in body


def ask(house: House, query: str, member: Any = None) -> Any:
    who = member or house.alice
    return SimpleNamespace(GET=QueryDict(query), scope=factories.scope(who), member=who, path="/x/")


def test_without_a_period_the_last_90_days_are_shown(house: House) -> None:
    when = filters.selection(ask(house, "")).when
    assert when is not None and when.days == 90


def test_what_cannot_be_read_is_named(house: House) -> None:
    with pytest.raises(Problem) as caught:
        filters.selection(ask(house, "from=yesterday"))
    assert caught.value.errors == (FieldProblem("from", "date_invalid", {"value": "yesterday"}),)
    with pytest.raises(NotFound):
        filters.selection(ask(house, "unit=S", house.bob))
    chosen = filters.selection(ask(house, "unit=N&from=2026-01-01&to=2026-01-02"))
    assert chosen.where == {"unit": ("N",)}
    assert chosen.when == Period(date(2026, 1, 1), date(2026, 1, 2))


def test_a_form_sent_twice_acts_once(house: House) -> None:
    request: Any = RequestFactory().post("/x/", {"once": "mark"})
    request.session = SimpleNamespace(session_key="s")
    acted = []

    def act() -> HttpResponse:
        acted.append(1)
        return HttpResponse(status=302, headers={"Location": "/done/"})

    assert [act_once(request, act)["Location"] for _ in range(2)] == ["/done/"] * 2
    assert len(acted) == 1


def test_a_form_that_came_back_may_be_sent_again(house: House) -> None:
    request: Any = RequestFactory().post("/x/", {"once": "other"})
    request.session = SimpleNamespace(session_key="s")
    assert [act_once(request, lambda: HttpResponse(status=422)).status_code for _ in "ab"] == [
        422,
        422,
    ]


def test_a_table_comes_as_a_guarded_file(house: House) -> None:
    columns = [downloads.Column("name", "名称")]
    rows = [{"name": "=1+1"}]
    csv: Any = downloads.table_response(ask(house, "format=csv"), "机构", columns, rows)
    body = b"".join(csv.streaming_content).decode()
    assert body == "\ufeff名称\r\n'=1+1\r\n"
    assert ".csv" in csv["Content-Disposition"]
    book: Any = downloads.table_response(ask(house, "format=xlsx"), "机构", columns, rows)
    assert b"".join(book.streaming_content)[:2] == b"PK"
    with pytest.raises(Problem):
        downloads.table_response(ask(house, "format=doc"), "机构", columns, rows)


@pytest.mark.parametrize(
    "span", ["from=2020-01-01", "to=2026-01-01", "from=0001-01-01&to=9999-12-30"]
)
def test_a_period_with_an_open_end_has_one_before_it_to_compare(house: House, span: str) -> None:
    client = Client()
    client.force_login(house.alice.user)
    for path in ("/", "/results/", "/standings/", "/indicators/", "/feedback/"):
        assert client.get(f"{path}?{span}").status_code == 200, path
