"""`make run`: load the demo on the first start, then serve; HOST=0.0.0.0 uses the LAN address."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bytecode import with_bytecode

MANYI = [sys.executable, "-m", "manyi"]


def main() -> None:
    environ = with_bytecode()
    if is_first_start():
        print("First start: loading the demo 首次启动：正在载入演示数据 …", flush=True)
        if subprocess.run([*MANYI, "demo"], env=environ, check=False).returncode:
            sys.exit(1)
    os.execve(sys.executable, [*MANYI, "serve", *sys.argv[1:]], environ)


def is_first_start() -> bool:
    if os.environ.get("MANYI_DATABASE_URL"):
        return not (Path(os.environ["MANYI_DATA"]) / "secret-key").exists()
    return not (Path(os.environ["MANYI_DATA"]) / "manyi.sqlite3").exists()


if __name__ == "__main__":
    main()
