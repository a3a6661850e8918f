"""`make test`: lint, types, floors, migrations, every test; then PostgreSQL; then the browser.

The tests on SQLite run beside the checks and PostgreSQL, so that no core waits for the last
test of a part; the browser runs by itself. Prints what took how long and what was skipped and
why. In CI a skipped part is a failure.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from bytecode import with_bytecode

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
LONG = bool(os.environ.get("TEST_LONG"))
CI = os.environ.get("CI") == "true"
CORES = os.cpu_count() or 2
# Each process begins with whole files, so that what the tests of a file share is made once.
PYTEST = [sys.executable, "-m", "pytest", "--dist", "worksteal", "-ra", "--durations=15"]


class Checks:
    """What was run, what of it failed, and what could not be run."""

    def __init__(self) -> None:
        self.failed: list[str] = []
        self.skipped: list[str] = []

    def run(self, name: str, command: list[str], to: Path | None = None, **environ: str) -> None:
        """Run one part; print what it says, or keep it in a file until it has ended."""
        started = time.monotonic()
        with (
            tempfile.TemporaryDirectory(prefix="manyi-check-") as data,
            (to or Path(os.devnull)).open("wb") as kept,
        ):
            values = with_bytecode() | {"MANYI_DATA": data} | environ
            out = kept if to else None
            code = subprocess.run(
                command, cwd=ROOT, env=values, check=False, stdout=out, stderr=out
            ).returncode
        said = to.read_text(errors="replace") if to else ""
        took = f"{time.monotonic() - started:.0f} s"
        print(f"{said}== {name}: {'failed' if code else 'ok'} in {took}", flush=True)
        if code:
            self.failed.append(name)


def main() -> None:
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="manyi-said-") as folder:
        said = Path(folder) / "said"
        beside = threading.Thread(target=static_and_postgresql, args=(checks, said))
        beside.start()
        checks.run("tests on SQLite", [*PYTEST, "-n", str(CORES), "-m", f"not browser{short()}"])
        beside.join()
    browser(checks)
    for one in checks.skipped:
        print(f"SKIPPED {one}")
    if checks.failed or (CI and checks.skipped):
        print("FAILED " + ", ".join(checks.failed or checks.skipped))
        sys.exit(1)
    print("All tests passed.")


def short() -> str:
    return "" if LONG else " and not slow"


def static_and_postgresql(checks: Checks, said: Path) -> None:
    for name, command in static_checks():
        checks.run(name, command, said)
    postgresql(checks, said)


def static_checks() -> list[tuple[str, list[str]]]:
    return [
        ("lint", [str(BIN / "ruff"), "check", "."]),
        ("format", [str(BIN / "ruff"), "format", "--check", "."]),
        ("floors", [str(BIN / "lint-imports"), "--no-cache"]),
        ("types", [str(BIN / "mypy"), "manyi", "training"]),
        ("migrations", [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"]),
    ]


def postgresql(checks: Checks, said: Path) -> None:
    """Start a PostgreSQL of our own on a free port and run the tests marked `db` on it."""
    tools = postgresql_tools()
    if tools is None:
        checks.skipped.append("PostgreSQL tests: no initdb and postgres were found")
        return
    sys.path.insert(0, str(ROOT))
    from tests.postgresql import running

    workers = str(max(1, CORES // 2))
    marked = ["-m", "db and not browser and not slow", *files_marked("db")]
    with running(tools) as url:
        checks.run(
            "tests on PostgreSQL",
            [*PYTEST, "-n", workers, *marked],
            said,
            TEST_DATABASE_URL=url,
        )


def browser(checks: Checks) -> None:
    if not Path("/usr/bin/chromium").exists():
        checks.skipped.append("browser tests: /usr/bin/chromium is not installed")
        return
    workers = str(min(CORES, 4))
    checks.run("browser tests", [*PYTEST, "-n", workers, "-m", "browser", *files_marked("browser")])


def files_marked(name: str) -> list[str]:
    """Return the files that name a mark: to read all others only to leave them out costs seconds.

    `tests/environment.py` refuses a mark that comes from elsewhere than the test's own file.
    """
    marks = re.compile(rf"\bmark\.{name}\b")
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    return [str(one.relative_to(ROOT)) for one in files if marks.search(one.read_text("utf-8"))]


def postgresql_tools() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


if __name__ == "__main__":
    main()
