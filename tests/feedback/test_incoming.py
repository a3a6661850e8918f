"""What is let in and what is refused, before anything is stored."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manyi.feedback.incoming import read
from manyi.kit.problems import Problem
from tests.factories import NOW

GOOD: dict[str, Any] = {
    "source": "shop",
    "source_ref": "1",
    "occurred_at": "2026-10-30T09:30:00+08:00",
    "scores": [{"metric": "nps", "value": 0}],
}

NAN = float("nan")
FLAT = {"scores": [{"metric": "csat", "value": 1, "scale": [1, 1]}]}


def refused(**values: Any) -> set[tuple[str, str]]:
    with pytest.raises(Problem) as caught:
        read({**GOOD, **values}, now=NOW)
    return {(p.pointer, p.code) for p in caught.value.errors}


def test_zero_is_a_score() -> None:
    assert read(GOOD, now=NOW).scores == [("overall", "nps", 0.0, 10.0, 0.0)]


def test_a_scale_may_run_downwards() -> None:
    school = {"metric": "csat", "value": 1, "scale": [6, 1]}
    assert read({**GOOD, "scores": [school]}, now=NOW).scores[0][2:] == (6.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"scores": [{"metric": "nps", "value": 11}]}, ("/scores/0/value", "value_off_scale")),
        ({"scores": [{"metric": "nps", "value": True}]}, ("/scores/0/value", "value_off_scale")),
        ({"scores": [{"metric": "csat", "value": NAN}]}, ("/scores/0/value", "value_off_scale")),
        ({"scores": [{"metric": "fun", "value": 1}]}, ("/scores/0/metric", "value.metric_unknown")),
        (FLAT, ("/scores/0/scale", "scale_invalid")),
        ({"scores": None, "verbatim": " "}, ("", "record_empty")),
        ({"occurred_at": "2026-10-30"}, ("/occurred_at", "time_without_offset")),
        ({"occurred_at": "2099-01-01T00:00:00Z"}, ("/occurred_at", "time_implausible")),
        ({"occurred_at": "gestern"}, ("/occurred_at", "time_invalid")),
        ({"source": ""}, ("/source", "field_required")),
        ({"source_ref": 7}, ("/source_ref", "value.text_expected")),
        ({"unitt": "x"}, ("/unitt", "field_unknown")),
        ({"kind": "gossip"}, ("/kind", "kind_unknown")),
        ({"answers": {"q": 1}}, ("/survey", "field_required")),
        ({"attributes": {"a": [1]}}, ("/attributes/a", "attribute_invalid")),
        ({"verbatim": "x" * 100_001}, ("/verbatim", "value.text_too_long")),
        ({"customer": {"phone": 138}}, ("/customer/phone", "value.text_expected")),
        ({"turns": [{"role": "agent"}, 3]}, ("/turns/1", "turn_shape")),
        ({"turns": [{"role": "agent", "text": "hi"}] * 5001}, ("/turns", "turns_too_many")),
    ],
)  # fmt: skip
def test_each_fault_is_named(values: dict[str, Any], problem: tuple[str, str]) -> None:
    assert problem in refused(**values)


def test_what_no_database_keeps_is_dropped() -> None:
    assert read({**GOOD, "verbatim": "好\x00吃\ud800了"}, now=NOW).verbatim == "好吃了"


def test_the_same_content_has_the_same_hash_in_any_order() -> None:
    one = read({**GOOD, "attributes": {"a": 1, "b": 2}}, now=NOW)
    other = read({"attributes": {"b": 2, "a": 1}, **GOOD}, now=NOW)
    assert one.content_hash == other.content_hash
    assert read({**GOOD, "attributes": {"a": 1, "b": 3}}, now=NOW).content_hash != one.content_hash


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(
            [*sorted(GOOD), "customer", "turns", "answers", "verbatim", "attributes", "unit"]
        ),
        JSON,
    )
)
def test_any_json_is_read_or_refused_in_words(values: dict[str, Any]) -> None:
    try:
        read({**GOOD, **values}, now=NOW)
    except Problem as problem:
        assert problem.errors
