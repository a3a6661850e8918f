"""How units stand, and the indicators: inside one's branch, fairly, and edited by few."""

from __future__ import annotations

from typing import Any

import pytest

from manyi.metrics.models import Indicator, Target
from tests.factories import House
from tests.web.numbers import OCTOBER, fill, publish
from tests.web.staff import logged_in, text

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def rows(response: Any) -> dict[str, dict[str, Any]]:
    return {row["code"]: row for row in response.context["rows"]}


def test_every_unit_stands_with_what_is_below_it(house: House) -> None:
    fill(house)
    found = rows(logged_in(house.alice).get(f"/standings/?{OCTOBER}"))
    assert {code: row["row"]["n"] for code, row in found.items()} == {
        "HQ": 40,
        "N": 20,
        "N-001": 16,
        "N-002": 4,
        "S": 20,
        "S-001": 20,
    }
    assert (found["N"]["differs"], found["S"]["differs"]) == (1, -1)
    assert found["N-002"]["row"]["status"] == "too_few"
    assert found["HQ"]["is_judged"] is False


def test_bobs_tree_ends_where_his_branch_ends(house: House) -> None:
    fill(house)
    client = logged_in(house.bob)
    page = client.get(f"/standings/?{OCTOBER}")
    assert set(rows(page)) == {"N", "N-001", "N-002"}
    assert "天河" not in text(page)
    assert client.get(f"/standings/S-001/?{OCTOBER}").status_code == 404
    assert client.get(f"/standings/HQ/?{OCTOBER}").status_code == 404


def test_a_unit_stands_among_its_siblings(house: House) -> None:
    fill(house)
    publish(house)
    page = logged_in(house.alice).get(f"/standings/N/?{OCTOBER}")
    assert page.context["tiles"][0]["row"]["n"] == 20
    siblings = page.context["siblings"].value
    assert [row["code"] for row in siblings["rows"]] == ["N", "S"]
    (survey,) = page.context["surveys"]
    assert survey["href"].endswith("?unit=N")
    assert page.client.get(survey["qr"])["Content-Type"] == "image/svg+xml"
    mine = logged_in(house.bob).get(f"/standings/N/?{OCTOBER}")
    assert mine.context["siblings"].value is None
    assert "南区" not in text(mine)


def test_the_tree_downloads(house: House) -> None:
    fill(house)
    response = logged_in(house.alice).get(f"/standings/?{OCTOBER}&format=csv")
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert any(line.startswith("N-002,") and ",too_few," in line for line in lines)


def test_an_owner_builds_a_weighted_tree_with_a_target(house: House) -> None:
    fill(house)
    client = logged_in(house.alice)
    base = {"name__zh": "客户体验", "name__en": "Experience", "weight": "1"}
    made = client.post("/indicators/new/", {**base, "code": "cx", "metric": ""})
    assert made.status_code == 302
    part = {"name__zh": "满意度", "weight": "2", "code": "sat", "metric": "csat", "parent": "cx"}
    assert client.post("/indicators/new/", part).status_code == 302
    top, child = Indicator.objects.order_by("pk")
    assert (child.parent, child.weight, child.item) == (top, 2.0, "overall")
    assert client.post(f"/indicators/{top.pk}/target/", {"value": "90"}).status_code == 302
    page = client.get(f"/indicators/?{OCTOBER}")
    shown = {row["code"]: row for row in page.context["rows"]}
    assert shown["cx"]["row"]["value"] == pytest.approx(52.5)
    assert shown["cx"]["standing"] == "missed"
    assert shown["sat"]["level"] == 1
    assert Target.objects.get().value == 90
    assert client.post(f"/indicators/{top.pk}/remove/").status_code == 302
    assert not Indicator.objects.exists()


def test_what_is_wrong_with_an_indicator_stands_at_its_field(house: House) -> None:
    client = logged_in(house.alice)
    wrong = {"name__zh": "坏的", "code": "x", "metric": "csat", "weight": "0"}
    page = client.post("/indicators/new/", wrong)
    assert page.status_code == 422
    assert "weight" in page.context["form"].errors
    odd = {"name__zh": "坏的", "code": "x", "metric": "csat", "weight": "1", "query": "evil=1"}
    assert "query" in client.post("/indicators/new/", odd).context["form"].errors


def test_others_see_indicators_and_cannot_change_them(house: House) -> None:
    client = logged_in(house.viewer)
    assert client.get("/indicators/").status_code == 200
    assert client.get("/indicators/new/").status_code == 403
    assert "/indicators/new/" not in text(client.get("/indicators/"))


def test_the_usual_indicators_are_given_once(house: House) -> None:
    client = logged_in(house.alice)
    assert "从满意度" in text(client.get("/indicators/"))
    for _ in range(2):
        client.post("/indicators/usual/")
    assert Indicator.objects.count() == 3


def test_a_composite_heads_the_overview(house: House) -> None:
    fill(house)
    client = logged_in(house.alice)
    client.post(
        "/indicators/new/",
        {"name__zh": "体验", "code": "cx", "metric": "", "weight": "1", "is_headline": "on"},
    )
    client.post(
        "/indicators/new/",
        {"name__zh": "满意", "code": "s", "metric": "csat", "weight": "1", "parent": "cx"},
    )
    page = client.get(f"/?{OCTOBER}")
    assert [tile["code"] for tile in page.context["tiles"]] == ["cx"]
    assert page.context["tiles"][0]["row"]["value"] == pytest.approx(52.5)
    assert "体验" in page.context["answer"]
    assert client.get(f"/standings/?{OCTOBER}").status_code == 200
