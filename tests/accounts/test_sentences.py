"""Whatever these rooms refuse is said in words, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import manyi
from manyi.kit.say import say
from manyi.kit.sentences import SENTENCES, accounts, core, customers

ROOMS = [Path(manyi.__file__).parent / room for room in ("accounts", "customers")]
DEEDS = re.compile(r'(?:action=|require\([^"]*|may\([^"]*|deed=|_record\([^"]*)"([a-z_.]+)"')


def refused_codes() -> set[str]:
    found: set[str] = set()
    for path in (p for room in ROOMS for p in room.rglob("*.py") if "migrations" not in p.parts):
        text = path.read_text()
        for line in re.findall(r"(?:refuse|Problem|Forbidden|NotFound|FieldProblem)\([^)]*", text):
            found |= set(re.findall(r'"([a-z_]+\.[a-z_]+)"', line)) - set(DEEDS.findall(line))
    return found


def test_every_refusal_has_its_sentence() -> None:
    codes = refused_codes()
    assert len(codes) > 35
    assert not {code for code in codes if code not in SENTENCES and "deed" not in code}


@pytest.mark.parametrize("room", [accounts, customers])
def test_sentences_end_and_are_translated(room: object) -> None:
    part = Path(manyi.__file__).parent / "locale/parts" / f"{room.__name__.split('.')[-1]}.po"
    known = part.read_text().replace('\\"', '"').replace("\\\\", "\\")
    for code, sentence in room.SENTENCES.items():
        assert f'msgid "{sentence}"' in known, code
        assert sentence.endswith(".") or code == "unit.level"
    assert say("forbidden", "en") == core.SENTENCES["forbidden"]
