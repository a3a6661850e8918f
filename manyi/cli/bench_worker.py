"""What a worker needs at most: every step of the loop over texts that nobody has read, with the
accurate tier where it is installed, in a process that did nothing before."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from manyi.cli.bench_kept import Kept, answer

RECORDS = 5_000
GOAL_MEGABYTES = 500
_SAID = (
    *("排队等了四十分钟，没有一个人来说明", "服务员态度很好，忙的时候也笑着回答问题", "房间有点小"),
    *("价格比去年贵了不少，味道却淡了", "The staff was kind, but the room smelled of smoke"),
    *("隔音比较差，早上听到外面的声音很大，睡不好觉", "快递送到得很及时，包装也完整", "电梯又坏了"),
    *("客服电话打了三次都没有人接，希望改进", "总体满意，下次还会来", "I would not come back"),
)
# Sentences of a text: most people write one or two, a few tell a whole story.
_LENGTHS = (1, 1, 1, 1, 2, 2, 2, 3, 3, 5, 8, 1, 2, 1, 20, 40)
_CHUNK, _DAYS = 1_000, 90


def run(*, records: int | None = None, **options: Any) -> dict[str, Any]:
    """Return the most memory that a worker held while it did all its work, in MB, and the most
    that a process held which it started; beside them the processor's seconds."""
    with tempfile.TemporaryDirectory(prefix="manyi-bench-") as name:
        house = Kept(records or RECORDS, 1, Path(name))
        house.ask(__name__, "fill", str(house.records))
        found: dict[str, Any] = house.ask(__name__, "work")
    verdict = "met" if found["peak_megabytes"] < GOAL_MEGABYTES else "MISSED"
    return {**found, "goal_megabytes": f"{GOAL_MEGABYTES} {verdict}"}


# --- in a process of its own


def _fill(size: int) -> dict[str, Any]:
    from manyi.accounts.models import Organisation
    from manyi.cli.serve import prepare_database
    from manyi.feedback import rows

    prepare_database()
    now = datetime.now(UTC)
    owner = Organisation.objects.create(code="bench", name={"en": "Benchmark"}, created_at=now)
    for start in range(0, size, _CHUNK):
        numbers = range(start, min(start + _CHUNK, size))
        rows.insert("records", [_row(owner.pk, i, now) for i in numbers])
    return {}


def _row(organisation: int, i: int, now: datetime) -> tuple[Any, ...]:
    from manyi.base.ids import new_id
    from manyi.feedback import rows

    said = now - timedelta(days=i % _DAYS, minutes=5)
    at = rows.moment(said)
    words = "。".join(_SAID[(i + k * (1 + i % 7)) % len(_SAID)] for k in range(_LENGTHS[i % 16]))
    return (
        *(new_id(), organisation, "bench", f"w-{i}", "review", "web"),
        *([None] * 7),
        *(at, rows.day(said.date()), at, at, False, False),
        *("zh-Hans", f"第{i}次来。{words}", "{}", None, "{}", f"{i:032x}", 1),
        *(None, False, None),
    )


def _work() -> dict[str, Any]:
    from manyi.feedback import analysing
    from manyi.feedback.models import FeedbackRecord
    from manyi.text import accurate, store

    accurate.prefer(store.TIER_B)
    began = time.process_time()
    _turn_until_idle()
    left = FeedbackRecord.objects.filter(analysed_at=None).count()
    return {
        "model": analysing.model(),
        "records": FeedbackRecord.objects.count() - left,
        "cpu_seconds": round(time.process_time() - began, 1),
        "peak_megabytes": _own_peak(),
        "peak_apart_megabytes": _peak(resource.RUSAGE_CHILDREN),
    }


def _turn_until_idle() -> None:
    """Do every step once, those of each day included, and those of every turn while they find
    something."""
    from manyi.loop.run import turn
    from manyi.loop.steps import STEPS

    mine = [step for step in STEPS if not step.is_aside]
    often = [step for step in mine if step.every <= timedelta(seconds=10)]
    busy = turn(datetime.now(UTC), mine)
    if failed := {step.name for step in mine} - busy.keys():
        raise RuntimeError(f"failed: {', '.join(sorted(failed))}")
    while any(busy.values()):
        busy = turn(datetime.now(UTC), often)


def _own_peak() -> int:
    """Return the most that this program held, in MB.

    What Linux tells of a process includes what the program held that it was started from.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return _peak(resource.RUSAGE_SELF)
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    return round(int(lines["VmHWM"].split()[0]) * 1024 / 1e6)


def _peak(whose: int) -> int:
    size = resource.getrusage(whose).ru_maxrss
    return round(size / (1e6 if sys.platform == "darwin" else 1e3))


def _look(what: str, size: str = "0") -> dict[str, Any]:
    return _fill(int(size)) if what == "fill" else _work()


if __name__ == "__main__":
    answer(_look, sys.argv[1:])
