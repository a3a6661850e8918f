"""How long the search takes on a large organisation: by exact words and by meaning, zh and en.

Measured as people meet it: the search page whole, from request to answer, in a process of its
own for each person who looks. Questions are common, rare and absent words, and sentences that
nobody wrote in these words; each is asked several times, in another order each time.
"""

from __future__ import annotations

import math
import random
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from manyi.cli import bench_kept as kept
from manyi.cli.bench_kept import Timed, get, ms

REPEATS = 3
PROMISED_MS = 200.0
WORDS = {
    "zh": (
        *("排队", "服务台", "收银员", "停车", "三文鱼", "面包", "退货", "发票", "积分", "会员日"),
        *("过期一天", "洗手间又脏", "按铃41分钟", "冰袋", "插队", "配送 礼貌", "结账 特价", "豆"),
        *("加湿器", "从来没有说过的话"),
    ),
    "en": (
        *("queue", "cashier", "parking", "salmon", "bread", "return", "invoice", "points", "fresh"),
        *("out of stock", "service desk", "gone bad", "trolley", "self-checkouts", "driver door"),
        *("checkout fast", "shelf price", "disappointing", "che", "humidifier"),
    ),
}
MEANT = {
    "zh": (
        *("等太久没人理", "车没地方停", "买回家发现坏了", "多收了我的钱", "卫生间很脏", "东西新鲜"),
        *("外卖迟迟不来", "店员很热心", "想要的商品没有了", "开票很麻烦", "价格太贵", "退款很快"),
        *("会员分数消失了", "打电话没有人接", "过道很挤", "以后不会再来", "送货的人很客气"),
        *("自己扫码付款很方便", "环境干净明亮", "标价和付的钱不一样"),
    ),
    "en": (
        *("waited far too long", "nowhere to leave the car", "food was spoiled", "overcharged me"),
        *("toilets were filthy", "very fresh goods", "order came late", "helpful employees"),
        *("sold out again", "need a receipt for tax", "too expensive", "got my money back easily"),
        *("loyalty credit vanished", "nobody picks up the phone", "aisles are blocked"),
        *("never coming back", "courier was polite", "scanning it myself was easy"),
        *("bright and tidy shop", "price tag was wrong"),
    ),
}
_VOICE = re.compile(rb'href="/feedback/(\d+)/"')


def run(
    *,
    records: int | None = None,
    units: int | None = None,
    data: str = "",
    **options: Any,
) -> dict[str, Any]:
    """Return p50 and p95 in milliseconds for each way to search, by who looked.

    "shown" is how many voices a question showed on average, "empty" how many questions found
    none: a search that finds nothing is fast.
    """
    made = kept.organisation(records, units, data)
    told = made.told() | {"goal_ms": PROMISED_MS}
    for role, name in kept.VIEWERS.items():
        told[role] = made.ask(__name__, name, options.get("only") or "")
    slow = [one["p95_ms"] for role in kept.VIEWERS for one in told[role]["ways"]]
    return told | {"slowest_p95_ms": max(slow, default=None)}


def rows(found: dict[str, Any]) -> Iterator[str]:
    """Yield what was found as lines of a table."""
    for role in kept.VIEWERS:
        yield f"  {role}: the first search of the process took {found[role]['first_ms']:.0f} ms"
        yield f"  {'p50':>7}{'p95':>7}{'max':>7}{'cpu':>7}{'shown':>7}{'empty':>7}  way"
        for one in found[role]["ways"]:
            times = (one["p50_ms"], one["p95_ms"], one["max_ms"], one["cpu_ms"], one["shown"])
            numbers = "".join(f"{value:7.0f}" for value in times)
            yield f"  {numbers}{one['empty']:7}  {one['way']}"


def ways() -> dict[str, list[str]]:
    """Return the addresses to open, by the way that they search."""
    found = {}
    for language in WORDS:
        found[f"exact {language}"] = [_address(q=one) for one in WORDS[language]]
        found[f"meaning {language}"] = [_address(q=one, how="meaning") for one in MEANT[language]]
    return found


def _address(**asked: str) -> str:
    return f"/search/?{urlencode(asked)}"


# --- in a process of its own


def _look(name: str, only: str) -> dict[str, Any]:
    _, client, _ = kept.viewer(name)
    first, _ = get(client, _address(q="第一次", how="meaning"))
    chosen = {way: urls for way, urls in ways().items() if only in way}
    return {"first_ms": ms(first.wall), "ways": [_way(client, w, u) for w, u in chosen.items()]}


def _way(client: Any, way: str, urls: Sequence[str]) -> dict[str, Any]:
    taken: list[Timed] = []
    shown = {}
    order = random.Random(len(urls))  # noqa: S311
    for _ in range(REPEATS):
        for url in order.sample(urls, len(urls)):
            time, answer = get(client, url)
            taken.append(time)
            shown[url] = len(set(_VOICE.findall(answer.content)))
    walls = sorted(one.wall for one in taken)
    return {
        "way": way,
        "asked": len(taken),
        "p50_ms": ms(_at(walls, 0.5)),
        "p95_ms": ms(_at(walls, 0.95)),
        "max_ms": ms(walls[-1]),
        "cpu_ms": ms(_at(sorted(one.cpu for one in taken), 0.5)),
        "shown": round(sum(shown.values()) / len(shown), 1),
        "empty": sum(not n for n in shown.values()),
    }


def _at(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of sorted values lies (nearest rank)."""
    return values[math.ceil(share * len(values)) - 1]


if __name__ == "__main__":
    kept.answer(_look, sys.argv[1:])
