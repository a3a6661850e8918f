"""How fast answers may come: token buckets, in memory or shared by all processes.

On SQLite there is one web process, which keeps them itself; PostgreSQL keeps them for many.
An office or a shop's Wi-Fi shares one address, so an address gets a generous bucket; a
survey as a whole gets a larger one, so that no single survey starves the others. A loopback
address stands for a proxy on this machine, hence for everybody: only the survey's bucket counts.
"""

from __future__ import annotations

import ipaddress
import math
import threading
import time

from django.conf import settings

from manyi.base import allowances
from manyi.base.allowances import Rate
from manyi.base.requests import network

ADDRESS = Rate(60, 20)
SURVEY = Rate(5000, 2500)
_MOST_KEPT = 20_000


class Buckets:
    """Buckets by key; each is full when it is first met."""

    def __init__(self) -> None:
        self._levels: dict[tuple[str, ...], tuple[float, float]] = {}
        self._lock = threading.Lock()

    def wait(self, wants: dict[tuple[str, ...], Rate], at: float) -> int | None:
        """Take one from every bucket, or none and return the seconds until there is one."""
        with self._lock:
            levels = {key: self._level(key, rate, at) for key, rate in wants.items()}
            missing = [(1 - levels[k]) / wants[k].a_second for k in wants if levels[k] < 1]
            if missing:
                return max(1, math.ceil(max(missing)))
            if len(self._levels) > _MOST_KEPT:
                self._levels.clear()
            self._levels.update({key: (level - 1, at) for key, level in levels.items()})
            return None

    def clear(self) -> None:
        with self._lock:
            self._levels.clear()

    def _level(self, key: tuple[str, ...], rate: Rate, at: float) -> float:
        level, since = self._levels.get(key, (rate.burst, at))
        return min(rate.burst, level + (at - since) * rate.a_second)


buckets = Buckets()


def wait_for(survey: str, address: str) -> int | None:
    """Return None where an answer may be taken now, else after how many seconds."""
    wants: dict[tuple[str, ...], Rate] = {}
    if not _is_loopback(address):
        wants["address", survey, network(address)] = ADDRESS
    # Last, since who is refused for the address must not use up the survey's.
    wants["survey", survey] = SURVEY
    if settings.ON_SQLITE:
        return buckets.wait(wants, time.monotonic())
    return allowances.wait(wants)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
