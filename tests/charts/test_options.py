"""Pictures: plain JSON, honest about few answers, each with its finding and its table."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import manyi.charts
from manyi.charts import (
    DARK,
    HIDDEN,
    LIGHT,
    TOKENS,
    Chart,
    Likert,
    Limits,
    Unit,
    against_chance,
    bars,
    distribution,
    dots,
    figure,
    full,
    funnel,
    heat,
    histogram,
    interval,
    likert,
    nps_strip,
    resolve,
    trend,
)
from manyi.charts.kano import Feature, better_worse
from manyi.charts.quadrant import Placed, quadrant
from manyi.kit.sentences import SENTENCES
from manyi.stats.result import Estimate


def estimate(value: float, n: int = 400, half: float = 3.0) -> Estimate:
    return Estimate(value, value - half, value + half, 0.95, n, float(n), None, "wilson")


FEW = estimate(50.0, n=9)
WHOLE = estimate(80.0, n=4000, half=1.0)


LIMITS = [Limits(10, 50, 98, 40, 100), Limits(2000, 78, 82, 77, 83)]


def placed() -> list[Unit]:
    return [
        Unit("North", estimate(70), 400, 76, 84, -2, "/units/1"),
        Unit("South", estimate(85), 400, 76, 84, 1),
        Unit("{Old}", estimate(80, n=12), 11.5, 55, 98, 0),
    ]


def every_chart(language: str = "en") -> list[Chart]:
    points = [("2026-09", estimate(70)), ("2026-10", FEW), ("2026-11", estimate(90))]
    units = [("North", estimate(70), "/units/1"), ("South", estimate(90), None), ("New", FEW, None)]
    cells = {("Food", "North"): estimate(40), ("Food", "South"): FEW}
    return [
        trend(points, language=language, target=85, events=[("2026-11", "New menu")]),
        dots(units, whole=WHOLE, language=language, differs={"North"}),
        bars([("Food", estimate(40)), ("Room", FEW)], language=language),
        likert([Likert("Food", (1, 2, 3, 4, 5))], answers="abcde", language=language),
        nps_strip(10, 20, 30, score=estimate(33), language=language),
        distribution("abcde", (1, 2, 3, 4, 0), language=language),
        histogram([0, 1, 2], [3, 4], language=language),
        funnel([("Seen", 100), ("Begun", 50), ("Done", 45)], language=language),
        heat(["Food"], ["North", "South"], cells, low=0, high=100, language=language),
        against_chance(placed(), LIMITS, centre=80, kind="share", language=language),
        better_worse(kano_features(), language=language),
        quadrant(
            [Placed("Food", estimate(40), estimate(60), "concentrate_here")],
            importance=30,
            performance=70,
            language=language,
        ),
    ]


def kano_features() -> list[Feature]:
    return [
        Feature("Parking", estimate(20), estimate(-80), "M"),
        Feature("Opening hours", estimate(75), estimate(-20), "A"),
        Feature("Music", estimate(15), estimate(-10), "I"),
    ]


def strings(part: Any) -> Iterator[tuple[str, str]]:
    if isinstance(part, dict):
        for key, value in part.items():
            yield from ((key, value),) if isinstance(value, str) else strings(value)
    elif isinstance(part, list):
        for value in part:
            yield from strings(value)


@pytest.mark.parametrize("at", range(12))
def test_every_option_is_json_with_known_tokens_and_a_finding(at: int) -> None:
    chart = every_chart()[at]
    again = json.loads(json.dumps(chart.option, allow_nan=False))
    tokens = {v[1:] for k, v in strings(again) if k.lower().endswith("color") and v[0] == "@"}
    assert tokens and tokens <= set(TOKENS)
    assert chart.option["animationDuration"] <= 200
    assert chart.option["tooltip"]["renderMode"] == "richText"
    assert chart.label.strip() and "{" not in chart.label
    assert chart.table.rows and all(len(r) == len(chart.table.columns) for r in chart.table.rows)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_resolving_leaves_no_token(palette: Any) -> None:
    for chart in every_chart():
        done = resolve(chart.option, palette)
        assert not [v for k, v in strings(done) if k.lower().endswith("color") and v[0] == "@"]


def test_a_shop_named_like_a_colour_keeps_its_name() -> None:
    option = dots([("@line", estimate(70), None)], whole=WHOLE, language="en").option
    assert resolve(option, LIGHT)["yAxis"]["data"] == ["@line"]


def test_a_period_of_few_answers_is_a_gap_and_never_a_number() -> None:
    chart = trend([("a", estimate(70)), ("b", FEW), ("c", estimate(90))], language="en")
    floor, band, line, _ = chart.option["series"]
    assert floor["data"][1] == band["data"][1] == line["data"][1] == "-"
    assert chart.table.rows[1] == ("b", "too few", "", "9")
    assert "50.0" not in json.dumps(chart.option)


def test_a_thin_point_is_hollow() -> None:
    chart = trend([("a", estimate(70, n=29)), ("b", estimate(70, n=30))], language="en")
    thin, solid = chart.option["series"][-1]["data"]
    assert thin["itemStyle"]["color"] == "@paper" and "itemStyle" not in solid


def test_the_band_spans_the_interval_though_it_crosses_zero() -> None:
    chart = trend([("a", estimate(-1)), ("b", estimate(1))], kind="points", language="en")
    floor, band, _ = chart.option["series"]
    assert floor["data"] == [-4, -2] and band["data"] == [6, 6]
    assert floor["stackStrategy"] == band["stackStrategy"] == "all"


@pytest.mark.parametrize(
    ("last", "sentence"), [(90, "real rise"), (50, "real fall"), (71, "no real change")]
)
def test_a_trend_says_whether_the_change_is_real(last: float, sentence: str) -> None:
    label = trend([("a", estimate(70)), ("b", estimate(last))], language="en").label
    assert sentence in label and "(67.0–73.0, n 400)" in label


@pytest.mark.parametrize(
    ("target", "word"), [(80, "is met."), (99, "is missed."), (90, "cannot be told")]
)
def test_a_target_is_judged_by_the_interval(target: float, word: str) -> None:
    points = [("a", estimate(70)), ("b", estimate(90))]
    assert word in trend(points, language="en", target=target).label


def test_dots_are_sorted_with_few_at_the_end_and_whiskers_apart() -> None:
    units = [("New", FEW, None), ("North", estimate(70), "/u"), ("South", estimate(90), None)]
    option = dots(units, whole=WHOLE, language="en", differs={"South"}).option
    assert option["yAxis"]["data"] == ["South", "North", "New"]
    whisker, dot = option["series"]
    assert whisker["data"] == [[87, 0], [93, 0], ["-", 0], [67, 1], [73, 1], ["-", 1]]
    assert [d["value"] for d in dot["data"]] == [[90, 0], [70, 1]]
    assert "itemStyle" not in dot["data"][0] and dot["data"][1]["itemStyle"]["color"] == "@paper"
    assert dot["data"][1]["href"] == "/u" and dot["markLine"]["data"] == [{"xAxis": 80}]


def test_bars_begin_at_zero() -> None:
    option = bars([("a", estimate(80)), ("b", estimate(90))], language="en").option
    assert option["xAxis"]["min"] == 0


def test_likert_rows_share_one_middle() -> None:
    rows = [Likert("a", (5, 5, 10, 40, 40)), Likert("b", (40, 40, 10, 5, 5)), Likert("c", (0,) * 5)]
    chart = likert(rows, answers="abcde", language="en")
    spacer, *segments = chart.option["series"]
    middles = [
        spacer["data"][r] + sum(s["data"][r]["value"] for s in segments[:2])
        + segments[2]["data"][r]["value"] / 2
        for r in range(3)
    ]  # fmt: skip
    assert middles == pytest.approx([85, 85, 85])
    assert "“a”: 80.0% (n 100)" in chart.label


def test_a_cell_of_few_answers_shows_its_count_only() -> None:
    option = heat(["r"], ["c"], {("r", "c"): FEW}, low=0, high=100, language="en").option
    [cell] = option["series"][0]["data"]
    assert cell["label"]["formatter"] == "(9)" and cell["itemStyle"]["color"] == "@paper"


def test_numbers_are_written_by_their_kind() -> None:
    assert figure(86.24, "share") == "86.2%" and figure(41.6, "points") == "+42"
    assert figure(-0.001, "mean") == "0.00" and figure(-12.4, "points") == "−12"
    assert interval(-5, 3, "points") == "−5 – +3" and interval(84.9, 87.4, "share") == "84.9–87.4"
    assert full(None, "share", "en") == "too few answers to judge (n 0)"
    assert full(estimate(0.0), "share", "en").startswith("0.0% (")


def test_what_is_missed_lies_to_the_right_with_its_interval_turned() -> None:
    chart = better_worse(kano_features(), language="en")
    _, outline, points = chart.option["series"]
    assert points["data"][0]["value"] == [80, 20]
    across = [x for x, _ in outline["data"][:61]]
    low, high = estimate(-80).low, estimate(-80).high
    assert low is not None and high is not None
    assert (min(across), max(across)) == pytest.approx((-high, -low), abs=0.05)
    assert chart.label == "Must-be: Parking; Attractive: Opening hours"
    assert "{" not in points["data"][0]["label"]["formatter"]
    assert chart.table.rows[0][:3] == ("Parking", "Must-be", "20.0%")


def test_every_code_of_the_pictures_has_a_sentence() -> None:
    folder = Path(manyi.charts.__file__).parent
    source = "".join(p.read_text("utf-8") for p in folder.glob("*.py"))
    codes = set(re.findall(r'"(chart\.[a-z_]+)"', source))
    assert codes and codes <= set(SENTENCES)


def test_the_funnel_plot_names_who_is_far_outside_and_tells_all_in_its_table() -> None:
    chart = against_chance(placed(), LIMITS, centre=80, kind="share", language="en")
    points = chart.option["series"][4]["data"]
    assert [bool(one.get("label")) for one in points] == [True, False, False]
    assert {one["symbol"] for one in points} == {"triangle", "diamond", "circle"}
    assert points[0]["href"] == "/units/1"
    assert chart.option["xAxis"]["type"] == "log"
    assert "1 below" in chart.label and "North" in chart.label
    assert chart.table.rows[0] == (
        *("North", "70.0%", "67.0–73.0", "400", "76.0–84.0", "below, outside 99.8%"),
    )
    none = against_chance(placed()[2:], LIMITS, centre=80, kind="share", language="zh-Hans")
    assert "全部 1 个机构" in none.label


def test_a_period_between_gaps_has_whiskers_since_its_band_has_no_width() -> None:
    points = [("2026-09", estimate(70)), ("2026-10", FEW), ("2026-11", estimate(90))]
    *_, lone = trend(points, language="en").option["series"]
    assert lone["data"] == [
        *(["2026-09", 67.0], ["2026-09", 73.0], ["2026-09", "-"]),
        *(["2026-11", 87.0], ["2026-11", 93.0], ["2026-11", "-"]),
    ]
    joined = [("2026-10", estimate(70)), ("2026-11", estimate(90))]
    assert len(trend(joined, language="en").option["series"]) == 3


def test_what_is_hidden_is_not_called_too_few_and_tells_no_count() -> None:
    points = [("2026-10", HIDDEN), ("2026-11", FEW), ("2026-12", estimate(90))]
    rows = trend(points, language="zh-Hans").table.rows
    assert [row[1:] for row in rows[:2]] == [
        ("为保护隐私不予显示", "", ""),
        ("样本不足", "", "9"),
    ]
    chart = trend(points[:1], language="en")
    assert chart.label == "The period cannot be shown: too few people answered."
    few = trend([("2026-11", FEW)], language="en")
    assert few.label == "The period has too few answers to judge."
    assert trend(points[:2], language="en").label.startswith("None of the 2 periods can be shown")
    assert "too few answers" not in json.dumps(chart.option) + chart.label
    assert full(HIDDEN, "share", "en") == "hidden to protect privacy"


def test_what_is_hidden_in_a_map_says_so_and_what_is_alone_is_not_counted() -> None:
    cells = {("Food", "North"): HIDDEN, ("Food", "South"): FEW, ("Food", "West"): estimate(40)}
    columns = ["North", "South", "West"]
    chart = heat(["Food"], columns, cells, low=0, high=100, language="en")
    told = chart.table.rows[0][1:]
    assert told[:2] == ("hidden to protect privacy", "too few answers to judge (n 9)")
    assert chart.label == f"Food · West: {told[2]}."
    assert bars([("Food", FEW)], language="en").label == "The group has too few answers to judge."
    alone = dots([("North", estimate(70), None)], whole=WHOLE, language="en").label
    assert alone.startswith("North: 70.0%")
    assert "; the whole: " in alone


def test_a_map_by_tone_paints_much_and_leaves_little_and_neither_grey() -> None:
    shares = {"anger": (30, 15, 3), "joy": (28, 12, 2), "calm": (60, 40, 20)}
    cells = {
        (row, column): estimate(value)
        for column, values in shares.items()
        for row, value in zip("abc", values, strict=True)
    }
    tones = {"anger": -1, "joy": 1, "calm": 0}
    drawn = heat("abc", list(shares), cells, low=0, high=100, language="en", tones=tones)
    data = drawn.option["series"][0]["data"]
    colour = {tuple(one["value"][:2]): one["itemStyle"]["color"] for one in data}
    column = [[colour[c, r] for r in range(3)] for c in range(3)]
    assert column[0] == ["@low1", "@low2", "@neutral"]
    assert column[1] == ["@high2", "@high1", "@neutral"]
    assert column[2] == ["@neutral"] * 3
