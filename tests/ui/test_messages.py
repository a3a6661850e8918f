"""The catalogue's parts become one; two translations of one msgid are named."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from build_assets import merge


def part(folder: Path, name: str, body: str) -> Path:
    path = folder / name
    path.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n' + body)
    return path


def test_parts_are_merged_and_repeats_kept_once(tmp_path: Path) -> None:
    one = part(tmp_path, "a.po", 'msgid "Case"\nmsgstr "工单"\n')
    two = part(tmp_path, "b.po", 'msgid "Case"\nmsgstr "工单"\n\nmsgid "Plan"\nmsgstr "计划"\n')
    merged, clashes = merge([one, two])
    assert [entry.msgid for entry in merged] == ["Case", "Plan"]
    assert clashes == []


def test_two_translations_of_one_msgid_are_named(tmp_path: Path) -> None:
    one = part(tmp_path, "a.po", 'msgid "Case"\nmsgstr "工单"\n')
    two = part(tmp_path, "b.po", 'msgid "Case"\nmsgstr "案例"\n')
    merged, clashes = merge([one, two])
    assert merged[0].msgstr == "工单"
    assert clashes == ["b.po translates “Case” in a second way"]


def test_the_same_words_in_two_contexts_are_two_messages(tmp_path: Path) -> None:
    noun = 'msgctxt "noun"\nmsgid "Open"\nmsgstr "未结"\n\n'
    verb = 'msgctxt "verb"\nmsgid "Open"\nmsgstr "打开"\n'
    merged, clashes = merge([part(tmp_path, "a.po", noun + verb)])
    assert len(merged) == 2
    assert clashes == []
