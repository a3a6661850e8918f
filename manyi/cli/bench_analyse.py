"""How fast imported texts are read and stored, as the loop does it: one core."""

from __future__ import annotations

import resource
import time
from typing import Any

from django.utils import timezone

from manyi.base.ids import new_id
from manyi.cli.bench_overview import organisation
from manyi.cli.serve import prepare_database
from manyi.feedback import analysing
from manyi.feedback import rows as stored
from manyi.feedback.models import FeedbackRecord, Finding, Reading

_CHUNK = 5_000
_BEGIN = ("酒店位置不错", "快递送到得很及时", "门店人很多", "电梯又坏了", "The app is easy to use")
_MIDDLE = ("服务员态度也很好", "排队等了四十分钟", "房间有点小", "价格偏贵", "the staff was rude")
_END = (
    "隔音比较差，睡不好觉，希望改进",
    "下次还会来",
    "客服一直没有人接电话",
    "总体满意",
    "不推荐",
)


def run(*, records: int | None = None, **options: Any) -> dict[str, Any]:
    """Return texts a second of processor time: read, masked, and stored with their findings."""
    size = records or 100_000
    prepare_database()
    with organisation() as owner:
        mine = FeedbackRecord.objects.filter(organisation=owner)
        _fill(owner.pk, size)
        began, cpu = time.perf_counter(), time.process_time()
        done = 0
        while read := analysing.analyse_waiting(now=timezone.now()):
            done += read
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        findings = Finding.objects.filter(record__in=mine).count()
        for model in (Finding, Reading):
            model.objects.filter(record__in=mine)._raw_delete("default")
        mine._raw_delete("default")
    return {
        "texts": done,
        "findings": findings,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu, 2),
        "texts_per_cpu_second": round(done / cpu),
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _fill(organisation_id: int, size: int) -> None:
    now = timezone.now()
    at, day = stored.moment(now), stored.day(now.date())
    for start in range(0, size, _CHUNK):
        stored.insert(
            "records",
            [_row(organisation_id, i, at, day) for i in range(start, min(start + _CHUNK, size))],
        )


def _row(organisation_id: int, i: int, at: Any, day: Any) -> tuple[Any, ...]:
    words = f"{_BEGIN[i % 5]}，{_MIDDLE[i // 5 % 5]}，第{i}次来，{_END[i // 25 % 5]}"
    return (
        *(new_id(), organisation_id, "bench", f"a-{i}", "review", "web"),
        *([None] * 7),
        *(at, day, at, at, False, False),
        *("zh-Hans", words, "{}", None, "{}", f"{i:032x}", 1),
        *(None, True, 0),
    )
