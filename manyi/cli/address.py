"""Where people find what is served here, unless MANYI_BASE_URL says otherwise."""

from __future__ import annotations

import argparse
import os
import socket
from collections.abc import Sequence

HOST, PORT = "127.0.0.1", 8000
_EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default=HOST)
    parser.add_argument("--port", type=int, default=PORT)


def assume(words: Sequence[str]) -> None:
    """Call the installation by the address it is about to listen on; settings read it later."""
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    arguments(parser)
    try:
        wanted, _ = parser.parse_known_args(words)
    except argparse.ArgumentError:
        return  # the command itself says what is wrong
    if not {"MANYI_BASE_URL", "MANYI_BASE_URL_FILE"} & set(os.environ):
        os.environ["MANYI_BASE_URL"] = url(wanted.host, wanted.port)


def url(host: str, port: int) -> str:
    """Return the address that a browser opens; where all are listened on, that on the LAN."""
    host = lan_address() if host in _EVERYWHERE else host
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def lan_address() -> str:
    """Return the address under which phones on the same network reach this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a documentation address: nothing is sent
            return str(probe.getsockname()[0])
        except OSError:
            return HOST
