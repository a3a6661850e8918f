"""What a form carries of other pages is taken as it comes, or not at all."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from manyi.respond.visit import drafts_in


@pytest.mark.parametrize("text", ['{"p": {"q.a": ["\\ud800"]}}', "[", "[1]", '{"p": 1}', "null"])
def test_odd_drafts_are_none(text: str) -> None:
    form = QueryDict(mutable=True)
    form["drafts"] = text
    assert drafts_in(form) == {}
