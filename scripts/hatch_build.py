"""Puts the built front end and the message catalogue into the wheel, so that users need no Node."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Assets(BuildHookInterface):
    """Build what the pages need before a wheel is packed; a checkout builds it by `make`."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":
            script = Path(self.root) / "scripts" / "build_assets.py"
            subprocess.run([sys.executable, str(script)], check=True, cwd=self.root)
