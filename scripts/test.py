"""`make test`: lint, types, floors, migrations, every test; then PostgreSQL; then the browser.

Prints what took how long and what was skipped and why. In CI a skipped part is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
LONG = bool(os.environ.get("TEST_LONG"))
CI = os.environ.get("CI") == "true"
CORES = os.cpu_count() or 2
# Many tests wait for processes they start: one worker more keeps every core busy.
WORKERS = CORES + 1
# Each process begins with whole files, so that what the tests of a file share is made once.
SHARED_OUT = ["--dist", "worksteal"]
PYTEST = [sys.executable, "-m", "pytest", "-n", str(WORKERS), *SHARED_OUT, "-ra", "--durations=15"]


def main() -> None:
    failed: list[str] = []
    skipped: list[str] = []
    for name, command in static_checks():
        run(name, command, failed)
    unmarked = "not browser" if LONG else "not browser and not slow"
    run("tests on SQLite", [*PYTEST, "-m", unmarked], failed)
    postgresql(failed, skipped)
    if Path("/usr/bin/chromium").exists():
        run("browser tests", [*PYTEST, "-n", str(min(CORES, 4)), "-m", "browser"], failed)
    else:
        skipped.append("browser tests: /usr/bin/chromium is not installed")
    for one in skipped:
        print(f"SKIPPED {one}")
    if failed or (CI and skipped):
        print("FAILED " + ", ".join(failed or skipped))
        sys.exit(1)
    print("All tests passed.")


def static_checks() -> list[tuple[str, list[str]]]:
    return [
        ("lint", [str(BIN / "ruff"), "check", "."]),
        ("format", [str(BIN / "ruff"), "format", "--check", "."]),
        ("floors", [str(BIN / "lint-imports"), "--no-cache"]),
        ("types", [str(BIN / "mypy"), "manyi"]),
        ("migrations", [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"]),
    ]


def run(name: str, command: list[str], failed: list[str], **environment: str) -> None:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="manyi-check-") as data:
        values = {**os.environ, "MANYI_DATA": data, **environment}
        code = subprocess.run(command, cwd=ROOT, env=values, check=False).returncode
    print(
        f"== {name}: {'failed' if code else 'ok'} in {time.monotonic() - started:.0f} s", flush=True
    )
    if code:
        failed.append(name)


def postgresql(failed: list[str], skipped: list[str]) -> None:
    """Start a PostgreSQL of our own on a free port and run the tests marked `db` on it."""
    tools = postgresql_tools()
    if tools is None:
        skipped.append("PostgreSQL tests: no initdb and postgres were found")
        return
    sys.path.insert(0, str(ROOT))
    from tests.postgresql import running

    with running(tools) as url:
        run(
            "tests on PostgreSQL",
            [*PYTEST, "-m", "db and not browser and not slow"],
            failed,
            TEST_DATABASE_URL=url,
        )


def postgresql_tools() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


if __name__ == "__main__":
    main()
