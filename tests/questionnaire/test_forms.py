"""What a browser sends, and what a link may pick."""

from __future__ import annotations

import pytest

from manyi.questionnaire.answering import check_all, check_page
from manyi.questionnaire.forms import from_form, prefill, to_form

from .made import EVERY, every_kind, one, question, survey

TABLE = [
    ("nps", {"q.x": ["0"]}, 0),
    ("nps", {"q.x": ["１０"]}, 10),
    ("nps", {"q.x": [""]}, None),
    ("nps", {}, None),
    ("nps", {"q.x": ["9"], "q.x.na": ["1"]}, {"na": True}),
    ("nps", {"q.x": ["na"]}, {"na": True}),
    ("nps", {"q.x": ["many"]}, "many"),
    ("number", {"q.x": [" -0.5 "]}, -0.5),
    ("single", {"q.x": ["a"]}, "a"),
    ("single", {"q.x": ["a"], "q.x.text": ["left over"]}, "a"),
    ("single", {"q.x": ["other"], "q.x.text": ["排队"]}, {"code": "other", "text": "排队"}),
    ("single", {"q.x.text": ["排队"]}, {"code": "other", "text": "排队"}),
    ("multiple", {"q.x": ["a", "b"], "q.x.text": [""]}, ["a", "b"]),
    ("multiple", {"q.x": ["a"], "q.x.text": ["x"]}, {"codes": ["a", "other"], "other": "x"}),
    ("multiple", {"q.x": []}, None),
    ("matrix", {"q.x.r1": ["0"], "q.x.r2": ["na"]}, {"r1": 0, "r2": {"na": True}}),
    ("matrix", {"q.x.r1": [""]}, None),
    ("short_text", {"q.x": ["na"]}, "na"),
    ("short_text", {"q.x": ["  "]}, None),
    ("date", {"q.x": ["2026-11-01"]}, "2026-11-01"),
    ("consent", {"q.x": ["on"]}, True),
    ("consent", {"q.x": ["0"]}, False),
    ("consent", {}, None),
    ("statement", {"q.x": ["1"]}, None),
]


@pytest.mark.parametrize(("kind", "form", "raw"), TABLE)
def test_form_fields_become_raw_values(kind, form, raw):
    q, _ = one(kind)
    assert from_form(q, "p1", form) == ({} if raw is None else {"x": raw})


def test_only_the_fields_of_the_page_are_read():
    q = survey([question("a", "nps")], [question("b", "nps")])
    assert from_form(q, "p2", {"q.a": ["1"], "q.b": ["0"], "csrf": ["t"]}) == {"b": 0}
    assert from_form(q, "p9", {"q.a": ["1"]}) == {}


VALUES = {
    "rating": [0, {"na": True}],
    "nps": [0, 10],
    "ces": [1],
    "single": ["a", "other", {"code": "other", "text": "x"}, {"na": True}],
    "multiple": [["a", "b"], {"codes": ["a", "other"], "other": "x"}, {"na": True}],
    "matrix": [{"r1": 0, "r2": {"na": True}}],
    "short_text": ["na", "一\n二", {"na": True}],
    "long_text": ["0"],
    "number": [0, -0.5],
    "date": ["2026-11-01"],
    "statement": [],
    "consent": [True, False],
}


@pytest.mark.parametrize(("kind", "value"), [(k, v) for k in EVERY for v in VALUES[k]])
def test_a_stored_answer_fills_the_form_again(kind, value):
    q, x = one(kind, **({} if kind in ("statement", "consent") else {"allow_na": True}))
    form = to_form(x, value)
    assert all(name == "q.x" or name.startswith("q.x.") for name in form)
    checked = check_page(q, "p1", from_form(q, "p1", form), {}, "en")
    assert checked.values == {"x": value}
    assert checked.ok


def test_a_link_picks_answers_and_hidden_fields():
    q = every_kind(hidden=[{"code": "order", "max_length": 4}])
    query = {
        "nps": ["0"],
        "ces": ["9"],
        "single": ["b"],
        "multiple": ["a,b"],
        "short_text": ["not mine to say"],
        "consent": ["1"],
        "order": ["A-1234"],
        "lang": ["en"],
        "utm": ["x"],
    }
    answers, hidden = prefill(q, query)
    assert answers == {"nps": 0, "single": "b", "multiple": ["a", "b"]}
    assert hidden == {"order": "A-12"}
    assert prefill(q, {"single": ["zzz"], "nps": [""], "order": [" "]}) == ({}, {})


def test_garbage_from_a_form_is_refused_by_the_check():
    q, _ = one("nps")
    for text in ("nan", "inf", "1e999", "abc", "--", "11"):
        raw = from_form(q, "p1", {"q.x": [text]})
        assert not check_all(q, raw).ok, text
