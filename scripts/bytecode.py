"""Where Python is told to keep nothing that it compiled, keep it inside the virtual environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def with_bytecode() -> dict[str, str]:
    """Return the environment for processes of a thousand modules each, compiled once.

    Some machines set PYTHONDONTWRITEBYTECODE to keep source folders clean, which these stay.
    """
    kept = dict(os.environ)
    if kept.pop("PYTHONDONTWRITEBYTECODE", ""):
        kept.setdefault("PYTHONPYCACHEPREFIX", str(Path(sys.prefix) / "bytecode"))
    return kept
