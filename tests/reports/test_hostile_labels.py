"""Whatever people call their things: every file is valid, holds it whole and runs nothing."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pyreadstat
import pytest

from manyi.accounts.models import Unit
from manyi.feedback.submit import Context, submit_all
from manyi.reports.exporting import Exporting
from manyi.surveys import actions as surveys
from tests.factories import NOW, House, house

pytestmark = pytest.mark.django_db

NASTY = [
    "=cmd|' /C calc'!A0",
    "two\nlines, and “quotes” \"'",
    "</script><script>alert(1)</script>",
    "${7*7} {{ 7*7 }} {% now %} %s %(x)s {0}",
    "\u202eright to left\u202c 😀👩‍👩‍👧 满意",
    "＝1+1",
    "a,b;c\td",
    "]]> <!-- & &amp; -->",
    "长" * 300,
    "@SUM(1)",
    "-2+3",
    "con",
]


def plain(text: str) -> str:
    """What may differ: a line is one line, and what a package cuts at its limit."""
    return " ".join(text.split())


@pytest.fixture
def exporting() -> Exporting:
    home = house()
    Unit.objects.filter(pk=home.north_1.pk).update(name={"en": NASTY[0], "zh-Hans": NASTY[0]})
    return Exporting(home.alice, asked(home), language="en")


def asked(at: House) -> Any:
    labels = {f"c{i}": text for i, text in enumerate(NASTY)}
    choices = [{"code": code, "label": {"en": text}} for code, text in labels.items()]
    questions = [
        {"code": f"q{i}", "kind": "single", "title": {"en": text}, "choices": choices}
        for i, text in enumerate(NASTY)
    ]
    many = {"code": "many", "kind": "multiple", "title": {"en": NASTY[0]}, "choices": choices}
    said = {"code": "said", "kind": "long_text", "title": {"en": "Said"}}
    definition = {
        "title": {"en": NASTY[2]},
        "languages": ["en"],
        "pages": [{"code": "p", "questions": [*questions, many, said]}],
    }
    survey = surveys.create(by=at.alice, definition=definition, now=NOW)
    version = surveys.publish(by=at.alice, survey=survey, now=NOW)
    for i, text in enumerate(NASTY):
        answers = {f"q{n}": {"code": f"c{i}"} for n in range(len(NASTY))}
        answers |= {"many": {"codes": [f"c{i}"]}, "said": text}
        submit_all(version, f"s-{i}", answers, context=Context(language="en"), now=NOW)
    return at.selection()


def test_a_workbook_holds_every_label_as_text(exporting: Exporting, tmp_path: Path) -> None:
    exporting.write(tmp_path / "a.xlsx", "xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    found = {cell.value for cell in cells if isinstance(cell.value, str)}
    joined = "\n".join(sorted(found))
    assert [text for text in NASTY if text not in found and text not in joined] == []


def test_a_csv_runs_nothing_and_comes_back_whole(exporting: Exporting, tmp_path: Path) -> None:
    exporting.write(tmp_path / "a.csv", "csv")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        heads, *rows = list(csv.reader(file))
    assert len(rows) == len(NASTY) and {len(row) for row in rows} == {len(heads)}
    cells = [cell for row in [heads, *rows] for cell in row]
    assert not [cell for cell in cells if cell[:1] in tuple("=@＝＋－＠\t\r\n")]
    said = {row[heads.index("Said")].removeprefix("'") for row in rows}
    assert said == {*NASTY}


def test_spss_keeps_labels_up_to_its_own_limit(exporting: Exporting, tmp_path: Path) -> None:
    exporting.write(tmp_path / "a.sav", "sav")
    found, meta = pyreadstat.read_sav(tmp_path / "a.sav", output_format="dict")
    values = meta.variable_value_labels["q0"]
    assert len(values) == len(NASTY) == len({*values.values()})
    for text, label in zip(NASTY, (values[key] for key in sorted(values)), strict=True):
        assert plain(text).startswith(plain(label)) and len(label.encode()) >= min(
            100, len(plain(text).encode())
        ), (text, label)
    for i, text in enumerate(NASTY):
        label = meta.column_names_to_labels[f"q{i}"]
        assert plain(text).startswith(plain(label)[:60]), (text, label)
    assert {plain(text) for text in found["said"]} == {plain(text) for text in NASTY}


def test_triple_s_is_sound_xml_with_every_label(exporting: Exporting, tmp_path: Path) -> None:
    exporting.write(tmp_path / "a.zip", "sss")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        [definition] = [name for name in archive.namelist() if name.endswith((".xml", ".sss"))]
        [answers] = [name for name in archive.namelist() if name.endswith(".csv")]
        root = ET.fromstring(archive.read(definition))
        rows = list(csv.reader(io.StringIO(archive.read(answers).decode("utf-8-sig"))))
    variables = root.findall(".//variable")
    titles = {v.findtext("name"): v.findtext("label") or "" for v in variables}
    assert {plain(titles[f"q{i}"]) for i in range(len(NASTY))} == {plain(t) for t in NASTY}
    values = next(v for v in variables if v.findtext("name") == "q0").findall(".//value")
    assert {plain(one.text or "") for one in values} >= {plain(t) for t in NASTY}
    assert len(rows) == 1 + len(NASTY) and len({len(row) for row in rows}) == 1
