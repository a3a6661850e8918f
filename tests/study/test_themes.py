"""What comments speak of: counted by hand, with the trade guessed, in the report's words."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from manyi.kit.problems import Problem
from manyi.stats.rates import share_counts
from manyi.study import themes
from manyi.text.trade import guess_pack
from tests.study.conftest import Report, shared

Make = Callable[..., Report]
CLAUSES = ("前台服务态度很好", "客房很干净", "早餐太差了", "房间隔音太差了")


@pytest.fixture
def hotel(tmp_path: Path) -> Path:
    """Of 60 comments 45 praise the front desk, 30 blame the breakfast, 6 do both; some say who."""
    path = tmp_path / "住客.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["总体满意度", "意见"])
        for i in range(60):
            said = [CLAUSES[0]] if i < 45 else []
            said += [CLAUSES[2]] if i >= 30 else [CLAUSES[1]]
            said += [f"我叫王建国，电话139123400{i:02d}"] if i % 7 == 0 else []
            out.writerow([5 if i < 30 else 2, "，".join(said)])
    return path


def test_themes_are_those_counted_by_hand(report: Make, hotel: Path) -> None:
    found = report(hotel).result.found.themes
    assert found is not None
    assert (found.taxonomy.code, found.guessed, found.n) == ("hotel", True, 60)
    rows = {one.aspect: one for one in found.rows}
    breakfast = rows["room.breakfast"]
    assert breakfast.counts == (30, 0, 0)
    expected = share_counts(30, 60)
    assert (breakfast.share.value, breakfast.share.low) == (expected.value, expected.low)
    assert breakfast.net.value == -100
    assert rows["service.attitude"].counts == (0, 0, 45)


def test_the_report_shows_them_masked_in_both_languages(report: Make, hotel: Path) -> None:
    for language, words in (
        ("en", ("What they speak of", "Breakfast", "--industry hotel", "most complaints")),
        ("zh-Hans", ("客户在谈什么", "早餐", "净情感值", "抱怨最多的主题")),
    ):
        made = report(hotel, language=language)
        assert all(word in made.text for word in words)
        assert "1391234" not in made.html
        section = made.html.partition('id="themes"')[2].partition("</section>")[0]
        assert "王建国" not in made.html
        assert "<mark>早餐</mark>" in section


def test_a_named_trade_wins_and_an_unknown_one_is_refused(report: Make, hotel: Path) -> None:
    found = report(hotel, industry="bank").result.found.themes
    assert found is not None
    assert (found.taxonomy.code, found.guessed) == ("bank", False)
    with pytest.raises(Problem, match="taxonomy_unknown"):
        report(hotel, industry="circus")


def test_a_sample_says_so_and_the_whole_is_no_theme_to_mend(
    report: Make, hotel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "drawn at random" not in report(hotel, language="en").text
    monkeypatch.setattr(themes, "AT_MOST", 40)
    hotel.write_text(hotel.read_text("utf-8").replace(CLAUSES[0], "总体很差"), "utf-8")
    made = report(hotel, language="en", text=["意见"])
    assert "What 40 comments speak of" in made.text
    assert "They were drawn at random from 60." in made.text
    assert re.search(r"most complaints is Room · Breakfast: \d+ of 40 comments", made.text)


def test_scores_alone_have_no_themes(report: Make, tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text("overall\n" + "\n".join("12345"[i % 5] for i in range(50)), "utf-8")
    made = report(path)
    assert made.result.found.themes is None
    assert 'id="themes"' not in made.html


@pytest.mark.parametrize(
    ("name", "trade"),
    [
        ("hotel_htl_train", "hotel"),
        ("waimai_train", "restaurant"),
        ("bdci_car_train", "automotive"),
    ],
)
def test_trades_of_real_comments_are_guessed(name: str, trade: str) -> None:
    with gzip.open(shared(f"data/{name}.csv.gz"), "rt", encoding="utf-8") as file:
        rows = [",".join(row) for row in csv.reader(file)][1:]
    guessed = [guess_pack(rows[at : at + 100]) for at in range(0, 2_000, 100)]
    assert guessed.count(trade) >= 19


def test_nothing_and_gibberish_are_general() -> None:
    assert guess_pack([]) == guess_pack(["", "。。。", "asdfgh"]) == "general"
