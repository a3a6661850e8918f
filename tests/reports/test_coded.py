"""Exports for statisticians: another hand reads back labels, missing codes, sets and texts."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pyreadstat
import pytest

from manyi.feedback.submit import Context, submit_all
from manyi.reports.exporting import Exporting
from manyi.surveys import actions as surveys
from tests.factories import NOW, House, house
from tests.voices import receive, voice

pytestmark = pytest.mark.django_db

LONG = "等了四十分钟才有人来，" * 100
CHOICES = [
    {"code": "phone", "label": {"en": "Phone"}},
    {"code": "web", "label": {"en": "Web"}},
]
OTHER = {"code": "else", "label": {"en": "Other"}, "other": True}
QUESTIONS: list[dict[str, Any]] = [
    {"code": "overall", "kind": "rating", "title": {"en": "Overall"}, "allow_na": True},
    {"code": "way", "kind": "single", "title": {"en": "Way"}, "choices": [*CHOICES, OTHER]},
    {"code": "used", "kind": "multiple", "title": {"en": "Used"}, "choices": CHOICES},
    {"code": "kids", "kind": "number", "title": {"en": "Children"}},
    {"code": "moved", "kind": "date", "title": {"en": "Moved in"}},
    {"code": "why", "kind": "long_text", "title": {"en": "Why"}},
]
ANSWERS: list[dict[str, Any]] = [
    {"overall": 5, "way": {"code": "web"}, "used": {"codes": ["phone", "web"]}, "kids": 0},
    {"overall": {"na": True}, "way": {"code": "else", "text": "上门"}, "why": LONG},
    {"used": {"codes": ["web"]}, "moved": "2024-02-29"},
    {"overall": 1, "way": {"code": "phone"}, "why": "太慢"},
]


def asked(at: House, answers: list[dict[str, Any]] = ANSWERS) -> Exporting:
    definition = {
        "title": {"en": "Moving in"},
        "languages": ["en"],
        "pages": [{"code": "p", "questions": QUESTIONS}],
    }
    survey = surveys.create(by=at.alice, definition=definition, now=NOW)
    version = surveys.publish(by=at.alice, survey=survey, now=NOW)
    for i, one in enumerate(answers):
        context = Context(language="en", unit="N-001")
        submit_all(version, f"sub-{i}", one, context=context, now=NOW)
    return Exporting(at.alice, at.selection(), language="en")


def read_back(path: Path, **options: Any) -> tuple[dict[str, list[Any]], Any]:
    """Return the columns in the order in which was answered, nothing as None; and what is said."""
    found, meta = pyreadstat.read_sav(path, output_format="dict", **options)
    plain = {n: [None if v != v else v for v in column] for n, column in found.items()}
    order = sorted(range(4), key=lambda i: [2, 3, None, 1].index(plain["way"][i]))
    return {n: [column[i] for i in order] for n, column in plain.items()}, meta


def test_spss_reads_back_numbers_labels_and_missing_codes(tmp_path: Path) -> None:
    assert asked(house()).write(tmp_path / "a.sav", "sav") == 4
    found, meta = read_back(tmp_path / "a.sav", user_missing=True)
    assert meta.number_rows == 4
    assert list(found["overall"])[:2] == [5, 99]
    assert meta.variable_value_labels["overall"][99] == "Not applicable"
    assert meta.missing_ranges["overall"] == [{"lo": 99, "hi": 99}]
    assert meta.column_names_to_labels["way"] == "Way"
    assert meta.variable_value_labels["way"] == {1: "Phone", 2: "Web", 3: "Other"}
    assert found["way"] == [2, 3, None, 1]
    assert meta.variable_measure["overall"] == "ordinal"
    assert found["kids"][0] == 0
    assert found["kids"][1] is None
    assert found["moved"][2] == date(2024, 2, 29)
    assert found["way.else.text"][1] == "上门"
    assert any("way: 1=phone 2=web 3=else" in line for line in meta.notes)
    assert read_back(tmp_path / "a.sav")[0]["overall"] == [5, None, None, 1]


def test_spss_keeps_texts_longer_than_one_field(tmp_path: Path) -> None:
    asked(house()).write(tmp_path / "a.sav", "sav")
    found, _ = read_back(tmp_path / "a.sav")
    assert list(found["why"]) == ["", LONG, "", "太慢"]


def test_spss_knows_the_ticks_of_one_question(tmp_path: Path) -> None:
    asked(house()).write(tmp_path / "a.sav", "sav")
    found, meta = read_back(tmp_path / "a.sav")
    [(name, answers)] = meta.mr_sets.items()
    assert (name, answers["variable_list"]) == ("used", ["used.phone", "used.web"])
    assert [found["used.phone"][0], found["used.phone"][2], found["used.web"][2]] == [1, 0, 1]
    assert found["used.phone"][1] is None


def test_spss_reads_names_that_it_would_refuse(tmp_path: Path) -> None:
    at = house()
    receive(at.alice, voice(attributes={"城市 / 区": "北京", "城市 区": "海淀", "by": "x"}))
    Exporting(at.alice, at.selection(), language="en").write(tmp_path / "a.sav", "sav")
    found, meta = pyreadstat.read_sav(tmp_path / "a.sav", output_format="dict")
    assert found["a_城市_区"] == ["北京"]
    assert found["a_城市_区_2"] == ["海淀"]
    assert meta.column_names_to_labels["a_城市_区"] == "城市 / 区"


def test_triple_s_explains_its_answers(tmp_path: Path) -> None:
    assert asked(house()).write(tmp_path / "a.zip", "sss") == 4
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        root = ET.fromstring(archive.read("survey.sss"))
        rows = list(csv.DictReader(io.StringIO(archive.read("survey.csv").decode())))
    rows.sort(key=lambda r: ["2", "3", "", "1"].index(r["way"]))
    assert root.get("version") == "3.0"
    kinds = {v.findtext("name"): v for v in root.iter("variable")}
    assert [kinds[n].get("type") for n in ("overall", "way", "used", "kids", "moved", "why")] == [
        *("single", "single", "multiple", "quantity", "date", "character")
    ]
    labels = {v.get("code"): v.text for v in kinds["way"].iter("value")}
    assert labels == {"1": "Phone", "2": "Web", "3": "Other"}
    assert [r["used"] for r in rows] == ["11", "", "01", ""]
    assert [r["overall"] for r in rows] == ["5", "99", "", "1"]
    assert rows[2]["moved"] == "20240229"
    assert int(kinds["why"].findtext("size") or 0) >= len(LONG)
    assert rows[1]["why"] == LONG
    starts = [int(v.find("position").get("start")) for v in root.iter("variable")]  # type: ignore
    assert starts == list(range(1, len(rows[0]) + 1))


def test_answers_to_a_choice_that_is_gone_are_kept(tmp_path: Path) -> None:
    at = house()
    export = asked(at)
    survey = export.rows.exclude(survey=None).first().survey
    draft = survey.definition
    draft["pages"][0]["questions"][1]["choices"] = [*CHOICES[1:], OTHER]
    surveys.update_draft(by=at.alice, survey=survey, definition=draft, now=NOW)
    version = surveys.publish(by=at.alice, survey=survey, now=NOW)
    submit_all(version, "new", {"way": {"code": "web"}}, context=Context(language="en"), now=NOW)
    Exporting(at.alice, at.selection(), language="en").write(tmp_path / "a.sav", "sav")
    found, meta = pyreadstat.read_sav(tmp_path / "a.sav", output_format="dict")
    words = meta.variable_value_labels["way"]
    said = [words.get(v) or "" for v in found["way"]]
    assert sorted(said) == ["", "Other", "Phone", "Web", "Web"]
