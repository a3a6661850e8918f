"""The page of one indicator: how it is going, where, of what it is made, what it should reach."""

from __future__ import annotations

import pytest
from django.test import Client

from manyi.metrics import actions
from manyi.metrics.models import Indicator, Target
from tests.factories import NOW, House, house, stranger_house
from tests.lake.records import record
from tests.web.numbers import OCTOBER, fill
from tests.web.staff import logged_in, text

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture
def home() -> House:
    found = house()
    fill(found)
    return found


@pytest.fixture
def whole(home: House) -> Indicator:
    """Return a composite of satisfaction (weight 3) and its index (weight 1)."""
    by = home.alice
    name = {"zh-Hans": "体验总指数", "en": "Experience"}
    top = actions.add_indicator(by=by, code="cx", name=name, now=NOW)
    parts = (("sat", "csat", 3.0, "满意"), ("idx", "csat_index", 1.0, "指数"))
    for code, metric, weight, called in parts:
        values = {"metric": metric, "weight": weight, "parent": top}
        actions.add_indicator(by=by, code=code, name=called, now=NOW, **values)
    return top


def test_a_composite_shows_its_parts_with_their_share_of_the_weight(
    home: House, whole: Indicator
) -> None:
    page = logged_in(home.alice).get(f"/indicators/{whole.pk}/?{OCTOBER}")
    assert [(row["code"], row["share"]) for row in page.context["made_of"]] == [
        ("idx", 25.0),
        ("sat", 75.0),
    ]
    [tile] = page.context["tiles"]
    low, value, high = (tile["row"][name] for name in ("low", "value", "high"))
    assert low < value < high
    assert "组成指标" in text(page)
    assert "加权平均" in text(page)


def test_a_composite_is_told_by_unit_and_nobody_is_ranked(home: House, whole: Indicator) -> None:
    page = logged_in(home.alice, "en").get(f"/indicators/{whole.pk}/?{OCTOBER}&level=1")
    rows = page.context["by_unit"].value["rows"]
    values = [row["row"]["value"] for row in rows if row["row"]["status"] == "ok"]
    assert len(values) == 2
    assert values == sorted(values, reverse=True)
    assert "nobody is ranked" in text(page)
    assert "unit=N" in rows[0]["href"]


def test_a_part_of_few_hides_the_unit_also_here(home: House, whole: Indicator) -> None:
    for _ in range(3):
        record(home.organisation, csat=5, is_anonymous=True, unit_id=home.north_2.pk)
    client = logged_in(home.alice)
    for code in ("cx", "sat"):
        one = Indicator.objects.get(code=code)
        shown = text(client.get(f"/indicators/{one.pk}/?{OCTOBER}&unit=N-002"))
        assert "为保护隐私" in shown, code


def test_a_metric_compares_the_units_fairly(home: House, whole: Indicator) -> None:
    part = Indicator.objects.get(code="sat")
    page = logged_in(home.alice).get(f"/indicators/{part.pk}/?{OCTOBER}&level=1")
    assert [one["code"] for one in page.context["units"]["rows"]] == ["N", "S"]
    assert page.context["trend"].value is not None
    assert f"/indicators/{whole.pk}/" in text(page)


def test_targets_are_set_and_taken_away(home: House, whole: Indicator) -> None:
    client = logged_in(home.alice)
    for unit, value in (("", "80"), ("N", "90")):
        client.post(f"/indicators/{whole.pk}/target/", {"value": value, "unit": unit})
    assert _targets(client, whole) == [("北区", 90.0), ("整个组织", 80.0)]
    gone = Target.objects.get(unit=None)
    assert client.post(f"/indicators/{whole.pk}/target/{gone.pk}/remove/").status_code == 302
    assert _targets(client, whole) == [("北区", 90.0)]


def _targets(client: Client, one: Indicator) -> list[tuple[str, float]]:
    found = client.get(f"/indicators/{one.pk}/?{OCTOBER}").context["targets"]
    return sorted((row["name"], row["target"].value) for row in found)


def test_a_manager_sees_no_target_of_other_units(home: House, whole: Indicator) -> None:
    for unit in (home.north_1, home.south_1):
        actions.set_target(whole, by=home.alice, value=70, unit=unit, now=NOW)
    assert _targets(logged_in(home.bob), whole) == [("北京朝阳店", 70.0)]


def test_who_may_not_edit_is_offered_nothing(home: House, whole: Indicator) -> None:
    client = logged_in(home.viewer)
    assert "/edit/" not in text(client.get(f"/indicators/{whole.pk}/"))
    assert client.get(f"/indicators/{whole.pk}/edit/").status_code == 403
    stranger = logged_in(stranger_house().charlie)
    assert stranger.get(f"/indicators/{whole.pk}/").status_code == 404


def test_the_numbers_over_time_download(home: House, whole: Indicator) -> None:
    found = logged_in(home.alice).get(f"/indicators/{whole.pk}/?{OCTOBER}&format=csv")
    lines = b"".join(found.streaming_content).decode("utf-8-sig").splitlines()
    assert any(",ok,40," in line for line in lines)


def test_a_part_that_is_fetched_links_to_the_whole_page(home: House, whole: Indicator) -> None:
    part = logged_in(home.alice).get(f"/indicators/{whole.pk}/?{OCTOBER}&part=units&level=1")
    assert "<html" not in text(part)
    assert "unit=N" in text(part)
    assert "part=units" not in text(part)
