"""The build's manifest answers by name, and says how to build where there is none."""

from __future__ import annotations

import gettext
import json
import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from manyi.ui import assets

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "manyi"


@pytest.mark.parametrize("name", ["staff.js", "staff.css", "charts.js", "icons.svg", "mark.svg"])
def test_built_files_are_found_under_hashed_names(name: str) -> None:
    file = assets.file_name(name)
    stem, _, ending = name.partition(".")
    assert re.fullmatch(rf"{stem}-[\w-]{{8,}}\.{ending}", file)
    assert (assets.DIST / file).is_file()
    assert assets.address(name).startswith("/static/ui/dist/")


def test_without_a_build_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"build_assets\.py"):
        assets.file_name("staff.js", dist=tmp_path)


def test_an_unknown_asset_is_named(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({}))
    with pytest.raises(ImproperlyConfigured, match=r"nothing\.js"):
        assets.file_name("nothing.js", dist=tmp_path)


def test_a_new_build_is_noticed(tmp_path: Path) -> None:
    import os

    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"src/a.js": {"file": "a-1.js"}}))
    os.utime(manifest, ns=(1, 1))
    assert assets.file_name("a.js", dist=tmp_path) == "a-1.js"
    manifest.write_text(json.dumps({"src/a.js": {"file": "a-2.js"}}))
    os.utime(manifest, ns=(2, 2))
    assert assets.file_name("a.js", dist=tmp_path) == "a-2.js"


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    drawn = set(json.loads((ROOT / "frontend" / "icons.json").read_text()))
    named = {
        name
        for page in TEMPLATES.rglob("templates/**/*.html")
        for name in re.findall(r'{% icon "([^"]+)"', page.read_text())
    }
    assert named - drawn == set()


def test_no_template_breaks_the_content_policy() -> None:
    rules = re.compile(r"""\sstyle=["']|\son[a-z]+=["']|<script(?![^>]*(nonce|src)=)|hx-on""")
    broken = [
        str(page.relative_to(ROOT))
        for page in (TEMPLATES / "ui").rglob("templates/**/*.html")
        if rules.search(page.read_text())
    ]
    assert broken == []


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text())
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []


def test_gettext_finds_the_compiled_catalogue() -> None:
    catalogue = gettext.translation("django", ROOT / "manyi" / "locale", languages=["zh_Hans"])
    assert catalogue.gettext("No significant change") == "无显著变化"


def test_every_word_of_the_frame_is_translated() -> None:
    import polib

    part = polib.pofile(str(ROOT / "manyi" / "locale" / "parts" / "ui.po"))
    known = {(entry.msgctxt, entry.msgid) for entry in part if entry.msgstr}
    plain = re.compile(r'{% translate "([^"]+)"(?: context "([^"]+)")? %}')
    block = re.compile(r"{% blocktranslate[^%]*%}(.*?){% endblocktranslate %}", re.S)
    missing = set()
    for page in (TEMPLATES / "ui").rglob("templates/**/*.html"):
        text = page.read_text()
        asked = {(context or None, msgid) for msgid, context in plain.findall(text)}
        asked |= {(None, re.sub(r"{{ (\w+) }}", r"%(\1)s", body)) for body in block.findall(text)}
        missing |= asked - known
    assert missing == set()
