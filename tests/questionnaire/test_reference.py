"""The reference page shows every kind and condition, and what it shows can be read."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from manyi.packs.templates import names
from manyi.questionnaire.model import KINDS, LABEL_SETS, OPERATORS
from manyi.questionnaire.read import load

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "questionnaire.md"
TEXT = PAGE.read_text("utf-8")
BLOCKS = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.S)]
QUESTIONS = {block["kind"]: block for block in BLOCKS if "kind" in block}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_heading_and_an_example_that_loads(kind):
    assert f"\n### {kind}\n" in TEXT
    questions = [QUESTIONS[kind], {"code": "extra", "kind": "nps", "title": "?"}]
    pages = [{"code": "p", "questions": questions}]
    assert load({"languages": ["en"], "title": "T", "pages": pages})


def test_the_whole_example_loads_and_its_condition_fits_the_other_examples():
    whole = next(block for block in BLOCKS if "pages" in block)
    load(whole)
    condition = next(block for block in BLOCKS if "all" in block)
    first = [{**QUESTIONS["rating"], "code": "overall"}, QUESTIONS["single"], QUESTIONS["matrix"]]
    last = [{"code": "x", "kind": "nps", "title": "?", "show_if": condition}]
    pages = [{"code": "a", "questions": first}, {"code": "b", "questions": last}]
    hidden = [{"code": "order"}]
    assert load({"languages": ["en"], "title": "T", "pages": pages, "hidden": hidden})


def test_operators_labels_and_templates_are_all_named():
    for name in (*OPERATORS, *LABEL_SETS, *names()):
        assert f"`{name}`" in TEXT, name
