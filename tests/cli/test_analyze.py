"""`manyi analyze`: quick, without database or Django, one sentence for what went wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROWS = "门店,满意度,评价\n" + "".join(
    f"{'甲' if i % 2 else '乙'}店,{3 + (i % 3)},{'排队太久了' if i % 3 == 0 else '服务很好'}\n"
    for i in range(120)
)


def manyi(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MANYI_")}
    return subprocess.run(
        [sys.executable, "-m", "manyi", *words],
        env=kept | {"MANYI_LANGUAGE": "en"} | environ,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "visits.csv"
    path.write_text(ROWS, "utf-8")
    return path


@pytest.mark.parametrize("command", ["analyze", "analyse"])
def test_it_writes_a_report_and_says_the_answer(command: str, file: Path, tmp_path: Path):
    out = tmp_path / "r.html"
    done = manyi(command, "--by", "门店", str(file), "--out", str(out), "--language", "zh-Hans")
    assert done.returncode == 0, done.stderr
    answer, path = done.stdout.strip().splitlines()[-2:]
    assert "120" in answer and path == str(out)
    assert "甲店" in out.read_text("utf-8")


def test_it_needs_neither_django_nor_a_database(file: Path, tmp_path: Path):
    script = (
        "import sys; from manyi.cli.main import main;"
        f"code = main(['analyze', {str(file)!r}, '--out', {str(tmp_path / 'r.html')!r}]);"
        "print(code, sorted({'django', 'sqlite3', 'pysqlite3', 'duckdb'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, timeout=120
    )
    assert done.stdout.strip().splitlines()[-1] == "0 []", done.stdout + done.stderr
    assert {p.name for p in tmp_path.iterdir()} == {"visits.csv", "r.html"}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nowhere.csv"], 1, "There is no file"),
        (["FILE", "--score", "nothing"], 1, "There is no column"),
        (["FILE", "--scale", "wide"], 1, "is not a scale"),
        (["FILE", "--colour", "red"], 2, "unrecognized arguments"),
        ([], 2, "name the file"),
    ],
)
def test_what_went_wrong_is_one_sentence(words, code, said, file: Path):
    done = manyi("analyze", *[str(file) if w == "FILE" else w for w in words])
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr and "Traceback" not in done.stderr
