"""One request, one answer: no redirects, no proxies, at most so long and so large.

The address is one that the operator has set, so private ones are allowed: a model of one's own
listens there as a rule. What an answer says is never followed anywhere.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

# Who is there takes the call at once; who is not may leave it ringing for minutes.
CONNECT_SECONDS = 5.0


class Failed(Exception):
    """No answer that can be read; `code` says why. `after` is how many seconds to wait."""

    def __init__(self, code: str, after: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.after = after


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    after: float | None = None


def send(
    method: str,
    url: str,
    *,
    body: bytes | None,
    headers: Mapping[str, str],
    seconds: float,
    most: int,
) -> Answer:
    """Return the answer; raises Failed where none of at most `most` bytes comes in time."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    line = kind(parts.hostname or "", parts.port, timeout=min(seconds, CONNECT_SECONDS))
    late = threading.Event()
    sockets: list[socket.socket] = []
    watch = threading.Timer(seconds, _hang_up, (sockets, late))
    watch.daemon = True
    watch.start()
    try:
        _connect(line, sockets, seconds)
        line.request(method, parts.path or "/", body=body, headers=dict(headers))
        found = line.getresponse()
        content = found.read(most + 1)
        if late.is_set():
            raise Failed("llm.slow")
        if len(content) > most:
            raise Failed("llm.unreadable")
        return Answer(found.status, content, _after(found.headers.get("Retry-After")))
    except ssl.SSLCertVerificationError:
        raise Failed("llm.certificate") from None
    except (TimeoutError, OSError, http.client.HTTPException, AttributeError) as error:
        # Hanging up from the watch's thread shows as any of these.
        slow = late.is_set() or (isinstance(error, TimeoutError) and bool(sockets))
        raise Failed(_why(error, slow=slow)) from None
    finally:
        watch.cancel()
        line.close()


def _connect(
    line: http.client.HTTPConnection, sockets: list[socket.socket], seconds: float
) -> None:
    line.connect()
    # The line lets go of its socket where an answer ends with it; the watch must not.
    sockets.append(line.sock)
    line.sock.settimeout(seconds)


def _why(error: Exception, *, slow: bool) -> str:
    if slow:
        return "llm.slow"
    return "llm.unreadable" if isinstance(error, http.client.HTTPException) else "llm.unreachable"


def _hang_up(sockets: Sequence[socket.socket], late: threading.Event) -> None:
    """End a connection that drips: the time of a socket begins anew with every byte."""
    late.set()
    for one in sockets:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


def _after(text: str | None) -> float | None:
    given = (text or "").strip()
    return float(given) if given.isascii() and given.isdecimal() and len(given) < 7 else None
