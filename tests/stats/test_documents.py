import ast
import importlib
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


METHODS = ROOT / "docs" / "reference" / "statistics" / "methods"
PARTS = ("What it answers", "Formula", "Assumptions", "Source", "Where others differ", "Example")


@pytest.mark.parametrize("page", sorted(METHODS.glob("*.md")), ids=lambda page: page.stem)
def test_every_method_page_is_whole(page):
    text = page.read_text()
    assert [part for part in PARTS if f"**{part}.**" not in text] == []
    assert f"]({page.stem}.svg)" in text and page.with_suffix(".svg").stat().st_size < 60_000
    index = (METHODS.parent / "README.md").read_text()
    assert f"(methods/{page.name})" in index
    assert re.search(r"^# .*[\u4e00-\u9fff]", text)


def test_every_module_belongs_to_a_method_page():
    pages = "".join(page.read_text() for page in METHODS.glob("*.md"))
    kernels = {
        *("moments", "cross", "spread", "scoring", "result", "coefficients", "logistic", "rates"),
        *("composite", "determined", "disclosure", "hiding", "timeline", "quality", "one_factor"),
        *("many", "stacked", "timelines"),
    }
    files = (ROOT / "manyi" / "stats").rglob("[a-z]*.py")
    names = {file.stem for file in files if "explain" not in file.parts}
    wide = {"charts", "rules", "constants", "sequential", "arl", "surprise", "changepoint"}
    told = {name for name in names if f"{name}`" in pages or f"`{name}." in pages}
    assert names - told - kernels - wide - {"seasonal"} == set()


# Kernels hand out plain numbers: parts of a method, sizes and probabilities of a plan.
PLAIN = {
    *("adjust", "arcsine_effect", "between", "c4", "chance", "condition", "cusum_arl"),
    *("cusum_decision", "design_effect", "detectable_share", "ewma_arl", "ewma_width"),
    *("alpha_of_covariance", "average_variance", "composite_reliability", "correlation"),
    *(
        "false_alarms",
        "goodness_of_fit",
        "kappa_variance",
        "kendall_s",
        "kendall_variance",
        "likeliest",
    ),
    *("kish_deff", "kish_n", "krippendorff_alpha", "median", "normal_quantile", "nps_variance"),
    *("power_of_means", "power_of_shares", "r2", "rho_a", "share_trimmed", "shewhart_arl"),
    *("shewhart_width", "t_quantile", "welch_df", "width_for_budget"),
}


def test_no_other_bare_number_leaves():
    bare = {
        node.name
        for node in public_names()
        if isinstance(node, ast.FunctionDef)
        and node.returns is not None
        and ast.unparse(node.returns) in ("float", "float | None")
    }
    assert {name for name in bare if not name.startswith("size_")} - PLAIN == set()


def test_every_function_that_is_said_to_be_checked_is_there():
    page = (METHODS.parent / "checked.md").read_text()
    named = re.findall(r"`([a-z_.]+\.[a-zA-Z_]+)`", page.split("## Speed")[0])
    assert len(named) > 80
    for one in named:
        if one == "manyi.stats":
            continue
        module, name = f"manyi.stats.{one}".rsplit(".", 1)
        assert hasattr(importlib.import_module(module), name), one


def test_every_method_page_is_in_the_table_of_checks():
    page = (METHODS.parent / "checked.md").read_text()
    assert [one.name for one in METHODS.glob("*.md") if f"(methods/{one.name})" not in page] == []
