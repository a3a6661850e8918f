"""`make run`: load the demo on the first start, then serve; HOST=0.0.0.0 uses the LAN address."""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
from pathlib import Path

MANYI = [sys.executable, "-m", "manyi"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", default="8000")
    wanted = parser.parse_args()
    address = lan_address() if wanted.host in {"0.0.0.0", "::"} else wanted.host
    os.environ.setdefault("MANYI_BASE_URL", f"http://{address}:{wanted.port}")
    if is_first_start():
        print("First start: loading the demo 首次启动：正在载入演示数据 …", flush=True)
        if subprocess.run([*MANYI, "demo"], check=False).returncode:
            sys.exit(1)
    os.execv(sys.executable, [*MANYI, "serve", "--host", wanted.host, "--port", wanted.port])


def is_first_start() -> bool:
    if os.environ.get("MANYI_DATABASE_URL"):
        return not (Path(os.environ["MANYI_DATA"]) / "secret-key").exists()
    return not (Path(os.environ["MANYI_DATA"]) / "manyi.sqlite3").exists()


def lan_address() -> str:
    """Return the address under which phones on the same network reach this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a documentation address: nothing is sent
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


if __name__ == "__main__":
    main()
