"""Every kind meets 0, blank, absent, "not applicable" and garbage."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manyi.kit.say import say
from manyi.kit.sentences import SENTENCES
from manyi.questionnaire import answering
from manyi.questionnaire.answering import check_all, check_page, check_partial
from manyi.questionnaire.rows import AnswerRow, answer_rows, scores, values_of, verbatim

from .made import EVERY, every_kind, one, question, survey

NOTHING = [None, "", "  ", [], {}]
# kind, raw → what is kept, or the code of the problem
TABLE = [
    ("rating", 0, 0),
    ("rating", 10.0, 10),
    ("rating", 11, "number_out_of_range"),
    ("rating", 2.5, "number_out_of_range"),
    ("rating", "3", "number_invalid"),
    ("rating", True, "number_invalid"),
    ("nps", 0, 0),
    ("nps", -1, "number_out_of_range"),
    ("nps", float("nan"), "number_invalid"),
    ("ces", 0, "number_out_of_range"),
    ("ces", 7, 7),
    ("single", "a", "a"),
    ("single", "0", "choice_unknown"),
    ("single", 0, "choice_unknown"),
    ("single", ["a"], "choice_unknown"),
    ("single", {"code": "other", "text": " 排队 "}, {"code": "other", "text": "排队"}),
    ("single", {"code": "other", "text": ""}, "other"),
    ("single", {"code": "a", "text": "why"}, "text_not_asked"),
    ("single", {"code": "a", "more": 1}, "answer_invalid"),
    ("multiple", ["b", "a", "b"], ["a", "b"]),
    ("multiple", {"codes": ["other"], "other": "x"}, {"codes": ["other"], "other": "x"}),
    ("multiple", {"codes": ["a"], "other": "x"}, "text_not_asked"),
    ("multiple", "a", "choices_expected"),
    ("multiple", 0, "choices_expected"),
    ("multiple", ["a", "b", "other"], "choices_too_many"),
    ("multiple", ["none"], ["none"]),
    ("multiple", ["none", "a"], "choice_exclusive"),
    ("matrix", {"r1": 0, "r2": 4}, {"r1": 0, "r2": 4}),
    ("matrix", {"r1": 0, "r2": None}, {"r1": 0}),
    ("matrix", {"r1": 5}, "number_out_of_range"),
    ("matrix", {"r9": 1}, "row_unknown"),
    ("matrix", 0, "rows_expected"),
    ("short_text", "0", "0"),
    ("short_text", " 好\r\n的\x00 ", "好\n的"),
    ("short_text", "x" * 11, "text_too_long"),
    ("short_text", 0, "text_expected"),
    ("long_text", "0", "0"),
    ("long_text", ["a"], "text_expected"),
    ("number", 0, 0),
    ("number", 0.5, 0.5),
    ("number", -6, "number_out_of_range"),
    ("number", "0", "number_invalid"),
    ("number", 10**400, "number_invalid"),
    ("date", "2026-11-01", "2026-11-01"),
    ("date", "20261101", "date_invalid"),
    ("date", "2026-02-30", "date_invalid"),
    ("date", "2019-12-31", "date_too_early"),
    ("date", 0, "date_invalid"),
    ("statement", 0, "no_answer_asked"),
    ("consent", False, False),
    ("consent", True, True),
    ("consent", 0, "consent_invalid"),
    ("consent", "yes", "consent_invalid"),
]


@pytest.mark.parametrize(("kind", "raw", "kept"), TABLE)
def test_each_kind_keeps_or_names_what_is_wrong(kind, raw, kept):
    q, _ = one(kind)
    checked = check_all(q, {"x": raw}, "en")
    if isinstance(kept, str) and kept in SENTENCES:
        assert [p.code for p in checked.problems] == [kept]
        assert checked.problems[0].pointer.split(".")[0] == "x"
        assert "x" not in checked.values
    else:
        assert checked.problems == ()
        assert checked.values == {"x": kept}
        assert type(checked.values["x"]) is type(kept)


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("raw", NOTHING)
def test_blank_is_absent_and_absent_is_fine_unless_required(kind, raw):
    q, _ = one(kind)
    assert check_all(q, {"x": raw}) == answering.Checked({}, ())
    assert answer_rows(q, {}) == []
    assert scores(q, {}) == []


@pytest.mark.parametrize("kind", [k for k in EVERY if k != "statement"])
@pytest.mark.parametrize("raw", NOTHING)
def test_a_required_question_is_missed_only_when_complete_is_asked(kind, raw):
    q, _ = one(kind, required=True)
    wanted = {"consent": ["consent_required"], "matrix": ["required"] * 2}.get(kind, ["required"])
    assert [p.code for p in check_all(q, {"x": raw}).problems] == wanted
    assert [p.code for p in check_page(q, "p1", {"x": raw}, {}, "en").problems] == wanted
    assert check_partial(q, {"x": raw}).ok


@pytest.mark.parametrize("kind", [k for k in EVERY if k not in ("statement", "consent")])
def test_not_applicable_is_an_answer_that_scores_nothing(kind):
    q, _ = one(kind, allow_na=True, required=True)
    checked = check_all(q, {"x": {"na": True}})
    assert checked.ok
    assert {row.code for row in answer_rows(q, checked.values)} == {"na"}
    assert scores(q, checked.values) == []
    assert verbatim(q, checked.values) == ""
    refused, _ = one(kind)
    codes = {p.code for p in check_all(refused, {"x": {"na": True}}).problems}
    assert codes == {"na_not_allowed"}


def test_required_consent_must_be_given():
    q, _ = one("consent", required=True)
    assert [p.code for p in check_all(q, {"x": False}).problems] == ["consent_required"]
    assert check_all(q, {"x": True}).ok


def test_required_zero_is_an_answer():
    q, _ = one("nps", required=True)
    checked = check_all(q, {"x": 0})
    assert checked.ok
    assert [s.value for s in scores(q, checked.values)] == [0.0]


def test_a_problem_names_the_question_in_the_respondents_language():
    q, _ = one("matrix", required=True)
    problem = check_all(q, {"x": {"r1": 9, "r2": 0}}, "en").problems[0]
    assert problem.pointer == "x.r1"
    assert problem.params["question"] == "R1"
    assert say(problem.code, "en", problem.params) == "Please give a number from 0 to 4."
    chinese = check_all(q, {"x": {"r1": 9, "r2": 0}}, "zh-Hans").problems[0]
    assert chinese.params["question"] == "中R1"


def test_unknown_questions_are_a_problem_and_hidden_ones_are_dropped():
    low = {"question": "n", "is": "at_most", "value": 6}
    q = survey([question("n", "nps")], [question("why", "short_text", show_if=low, required=True)])
    assert check_all(q, {"n": 9, "why": "?"}).values == {"n": 9}
    assert check_all(q, {"n": 9, "y": 1}).problems[0].code == "question_unknown"
    assert [p.pointer for p in check_all(q, {"n": 0}).problems] == ["why"]
    assert check_page(q, "p2", {"n": 9}, {"n": 0}, "en").problems[0].pointer == "n"
    assert check_page(q, "p9", {}, {}, "en").problems[0].code == "page_unknown"


def test_pages_follow_the_answers():
    low = {"question": "n", "is": "at_most", "value": 6}
    q = survey(
        [question("n", "nps")],
        [question("why", "short_text", show_if=low)],
        [question("z", "date")],
    )

    def after(code, answers):
        page = answering.next_page(q, answers, code)
        return page and page.code

    assert after(None, {}) == "p1"
    assert after("p1", {"n": 0}) == "p2"
    assert after("p1", {"n": 7}) == "p3"
    assert after("p1", {}) == "p3"
    assert after("p3", {"n": 0}) is None
    before = answering.previous_page(q, {"n": 7}, "p3")
    assert before is not None and before.code == "p1"
    assert answering.previous_page(q, {}, "p1") is None
    assert answering.prune(q, {"n": 9, "why": "old", "z": "2026-11-01"}) == {
        "n": 9,
        "z": "2026-11-01",
    }


def test_pruning_follows_chains():
    q = survey(
        [question("a", "nps")],
        [question("b", "nps", show_if={"question": "a", "is": "equals", "value": 0})],
        [question("c", "nps", show_if={"question": "b", "is": "answered"})],
    )
    assert answering.prune(q, {"a": 1, "b": 0, "c": 0}) == {"a": 1}
    assert answering.prune(q, {"a": 0, "b": 0, "c": 0}) == {"a": 0, "b": 0, "c": 0}


def test_a_question_that_an_answer_of_its_page_reveals_is_named():
    low = {"question": "n", "is": "at_most", "value": 6}
    q = survey([question("n", "nps"), question("why", "short_text", show_if=low)])
    assert check_page(q, "p1", {"n": 0}, {}, "en").revealed == ("why",)
    assert check_page(q, "p1", {"n": 0}, {"n": 0}, "en").revealed == ()
    assert check_page(q, "p1", {"n": 9}, {"n": 0}, "en").revealed == ()


def test_an_answer_changed_on_its_page_no_longer_decides():
    low = {"question": "n", "is": "at_most", "value": 6}
    q = survey([question("n", "nps"), question("why", "short_text", show_if=low)])
    assert check_page(q, "p1", {"n": None, "why": "old"}, {"n": 0}, "en").values == {}


def test_scores_carry_item_metric_and_the_whole_scale():
    q = survey(
        [
            question("s", "rating", scale=[5, 1], item="overall"),
            question("n", "nps"),
            question("e", "ces"),
            question("m", "matrix"),
            question("quiet", "rating", metric="none"),
        ]
    )
    values = check_all(q, {"s": 5, "n": 0, "e": 1, "m": {"r1": 0, "r2": 4}, "quiet": 0}).values
    assert [(s.item, s.metric, s.worst, s.best, s.value) for s in scores(q, values)] == [
        ("overall", "csat", 5, 1, 5),
        ("n", "nps", 0, 10, 0),
        ("e", "ces", 1, 7, 1),
        ("m.r1", "csat", 0, 4, 0),
        ("m.r2", "csat", 0, 4, 4),
    ]


def test_rows_hold_codes_numbers_and_texts():
    q = every_kind()
    raw = {
        "rating": 0,
        "single": {"code": "other", "text": "x"},
        "multiple": ["a", "b"],
        "matrix": {"r1": 0, "r2": {"na": True}},
        "short_text": "一",
        "long_text": "二",
        "date": "2026-11-01",
        "consent": False,
    }
    values = check_all(q, raw).values
    assert answer_rows(q, values) == [
        AnswerRow("rating", number=0.0),
        AnswerRow("single", code="other", text="x"),
        AnswerRow("multiple", code="a"),
        AnswerRow("multiple", code="b"),
        AnswerRow("matrix", row="r1", number=0.0),
        AnswerRow("matrix", row="r2", code="na"),
        AnswerRow("short_text", text="一"),
        AnswerRow("long_text", text="二"),
        AnswerRow("date", text="2026-11-01"),
        AnswerRow("consent", code="no"),
    ]
    assert verbatim(q, values, "en") == "x\n一\n二"


def test_hidden_fields_are_named_or_refused():
    q = every_kind(hidden=[{"code": "order", "max_length": 4}])
    assert answering.check_hidden(q, {"order": " 0 "}).values == {"order": "0"}
    assert answering.check_hidden(q, {"order": None}) == answering.Checked({}, ())
    for raw, code in (
        ({"order": "12345"}, "text_too_long"),
        ({"order": 0}, "text_expected"),
        ({"ordr": "1"}, "hidden_unknown"),
    ):
        assert [p.code for p in answering.check_hidden(q, raw).problems] == [code]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["a", "b", "other", "none", "r1", "na", "2026-11-01"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["na", "code", "codes", "text", "other", "r1", "r2"])
            | st.text(max_size=3),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
ANSWERS = st.dictionaries(st.sampled_from(sorted(EVERY)) | st.text(max_size=4), JSON, max_size=8)


@settings(max_examples=300, deadline=None)
@given(ANSWERS)
def test_checking_anything_never_raises_and_is_stable(raw):
    q = every_kind()
    checked = check_all(q, raw, "en")
    again = check_all(q, checked.values, "en")
    assert again.values == checked.values
    assert again.ok
    json.dumps(checked.values, allow_nan=False).encode()
    assert {p.code for p in checked.problems} <= set(SENTENCES)
    check_page(q, "p1", raw, {}, "zh-Hans")
    rows = answer_rows(q, checked.values)
    assert len({(r.question, r.row, r.code) for r in rows}) == len(rows)
    random.Random(1).shuffle(rows)
    assert values_of(q, rows) == checked.values
