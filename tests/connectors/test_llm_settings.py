"""The settings of the outside model are refused loudly."""

from __future__ import annotations

import pytest

from manyi.base.llm import Llm, read

GOOD = {"MANYI_LLM_URL": "http://127.0.0.1:11434/v1/", "MANYI_LLM_MODEL": "qwen3:8b"}


def test_what_is_given_is_read_and_nothing_is_none() -> None:
    assert read({}) is None
    assert read(GOOD) == Llm("http://127.0.0.1:11434/v1", "qwen3:8b", "", 1_000_000)


@pytest.mark.parametrize(
    "values",
    [
        {"MANYI_LLM_KEY": "sk"},
        {"MANYI_LLM_URL": "http://127.0.0.1/v1"},
        {**GOOD, "MANYI_LLM_URL": "ftp://host/v1"},
        {**GOOD, "MANYI_LLM_URL": "https://"},
        {**GOOD, "MANYI_LLM_URL": "https://name:key@host/v1"},
        {**GOOD, "MANYI_LLM_URL": "https://host/v1?key=1"},
        {**GOOD, "MANYI_LLM_URL": "https://host:99999/v1"},
        {**GOOD, "MANYI_LLM_MODEL": "a\nb"},
        {**GOOD, "MANYI_LLM_KEY": "sk\r\nX: 1"},
        {**GOOD, "MANYI_LLM_TOKENS": "many"},
        {**GOOD, "MANYI_LLM_TOKENS": "-1"},
    ],
)
def test_what_cannot_be_used_is_refused(values: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="MANYI_LLM"):
        read(values)
