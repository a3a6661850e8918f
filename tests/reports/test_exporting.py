"""Exports: every record once, typed, explained, and nothing that the reader may not see."""

from __future__ import annotations

import csv
import io
import json
import time
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from manyi.feedback.models import FeedbackRecord
from manyi.feedback.submit import Context, submit_all
from manyi.kit.problems import Forbidden, NotFound
from manyi.kit.selection import Selection
from manyi.reports import actions
from manyi.reports.exporting import Exporting
from manyi.reports.models import Export
from tests.factories import NOW, House, house
from tests.voices import published, receive, voice

pytestmark = pytest.mark.django_db


def rows_of(path: Path, sheet: int) -> list[list[object]]:
    book = openpyxl.load_workbook(path)
    return [list(r) for r in book.worksheets[sheet].iter_rows(values_only=True)]


def table(export: Exporting) -> list[dict[str, str]]:
    text = "".join(export.csv())
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def answered(at: House, *values: dict[str, object], unit: str = "N-001") -> None:
    version = published(at.alice, "csat", is_anonymous=True)
    for i, answers in enumerate(values):
        submit_all(
            version,
            f"sub-{version.pk}-{i}",
            answers,
            context=Context(language="zh-Hans", unit=unit),
            now=NOW,
        )


def test_every_record_once_and_counted(tmp_path: Path) -> None:
    at = house()
    receive(at.alice, *(voice(unit="N-001", attributes={"city": "北京"}) for _ in range(1203)))
    export = Exporting(at.alice, at.selection(), language="en")
    path = tmp_path / "all.xlsx"
    assert export.write(path, "xlsx") == 1203
    data, codes = rows_of(path, 0), rows_of(path, 1)
    assert len(data) == len(codes) == 1204
    ids = [r[0] for r in data[1:]]
    assert len(set(ids)) == 1203
    assert {str(i) for i in ids} == {
        str(pk) for pk in FeedbackRecord.objects.values_list("pk", flat=True)
    }
    head = data[0]
    first = dict(zip(head, data[1], strict=True))
    assert (first["overall (csat)"], first["city"], first["Unit"]) == (4, "北京", "Chaoyang Store")


def test_a_formula_in_a_comment_stays_a_text(tmp_path: Path) -> None:
    at = house()
    receive(
        at.alice,
        voice(verbatim='=HYPERLINK("http://x","y")', attributes={"phone": "+8613800000000"}),
    )
    export = Exporting(at.alice, at.selection(), language="en")
    [row] = table(export)
    assert row["Verbatim"] == '\'=HYPERLINK("http://x","y")'
    assert row["phone"] == "+8613800000000"
    export.write(tmp_path / "a.xlsx", "xlsx")
    assert '=HYPERLINK("http://x","y")' in rows_of(tmp_path / "a.xlsx", 0)[1]


def test_zero_is_exported() -> None:
    at = house()
    receive(at.alice, voice(scores=[{"metric": "nps", "value": 0, "scale": [0, 10]}]))
    [row] = table(Exporting(at.alice, at.selection(), language="en"))
    assert row["overall (nps)"] == "0"


def test_json_is_what_the_api_sends(tmp_path: Path) -> None:
    at = house()
    receive(at.alice, voice(source_ref="X-1", unit="S-001"))
    assert Exporting(at.alice, at.selection(), language="en").write(tmp_path / "a", "json") == 1
    record = json.loads((tmp_path / "a").read_text())
    assert (record["source_ref"], record["unit"]) == ("X-1", "S-001")


def test_a_manager_exports_the_own_region_only() -> None:
    at = house()
    receive(at.alice, voice(unit="N-001"), voice(unit="S-001"), voice())
    export = Exporting(at.bob, at.selection(), language="en")
    assert [r["Unit code"] for r in table(export)] == ["N-001"]  # though it is Alice's selection
    own = Exporting(at.bob, Selection(actions.scope(at.bob)), language="en")
    assert [r["Unit code"] for r in table(own)] == ["N-001"]


def test_external_analysts_get_no_words(tmp_path: Path) -> None:
    at = house()
    receive(
        at.alice,
        voice(
            verbatim="我叫王小明，电话13812345678",
            unit="N-001",
            attributes={"remark": "secret"},
            customer={"ref": "CARD 900-7781", "name": "王芳"},
        ),
    )
    export = Exporting(at.external, Selection(actions.scope(at.external)), language="zh-Hans")
    for form in ("csv", "json"):
        assert export.write(tmp_path / form, form) == 1
        text = (tmp_path / form).read_text()
        for secret in ("王小明", "1381234", "secret", "王芳", "CARD 900"):
            assert secret not in text
    [row] = table(export)
    assert row["overall (csat)"] == "4"


def test_agents_may_not_export() -> None:
    at = house()
    with pytest.raises(Forbidden):
        Exporting(at.agent, at.selection(), language="en")


def test_anonymous_answers_show_the_day_and_no_small_unit(tmp_path: Path) -> None:
    at = house()
    answered(at, *({"overall": 5, "comment": f"好{i}"} for i in range(3)))
    path = tmp_path / "a.xlsx"
    export = Exporting(at.alice, at.selection(), language="en")
    assert export.write(path, "xlsx") == 3
    data = rows_of(path, 0)
    for row in data[1:]:
        shown = dict(zip(data[0], row, strict=True))
        assert shown["Unit code"] is None
        assert shown["Source reference"] is None
        assert (shown["Time"].hour, shown["Time"].minute) == (0, 0)


def test_the_codebook_explains_the_codes(tmp_path: Path) -> None:
    at = house()
    answered(at, {"overall": 5})
    path = tmp_path / "a.xlsx"
    Exporting(at.alice, at.selection(), language="en").write(path, "xlsx")
    book = rows_of(path, 2)
    assert book[0] == ["Column", "Question or item", "Code", "Meaning", "Note"]
    assert any(r[2] == "5" and r[3] == "Very satisfied" for r in book[1:])


@pytest.mark.django_db(transaction=True)
def test_large_exports_are_written_by_the_loop_for_their_owner() -> None:
    at = house()
    receive(at.alice, *(voice() for _ in range(30)))
    job = actions.start(by=at.alice, selection=at.selection(), form="csv", language="en", now=NOW)
    for _ in range(100):
        actions.work_on_next(now=NOW, worker="w1")
        job.refresh_from_db()
        if job.state == Export.State.DONE:
            break
        time.sleep(0.05)
    assert (job.state, job.progress, job.total) == (Export.State.DONE, 30, 30)
    assert actions.path_of(job).read_bytes().startswith(b"\xef\xbb\xbf")
    assert actions.export_by_id(at.alice, job.pk) == job
    for other in (at.analyst, at.bob):
        with pytest.raises(NotFound):
            actions.export_by_id(other, job.pk)


def test_an_export_whose_worker_died_is_written_by_another() -> None:
    at = house()
    job = actions.start(by=at.alice, selection=at.selection(), form="csv", language="en", now=NOW)
    assert Export.claim_next(worker="dead", now=NOW) == job
    assert actions.work_on_next(now=NOW, worker="w2") == 0
    later = NOW + timedelta(minutes=2)
    assert Export.claim_next(worker="w2", now=later) == job
