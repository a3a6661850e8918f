"""`manyi import` and `manyi export` as a person at a terminal meets them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from manyi.cli import main as cli
from manyi.feedback.models import FeedbackRecord
from tests.connectors.files import csv_of, reviews
from tests.factories import House, house, stranger_house

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at() -> House:
    return house()


def file_of(folder: Path, content: bytes, name: str = "reviews.csv") -> str:
    (folder / name).write_bytes(content)
    return str(folder / name)


def test_the_same_file_twice(at: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = file_of(tmp_path, reviews(300))
    assert cli.main(["import", path, "--source", "meituan"]) == 0
    assert "300 new" in capsys.readouterr().out
    assert cli.main(["import", path, "--source", "meituan"]) == 0
    assert "0 new, 0 changed, 300 unchanged, 0 rejected" in capsys.readouterr().out
    assert FeedbackRecord.objects.filter(source="meituan").count() == 300


def test_a_dry_run_stores_nothing(at: House, tmp_path: Path) -> None:
    assert cli.main(["import", file_of(tmp_path, reviews(5)), "--dry-run"]) == 0
    assert not FeedbackRecord.objects.exists()


def test_rejected_rows_are_three(
    at: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = reviews(20) + csv_of([["X", "2025-01-01", "N-404", 3, "x", "微信"]])
    assert cli.main(["import", file_of(tmp_path, content)]) == 3
    said = capsys.readouterr()
    assert "20 new, 0 changed, 0 unchanged, 1 rejected" in said.out
    assert "reviews.csv:22" in said.err


def test_columns_can_be_mapped(at: House, tmp_path: Path) -> None:
    rows = [["甲", "乙", "丙"], *(["2026-10-01", n, f"第{n}条意见"] for n in (0, 3, 10))]
    path = file_of(tmp_path, csv_of(rows))
    words = ["--map", "甲=occurred_at", "--map", "乙=score:nps", "--map", "丙=text"]
    assert cli.main(["import", path, *words]) in (0, 3)
    assert FeedbackRecord.objects.filter(verbatim="第3条意见", scores__item="nps").exists()


@pytest.mark.parametrize(
    "words",
    [["--map", "评分=nonsense"], ["--map", "没有=score"], ["--what", "units", "--source", "x"]],
)
def test_wrong_usage_is_two(at: House, tmp_path: Path, words: list[str]) -> None:
    assert cli.main(["import", file_of(tmp_path, reviews(3)), *words]) == 2
    assert not FeedbackRecord.objects.exists()


def test_a_missing_file_is_wrong_usage(at: House) -> None:
    assert cli.main(["import", "/nowhere.csv"]) == 2


def test_a_hostile_file_fails_in_a_sentence(
    at: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["import", file_of(tmp_path, b"PK\x03\x04 broken", "x.xlsx")]) == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_several_organisations_have_to_be_told_apart(
    at: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = stranger_house()
    path = file_of(tmp_path, reviews(3))
    assert cli.main(["import", path]) == 1
    assert other.organisation.code in capsys.readouterr().err
    assert cli.main(["import", path, "--organisation", other.organisation.code]) == 0
    assert {r.organisation_id for r in FeedbackRecord.objects.all()} == {other.organisation.pk}


@pytest.mark.parametrize("form", ["csv", "xlsx", "json", "sav", "zip"])
def test_exports_hold_what_was_selected(at: House, tmp_path: Path, form: str) -> None:
    cli.main(["import", file_of(tmp_path, reviews(40))])
    path = tmp_path / f"out.{form}"
    words = ["export", str(path), "--from", "2025-03-01", "--to", "2025-03-10", "--unit", "N"]
    assert cli.main(words) == 0
    if form == "json":
        records = [json.loads(line) for line in path.read_text().splitlines()]
        assert {r["day"] for r in records} == {f"2025-03-{d:02}" for d in range(1, 11)}
    assert path.stat().st_size > 100


def test_triple_s_is_a_definition_with_its_answers_beside_it(at: House, tmp_path: Path) -> None:
    cli.main(["import", file_of(tmp_path, reviews(40))])
    assert cli.main(["export", str(tmp_path / "out.sss")]) == 0
    definition = (tmp_path / "out.sss").read_text()
    assert 'href="out.csv"' in definition
    answers = (tmp_path / "out.csv").read_text().splitlines()
    assert len(answers) == 41
    assert answers[0].startswith("id,source,")
    assert sorted(p.name for p in tmp_path.glob("out*")) == ["out.csv", "out.sss"]


def test_an_export_to_spss_can_be_imported_again(at: House, tmp_path: Path) -> None:
    cli.main(["import", file_of(tmp_path, reviews(40))])
    path = str(tmp_path / "out.sav")
    assert cli.main(["export", path]) == 0
    n = FeedbackRecord.objects.count()
    words = ["--map", "verbatim / Verbatim=text", "--map", "occurred_at / Time=occurred_at"]
    assert cli.main(["import", path, "--source", "again", *words]) == 0
    again = FeedbackRecord.objects.filter(source="again")
    assert (again.count(), FeedbackRecord.objects.count()) == (n, 2 * n)
    assert again.filter(verbatim="第3条评论：排队久").exists()


def test_an_unknown_unit_or_format_is_refused(at: House, tmp_path: Path) -> None:
    assert cli.main(["export", str(tmp_path / "a.csv"), "--unit", "N-404"]) == 1
    assert cli.main(["export", str(tmp_path / "a.pdf")]) == 2
    assert cli.main(["export", str(tmp_path / "a.csv"), "--from", "gestern"]) == 1


def test_a_killed_import_is_taken_up_by_the_worker(at: House, tmp_path: Path) -> None:
    """SIGKILL in the middle: another worker goes on, and nothing is lost or doubled."""
    from datetime import UTC, datetime, timedelta

    from manyi.connectors import importing
    from manyi.connectors.models import Import

    path = file_of(tmp_path, reviews(12_000))
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "manyi.config.settings"}
    from django.db import connection

    code = (
        "import django; from django.conf import settings; django.setup();"
        f"settings.DATABASES['default']['NAME'] = {str(connection.settings_dict['NAME'])!r};"
        "from manyi.cli.main import main; raise SystemExit(main())"
    )
    words = [sys.executable, "-c", code, "import", path]
    killed = subprocess.Popen(
        words,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: os.nice(10),  # whoever looks must not fall behind
    )
    until = time.monotonic() + 240
    while time.monotonic() < until and killed.poll() is None:
        job = Import.objects.first()
        if job is not None and job.progress > 1000:
            break
        time.sleep(0.05)
    killed.kill()
    killed.wait()
    job = Import.objects.get()
    assert 1000 < job.progress < 12_000
    assert FeedbackRecord.objects.count() == job.progress
    later = datetime.now(UTC) + timedelta(minutes=5)
    while importing.work_on_next(now=later, worker="w2"):
        pass
    job.refresh_from_db()
    assert (job.state, job.created, job.rejected) == ("done", 12_000, 0)
    assert FeedbackRecord.objects.count() == 12_000
