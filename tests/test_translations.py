"""The Chinese catalogue is complete: every text of pages and code has its translation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1] / "manyi"
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.mo"
# Function → how many leading arguments are msgids, and whether a context comes first.
CALLS = {
    "gettext": (1, False),
    "gettext_lazy": (1, False),
    "gettext_noop": (1, False),
    "_": (1, False),
    "ngettext": (2, False),
    "ngettext_lazy": (2, False),
    "pgettext": (1, True),
    "pgettext_lazy": (1, True),
    "npgettext": (2, True),
}


def in_python(text: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name not in CALLS:
            continue
        count, has_context = CALLS[name]
        words = [a.value for a in node.args if isinstance(a, ast.Constant)]
        texts = [w for w in words if isinstance(w, str)]
        if len(texts) < count + has_context:
            continue
        yield (texts[0] if has_context else "", texts[1 if has_context else 0])


def in_template(text: str) -> Iterator[tuple[str, str]]:
    """Django turns a template into pseudo-Python with gettext calls; those are read."""
    source = templatize(text)
    for call in re.finditer(r"\b(n?p?gettext|_)\((.*?)\)(?=\s|$)", source, re.DOTALL):
        words = re.findall(r"u?(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')", call.group(2))
        texts = [ast.literal_eval(w) for w in words]
        has_context = "p" in call.group(1).replace("npgettext", "p").split("gettext")[0]
        if len(texts) > has_context:
            yield (texts[0] if has_context else "", texts[1 if has_context else 0])


def used() -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for path in ROOT.rglob("*.py"):
        if "sentences" not in path.parts and "migrations" not in path.parts:
            found |= set(in_python(path.read_text()))
    for path in ROOT.rglob("templates/**/*"):
        if path.suffix in {".html", ".txt", ".js"}:
            found |= set(in_template(path.read_text()))
    return {(context, text) for context, text in found if text.strip()}


def test_every_text_has_its_chinese() -> None:
    catalogue = polib.mofile(str(CATALOGUE))
    translated = {
        (entry.msgctxt or "", entry.msgid)
        for entry in catalogue
        if entry.msgstr or (entry.msgstr_plural and all(entry.msgstr_plural.values()))
    }
    assert len(used()) > 300
    assert sorted(used() - translated) == []
