"""The Overview: the numbers of the API, only what may be shown, and never "no data" for a fault."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings

from manyi.accounts.actions import create_token
from manyi.lake import writing
from manyi.lake.columns import layout
from manyi.lake.models import LakeFile
from manyi.metrics.actions import give_defaults, set_target
from manyi.surveys import actions as surveys
from manyi.web.overview import parts as overview_parts
from tests.factories import NOW, House, unit
from tests.voices import made, rated, receive, voice
from tests.web.numbers import OCTOBER, answer, fill, publish
from tests.web.staff import logged_in, text

pytestmark = [pytest.mark.django_db, pytest.mark.db]
PAGE = f"/?{OCTOBER}"


def tiles(response: Any) -> dict[str, dict[str, Any]]:
    return {tile["code"]: tile["row"] for tile in response.context["tiles"]}


def test_every_number_is_that_of_the_api_to_the_last_digit(house: House) -> None:
    fill(house)
    receive(house.alice, *[rated(n % 11, "nps", unit="N-001") for n in range(30)])
    secret = create_token(by=house.alice, name="t", now=NOW)
    token = secret if isinstance(secret, str) else next(s for s in secret if isinstance(s, str))
    page = logged_in(house.alice).get(PAGE)
    for metric in ("csat", "csat_index", "nps"):
        asked = {"metric": metric, "from": "2026-10-01", "to": "2026-10-31"}
        headers = {"authorization": f"Bearer {token}"}
        (row,) = page.client.get("/api/v1/metrics", asked, headers=headers).json()["rows"]
        shown = tiles(page)[metric]
        assert {k: shown[k] for k in ("value", "low", "high", "n")} == {
            k: row[k] for k in ("value", "low", "high", "n")
        }
    assert "52.5" in text(page)


def test_a_number_without_answers_has_no_tile(house: House) -> None:
    fill(house)
    assert set(tiles(logged_in(house.alice).get(PAGE))) == {"csat", "csat_index"}


def test_a_new_organisation_sees_its_first_steps(house: House) -> None:
    page = logged_in(house.alice).get("/")
    assert "开始使用" in text(page)
    assert "tiles" not in page.context


def test_the_first_steps_are_ticked_off_and_lead_on(house: House) -> None:
    def shown() -> dict[str, bool]:
        return {s.href: s.is_done for s in logged_in(house.alice).get("/").context["steps"]}

    assert shown()["/surveys/new/"] is False
    survey = made(house.alice)
    assert shown()["/surveys/new/"] is True
    assert f"/surveys/{survey.code}/" in shown()
    surveys.publish(by=house.alice, survey=survey, now=NOW)
    assert f"/surveys/{survey.code}/share/" in shown()


def test_a_period_after_the_last_feedback_leads_back_to_it(house: House) -> None:
    fill(house)
    page = logged_in(house.alice).get("/?from=2026-12-01&to=2026-12-31&unit=N")
    assert page.context["is_before"]
    assert "tiles" not in page.context
    back = logged_in(house.alice).get(f"/{page.context['year']}")
    assert tiles(back)["csat"]["n"] > 0
    assert back.context["request"].GET["unit"] == "N"


def test_answers_of_no_unit_take_no_rank(house: House) -> None:
    fill(house)
    receive(house.alice, *[rated(5) for _ in range(30)])
    page = logged_in(house.alice).get(f"{PAGE}&level=2")
    ranks = [place.rank for place in page.context["standings"].value.places if place.rank]
    assert ranks
    assert min(ranks) == 1
    assert max(ranks) <= len(ranks)


def test_a_unit_alone_with_a_number_is_first_of_nothing(house: House) -> None:
    receive(house.alice, *[rated(1, unit="N") for _ in range(20)])
    page = logged_in(house.alice).get(f"{PAGE}&level=1")
    places = page.context["standings"].value.places
    assert [place.found.row.ok for place in places].count(True) == 1
    assert [place.rank for place in places] == [None] * len(places)


def test_the_selection_is_told_with_names_and_the_marks_of_the_language(house: House) -> None:
    fill(house)
    page = logged_in(house.alice).get(f"{PAGE}&unit=N&unit=S")
    told = [words for tile in page.context["tiles"] for _, words in tile["about"]]
    assert any(words.endswith("；机构：北区、南区") for words in told), told


def test_who_may_do_nothing_is_not_told_to(house: House) -> None:
    page = logged_in(house.viewer).get("/")
    assert page.context["steps"] == []
    assert "还没有答卷" in text(page)


def test_bob_sees_his_branch_alone(house: House) -> None:
    fill(house)
    page = logged_in(house.bob).get(PAGE)
    assert tiles(page)["csat"]["n"] == 20
    assert "天河" not in text(page)
    assert logged_in(house.bob).get(f"{PAGE}&unit=S").status_code == 404


def test_unit_and_period_stay_in_every_link(house: House) -> None:
    fill(house)
    page = logged_in(house.alice).get(f"{PAGE}&unit=N")
    assert tiles(page)["csat"]["n"] == 20
    links = [tile["href"] for tile in page.context["tiles"]]
    assert all("unit=N" in link and "from=2026-10-01" in link for link in links)


def test_few_answers_are_counted_and_not_judged(house: House) -> None:
    receive(house.alice, *[rated(5) for _ in range(3)])
    page = logged_in(house.alice).get(PAGE)
    assert tiles(page)["csat"]["value"] is None
    assert "3 / 10 份" in text(page)
    assert "已收到 3 份回答，满 10 份后给出满意率" in text(page)
    english = text(logged_in(house.alice, "en").get(PAGE))
    assert "3 answers have arrived" in english


def test_few_anonymous_answers_are_hidden_and_said_to_have_come(house: House) -> None:
    version = publish(house, is_anonymous=True)
    answer(version, *[{"overall": 1} for _ in range(3)])
    page = logged_in(house.alice).get(PAGE)
    assert tiles(page)["csat"]["status"] == "suppressed"
    assert tiles(page)["csat"]["n"] == 0
    assert "已收到答卷；为避免认出作答者" in text(page)
    assert "这段时间还没有回答" not in page.context["answer"]
    trend = page.context["trend"].value
    assert "样本" not in trend.label
    assert "为保护隐私不予显示" in trend.label
    told = {row[1:] for row in trend.table.rows}
    assert told == {("样本不足", "", "0"), ("为保护隐私不予显示", "", "")}


def test_a_fault_is_called_a_fault_and_the_page_stays_up(house: House) -> None:
    fill(house)
    writing.append(house.organisation.pk, NOW)
    for path in LakeFile.objects.values_list("path", flat=True):
        found = [p for p in Path(settings.DATA).rglob(Path(path).name)]
        assert found
        found[0].write_bytes(b"this is no parquet")
        layout.beside(found[0]).unlink(missing_ok=True)
    page = logged_in(house.alice).get(PAGE)
    assert page.status_code == 200
    assert tiles(page)["csat"]["status"] == "failed"
    shown = text(page)
    assert "无法计算" in page.context["answer"]
    assert shown.count("重试") >= 3
    assert "还没有回答" not in shown
    assert "排队太久" in shown  # what the database alone holds is still there


def test_a_change_is_said_only_where_it_is_real(house: House) -> None:
    receive(house.alice, *[rated(5) for _ in range(60)])
    july = {"occurred_at": "2026-09-10T10:00:00+08:00"}
    receive(house.alice, *[rated(1 if n < 30 else 5, **july) for n in range(60)])
    page = logged_in(house.alice).get(PAGE)
    assert "确有上升" in page.context["answer"]
    (delta,) = [t["comparison"].delta for t in page.context["tiles"] if t["code"] == "csat"]
    assert delta.value == pytest.approx(50)
    assert "▲" in text(page)
    same = logged_in(house.alice).get("/?from=2026-10-30&to=2026-10-30")
    assert "还没有可比" in same.context["answer"]


def test_units_that_truly_differ_stand_first(house: House) -> None:
    fill(house)
    page = logged_in(house.alice).get(f"{PAGE}&level=1")
    rows = page.context["units"]["rows"]
    assert [row["name"] for row in rows] == ["北区", "南区"]
    assert [row["place"].found.differs for row in rows] == [1, -1]
    assert [row["standing"] for row in rows] == ["明显高于整体", "明显低于整体"]
    assert rows[0]["place"].rank == 1
    assert (rows[0]["place"].rank_low, rows[1]["place"].rank_high) == (1, 2)


def test_the_number_in_detail_is_chosen_in_the_address(house: House) -> None:
    fill(house)
    receive(house.alice, *[rated(9, "nps") for _ in range(12)])
    page = logged_in(house.alice).get(f"{PAGE}&metric=nps")
    assert page.context["head"]["code"] == "nps"
    assert logged_in(house.alice).get(f"{PAGE}&metric=nonsense").context["head"]["code"] == "csat"


def test_indicators_of_the_organisation_head_the_page_with_their_target(house: House) -> None:
    fill(house)
    csat, *_ = give_defaults(house.organisation)
    set_target(csat, by=house.alice, value=90, now=NOW)
    page = logged_in(house.alice).get(PAGE)
    assert [tile["name"] for tile in page.context["tiles"]] == ["总体满意度"]
    assert page.context["tiles"][0]["standing"] == "missed"
    assert "未达到" in text(page)


def test_words_are_for_those_who_may_read_them(house: House) -> None:
    receive(house.alice, *[voice(verbatim="电梯坏了三天") for _ in range(12)])
    assert "电梯坏了三天" in text(logged_in(house.alice).get(PAGE))
    assert "电梯坏了三天" not in text(logged_in(house.external).get(PAGE))


def test_a_low_score_is_marked_by_a_word(house: House) -> None:
    low = {"metric": "csat", "value": 1, "scale": [1, 5]}
    receive(house.alice, voice(scores=[low], verbatim="没有人管"))
    assert re.search(r"低分", text(logged_in(house.alice).get(PAGE)))


def test_the_table_downloads_typed_and_as_csv(house: House) -> None:
    fill(house)
    client = logged_in(house.alice)
    xlsx = client.get(f"{PAGE}&level=1&format=xlsx")
    sheet = openpyxl.load_workbook(BytesIO(b"".join(xlsx.streaming_content))).active
    cells = [row for row in sheet.iter_rows(values_only=True) if row[0] == "N"]
    assert cells[0][3:5] == (20, 80)
    csv = b"".join(client.get(f"{PAGE}&level=1&format=csv").streaming_content)
    assert csv.startswith(b"\xef\xbb\xbf")
    assert "北区" in csv.decode("utf-8-sig")
    assert client.get(f"{PAGE}&format=pdf").status_code == 400


def test_parts_of_a_large_page_come_one_by_one_with_the_same_numbers(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(house)
    client = logged_in(house.alice)
    whole = client.get(f"{PAGE}&level=1")
    monkeypatch.setattr(overview_parts, "AT_ONCE", 0)
    page = client.get(f"{PAGE}&level=1")
    assert set(page.context["later"]) == {"trend", "units", "channels", "completion", "voices"}
    assert "units" not in page.context
    part = client.get(page.context["later"]["units"])
    assert [row["own"] for row in part.context["units"]["rows"]] == [
        row["own"] for row in whole.context["units"]["rows"]
    ]
    assert "<html" not in text(part)
    for address in page.context["later"].values():
        assert client.get(address).status_code == 200
    unit = client.get(f"/standings/N/?{OCTOBER}")
    assert client.get(f"/standings/N/{unit.context['later']['voices']}").status_code == 200


def test_units_are_drawn_against_chance(house: House) -> None:
    rows = [(5, 18, 2), (5, 17, 3), (2, 15, 5), (5, 19, 1), (5, 18, 2)]
    for at, (most, n, others) in enumerate(rows):
        made = unit(house.north, f"F-{at}", f"店{at}", f"Store {at}")
        given = [rated(most, unit=made.code)] * n + [rated(4, unit=made.code)] * others
        receive(house.alice, *[{**one, "source_ref": f"{at}-{i}"} for i, one in enumerate(given)])
    page = logged_in(house.alice).get(f"/standings/?{OCTOBER}&level=2")
    plot = page.context["plot"]
    assert {row[0] for row in plot["chart"].table.rows} >= {f"店{at}" for at in range(5)}
    assert plot["funnel"].side("F-2", 0.998) == -1
    assert "超出 99.8% 界限" in text(page)
    few = logged_in(house.alice).get(f"/standings/?{OCTOBER}&level=1")
    assert few.context["plot"] is None or few.context["plot"]["level"] != plot["level"]
