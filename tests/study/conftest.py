"""Files as people have them, and a way to read a report again."""

import json
import os
import random
import re
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from manyi.study.run import StudyResult, analyze

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LABELS = ("非常不满意", "不满意", "一般", "满意", "非常满意")
THINGS = ("服务员", "房间", "前台", "早餐", "菜品", "环境", "价格", "停车场")
GOOD = ("很热情", "真新鲜", "不错", "挺干净", "让人满意", "比上次好")
BAD = ("太慢", "很差", "又脏又乱", "让人失望", "太贵了", "没人管")


def spoken(rng: random.Random, said: tuple[str, ...]) -> str:
    """Return a comment of three clauses that say `said` of things."""
    return "，".join(rng.choice(THINGS) + rng.choice(said) for _ in range(3))


class Reader(HTMLParser):
    """Collects the tags, the text and the scripts of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] not in ("script", "style"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


class Report:
    """One report with what it was made from."""

    def __init__(self, result: StudyResult) -> None:
        self.result = result
        self.html = result.out.read_text("utf-8")
        self.page = Reader()
        self.page.feed(self.html)

    @property
    def text(self) -> str:
        return self.page.text

    def charts(self) -> list[dict[str, Any]]:
        found = re.findall(
            r'<script type="application/json" id="chart-\d+">(.*?)</script>', self.html, re.DOTALL
        )
        return [json.loads(option) for option in found]


@pytest.fixture
def report(tmp_path: Path) -> Callable[..., Report]:
    def make(path: Path, **options: Any) -> Report:
        options.setdefault("language", "en")
        return Report(analyze(path, out=tmp_path / "report.html", now=NOW, **options))

    return make


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    """A Chinese satisfaction survey: labels, stores, dates, NPS, comments."""
    rng = random.Random(5)
    lines = ["提交时间,门店,总体满意度,服务态度,等待时间,推荐意愿（0-10）,手机号,意见与建议"]
    for i in range(400):
        store = ("南京路店", "徐家汇店", "三里屯店")[i % 3]
        level = min(4, max(0, round(rng.gauss(2 if store == "三里屯店" else 3.2, 0.9))))
        wait = "不适用" if i % 20 == 0 else LABELS[max(0, level - rng.randint(0, 2))]
        words = spoken(rng, GOOD if level >= 3 else BAD)
        day = f"2026/{1 + i // 40:02d}/{1 + i % 28:02d}"
        nps = min(10, max(0, level * 2 + rng.randint(0, 3)))
        row = (day, store, LABELS[level], LABELS[min(4, level + i % 2)], wait, nps)
        lines.append(",".join(map(str, (*row, f"138{i:08d}", f"“{words}”"))))
    path = tmp_path / "门店回访.csv"
    path.write_text("\n".join(lines), "utf-8-sig")
    return path


def shared(name: str) -> Path:
    """Return a file of the shared folder; without the folder the test is skipped."""
    root = Path(__file__).parents[2]
    path = Path(os.environ.get("SHARED_DIR", root / "../shared")).resolve() / name
    if not path.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{name} is missing from SHARED_DIR")
        pytest.skip(f"{name} is not here: SHARED_DIR names no such folder")
    return path
