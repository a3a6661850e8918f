"""Every test run has a data folder of its own; `TEST_DATABASE_URL` puts it on PostgreSQL.

A plugin (`-p tests.environment`), because Django reads its settings before any conftest.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path

import hypothesis
import pytest

# How long an example takes says how busy the machine is, not whether the code is right. The
# examples are the same each time, so that what was green stays green: TEST_LONG looks for new ones.
hypothesis.settings.register_profile(
    "ours",
    deadline=None,
    database=None,
    derandomize=not os.environ.get("TEST_LONG"),
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("ours")
for _name in [n for n in os.environ if n.startswith("MANYI_")]:
    del os.environ[_name]
_folder = tempfile.mkdtemp(prefix="manyi-test-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["MANYI_DATA"] = _folder
os.environ["MANYI_LOG_LEVEL"] = "error"
if os.environ.get("TEST_DATABASE_URL"):
    os.environ["MANYI_DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]


def pytest_itemcollected(item: pytest.Item) -> None:
    """`make test` looks for these marks in the text of files, and would miss one from elsewhere."""
    for name in ("db", "browser"):
        if item.get_closest_marker(name) is not None and name not in _marks(item.path):
            raise pytest.UsageError(f"write pytest.mark.{name} in {item.path}, where its tests are")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Ask PostgreSQL the first of what is drawn at random: a database differs by what it is
    asked, and other draws ask the same of other numbers."""
    if not os.environ.get("TEST_DATABASE_URL") or os.environ.get("TEST_LONG"):
        return
    drawn_again = [one for one in items if _seed(one)]
    config.hook.pytest_deselected(items=drawn_again)
    items[:] = [one for one in items if not _seed(one)]


def _seed(item: pytest.Item) -> int:
    call = getattr(item, "callspec", None)
    return int(call.params.get("seed", 0)) if call else 0


@cache
def _marks(path: Path) -> set[str]:
    return set(re.findall(r"\bmark\.(\w+)", path.read_text("utf-8")))
