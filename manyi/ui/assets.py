"""Which built file stands behind a name: the manifest that the front end's build writes."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

DIST = Path(__file__).resolve().parent / "static" / "ui" / "dist"
_SOURCES = {"staff.css": "src/staff.scss"}


@cache
def address(name: str) -> str:
    """Return the address of a built asset: staff.js, staff.css, charts.js or icons.svg.

    It is looked up once a process: a list of units asks for hundreds of icons.
    """
    return static(f"ui/dist/{file_name(name)}")


def file_name(name: str, *, dist: Path = DIST) -> str:
    """Return the hashed name of a built asset; says how to build where there is none."""
    path = dist / "manifest.json"
    try:
        changed = path.stat().st_mtime_ns
    except FileNotFoundError:
        raise ImproperlyConfigured(
            "The front end is not built. Run: .venv/bin/python scripts/build_assets.py"
        ) from None
    entry = _manifest(path, changed).get(_SOURCES.get(name, f"src/{name}"))
    if entry is None:
        raise ImproperlyConfigured(
            f"The build of the front end has no “{name}”. "
            "Run: .venv/bin/python scripts/build_assets.py --force"
        )
    return str(entry["file"])


@cache
def _manifest(path: Path, changed: int) -> dict[str, dict[str, object]]:
    return json.loads(path.read_text(encoding="utf-8"))
