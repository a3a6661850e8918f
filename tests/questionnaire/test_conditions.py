"""0 is an answer, and an absent answer is never an error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manyi.questionnaire.conditions import holds
from manyi.questionnaire.model import OPERATORS, All, Compare, Either, Not

TABLE = [
    ("equals", 0, 0, True),
    ("equals", 0, False, False),
    ("equals", 1, True, False),
    ("equals", "a", "a", True),
    ("equals", ["a", "b"], "a", False),
    ("equals", {"code": "other", "text": "x"}, "other", True),
    ("equals", {"na": True}, "na", True),
    ("equals", None, 0, False),
    ("not_equals", None, 0, True),
    ("not_equals", 0, 0, False),
    ("in", 0, (0, 1), True),
    ("in", ["a", "b"], ("b", "c"), True),
    ("in", None, (0,), False),
    ("not_in", None, (0,), True),
    ("not_in", 0, (0,), False),
    ("at_least", 0, 0, True),
    ("at_least", None, 0, False),
    ("at_least", {"na": True}, 0, False),
    ("at_least", "2026-11-02", "2026-11-01", True),
    ("at_least", "2026-11-02", 0, False),
    ("at_most", 0, 6, True),
    ("at_most", 7, 6, False),
    ("at_most", None, 6, False),
    ("at_most", True, 6, False),
    ("answered", 0, None, True),
    ("answered", False, None, True),
    ("answered", {"na": True}, None, True),
    ("answered", {"r1": 0}, None, True),
    ("answered", "", None, False),
    ("answered", [], None, False),
    ("answered", None, None, False),
    ("not_answered", 0, None, False),
    ("not_answered", None, None, True),
    ("includes", ["a", "b"], "b", True),
    ("includes", {"codes": ["other"], "other": "x"}, "other", True),
    ("includes", None, "b", False),
]


@pytest.mark.parametrize(("op", "answer", "value", "met"), TABLE)
def test_comparisons(op, answer, value, met):
    assert holds(Compare("x", op, value), {"x": answer}) is met
    if answer is None:
        assert holds(Compare("x", op, value), {}) is met


def test_rows_and_hidden_fields_can_be_compared():
    assert holds(Compare("m", "at_most", 0, row="r1"), {"m": {"r1": 0}})
    assert not holds(Compare("m", "at_most", 0, row="r2"), {"m": {"r1": 0}})
    assert not holds(Compare("m", "at_most", 0, row="r2"), {})
    assert holds(Compare("app", "equals", "ios", hidden=True), {}, {"app": "ios"})
    assert holds(Compare("app", "not_answered", hidden=True), {})


def test_groups():
    yes, no = Compare("x", "answered"), Compare("x", "not_answered")
    answers = {"x": 0}
    assert holds(None, {})
    assert holds(All((yes, yes)), answers)
    assert not holds(All((yes, no)), answers)
    assert holds(Either((yes, no)), answers)
    assert not holds(Either((no, no)), answers)
    assert holds(Not(no), answers)


ANY = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
NESTED = st.recursive(
    ANY,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["na", "code", "codes", "r"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(st.sampled_from(OPERATORS), NESTED, ANY | st.tuples(ANY, ANY), st.sampled_from(["", "r"]))
def test_conditions_are_total(op, answer, value, row):
    assert holds(Compare("x", op, value, row), {"x": answer}) in (True, False)
