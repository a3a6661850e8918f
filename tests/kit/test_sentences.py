"""Every code that is raised has one sentence, in one room, in both languages."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import string
from collections import Counter
from pathlib import Path

import polib

from manyi.kit import sentences
from manyi.kit.say import LOCALE_DIR, say

ROOT = Path(__file__).resolve().parents[2] / "manyi"
# Raised by name: the position of the code among the arguments.
RAISERS = {"Problem": 0, "Forbidden": 0, "NotFound": 0, "Busy": 0, "FieldProblem": 1}


def rooms() -> dict[str, dict[str, str]]:
    return {
        module.name: importlib.import_module(f"{sentences.__name__}.{module.name}").SENTENCES
        for module in pkgutil.iter_modules(sentences.__path__)
    }


def test_each_code_stands_in_one_room_and_is_registered() -> None:
    counted = Counter(code for room in rooms().values() for code in room)
    assert [code for code, n in counted.items() if n > 1] == []
    assert set(counted) == set(sentences.SENTENCES)


def raised() -> set[tuple[str, str]]:
    found = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            place = RAISERS.get(node.func.id)
            if place is None or len(node.args) <= place:
                continue
            code = node.args[place]
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                found.add((code.value, str(path.relative_to(ROOT))))
    return found


def test_every_code_that_is_raised_has_a_sentence() -> None:
    assert sorted(one for one in raised() if one[0] not in sentences.SENTENCES) == []


def names(sentence: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(sentence) if field}


def has_words(sentence: str) -> bool:
    plain = "".join(text for text, *_ in string.Formatter().parse(sentence))
    return any(len(word) > 1 and word.isalpha() for word in plain.split())


def test_each_sentence_is_said_in_chinese_with_the_same_parameters() -> None:
    catalogue = polib.mofile(str(LOCALE_DIR / "zh_Hans" / "LC_MESSAGES" / "django.mo"))
    chinese = {entry.msgid: entry.msgstr for entry in catalogue}
    missing = [s for s in sentences.SENTENCES.values() if has_words(s) and not chinese.get(s)]
    assert missing == []
    differing = [s for s, zh in chinese.items() if s in known() and names(zh) != names(s)]
    assert differing == []


def known() -> set[str]:
    return set(sentences.SENTENCES.values())


def test_a_missing_parameter_is_shown_as_its_name() -> None:
    assert "{value}" in say("date_invalid", "en")
