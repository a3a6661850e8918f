"""Every code that this room raises has a sentence, and the sentence its Chinese."""

from __future__ import annotations

import re
from pathlib import Path

from manyi.kit.sentences import SENTENCES
from manyi.kit.sentences import questionnaire as ours
from manyi.questionnaire.model import KINDS

ROOT = Path(__file__).parents[2] / "manyi"
RAISED = re.compile(r'(?:Bad\(|FieldProblem\([^"()]*(?:\([^()]*\))?[^"()]*,\s*f?)"([a-z_.]+)"')
DEFINED = re.compile(r'(?:\.wrong|_problem)\(\s*(?:f?"[^"]*"|\w+),\s*"([a-z_]+)"')


def test_every_code_has_a_sentence():
    source = "\n".join(p.read_text("utf-8") for p in (ROOT / "questionnaire").glob("*.py"))
    raised = set(RAISED.findall(source))
    raised |= {f"questionnaire.{code}" for code in DEFINED.findall(source)}
    assert len(raised) > 45
    assert raised - set(SENTENCES) == set()
    assert {f"questionnaire.kind.{kind}" for kind in KINDS} <= set(SENTENCES)


def test_every_sentence_has_its_chinese_with_the_same_parameters():
    part = (ROOT / "locale" / "parts" / "questionnaire.po").read_text("utf-8")
    pairs = dict(re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', part, re.M))
    for msgid in ours.SENTENCES.values():
        holes = re.compile(r"\{(\w+)\}")
        assert set(holes.findall(pairs[msgid])) == set(holes.findall(msgid)), msgid
