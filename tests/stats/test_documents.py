import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from manyi.kit.sentences import SENTENCES, stats
from manyi.stats.scoring import METRICS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"


@pytest.mark.parametrize("code", [*METRICS, "response_rate", "completion_rate"])
def test_every_metric_has_its_heading(code):
    headings = [line for line in PAGE.read_text().splitlines() if line.startswith("#")]
    assert any(f"`{code}`" in heading for heading in headings), code


ROOT = Path(__file__).parents[2]


def public_names():
    for file in sorted((ROOT / "manyi" / "stats").rglob("*.py")):
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                yield node


def test_every_public_name_is_documented():
    pages = "".join(p.read_text() for p in (ROOT / "docs/reference/statistics").glob("*.md"))
    lost = [
        n.name for n in public_names() if f"`{n.name}`" not in pages and f"`{n.name}(" not in pages
    ]
    assert lost == []


def test_every_public_name_says_what_it_promises():
    silent = [n.name for n in public_names() if not ast.get_docstring(n)]
    assert silent == []


def test_every_warning_has_its_sentence():
    said = re.compile(r'(?:Note|Problem)\(\s*"([a-z_]+)"')
    codes = {
        code
        for file in (ROOT / "manyi" / "stats").rglob("*.py")
        for code in said.findall(file.read_text())
    }
    assert len(codes) > 10 and codes <= SENTENCES.keys()


def test_the_library_needs_no_django():
    code = (
        "import pkgutil, sys, importlib, manyi.stats as s\n"
        "for m in pkgutil.walk_packages(s.__path__, 'manyi.stats.'):\n"
        "    importlib.import_module(m.name)\n"
        "assert not [m for m in sys.modules if m.split('.')[0] in ('django', 'sqlite3')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_every_sentence_is_translated():
    catalogue = (ROOT / "manyi" / "locale" / "parts" / "stats.po").read_text()
    lost = [code for code, msgid in stats.SENTENCES.items() if f'msgid "{msgid}"' not in catalogue]
    assert lost == []
