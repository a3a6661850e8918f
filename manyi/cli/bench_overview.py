"""How long the Overview's numbers take when the lake has caught up with many records."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.utils import timezone

from manyi.accounts.models import Organisation, Unit
from manyi.base.ids import new_id
from manyi.cli.serve import prepare_database
from manyi.kit.period import Period, bucket
from manyi.kit.selection import Scope, Selection
from manyi.lake import files
from manyi.lake.models import LakeFile
from manyi.lake.tables import RECORDS, SCORES, clusters, schema, week_of
from manyi.metrics import queries

HEADLINES = ("csat", "nps", "ces", "csat_index")
MONTHS = 24
REGIONS, STORES = 10, 20
REPEATS = 5
# How many in a hundred records carry each score, on which scale, and its answers' odds.
_SCORES: dict[str, tuple[int, int, int]] = {
    "csat": (100, 1, 5),
    "nps": (50, 0, 10),
    "ces": (30, 1, 7),
}


def run(*, records: int | None = None, **options: Any) -> dict[str, Any]:
    """Time the Overview on synthetic records written straight into the lake.

    "first" is a page that asks for the first time, "again" one after any write to the
    database (what was read and compiled before is then partly known), both the whole page.
    """
    size = records or 1_000_000
    prepare_database()
    with organisation() as owner:
        stores = _tree(owner)
        began = time.perf_counter()
        last = bucket(timezone.now().date(), "month")
        rows = _fill(owner.pk, stores, size, last.first)
        filled = time.perf_counter() - began
        selection = Selection(Scope(owner.pk, None), when=_latest(last.first))
        first, _ = _timed(lambda: _overview(selection))
        pages = [_timed(lambda: _after_a_write(owner, selection)) for _ in range(REPEATS)]
        cpu = time.process_time()
        _after_a_write(owner, selection)
        cpu = time.process_time() - cpu
        kept, _ = _timed(lambda: _overview(selection))
        parts = min(pages, key=lambda page: page[0])
        return {
            "records": size,
            "score_rows": rows,
            "seconds_to_fill": round(filled, 2),
            "first_ms": _ms(first),
            "again_ms": _ms(parts[0]),
            "again_cpu_ms": _ms(cpu),
            "unchanged_ms": _ms(kept),
            "parts_ms": {name: _ms(seconds) for name, seconds in parts[1].items()},
        }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def _timed(work: Callable[[], dict[str, float]]) -> tuple[float, dict[str, float]]:
    began = time.perf_counter()
    parts = work()
    return time.perf_counter() - began, parts


def _latest(month: date) -> Period:
    return bucket(month - timedelta(days=1), "month")


def _after_a_write(owner: Organisation, selection: Selection) -> dict[str, float]:
    Organisation.objects.filter(pk=owner.pk).update(precision_n=owner.precision_n)
    return _overview(selection)


def _overview(selection: Selection) -> dict[str, float]:
    """Ask for everything that the Overview shows; return the seconds that each part took."""
    parts = {}
    for metric in HEADLINES:
        parts[f"compare {metric}"] = _seconds(partial(_compared, selection, metric))
    assert selection.when is not None
    year = Period(selection.when.last - timedelta(days=364), selection.when.last)
    parts["trend"] = _seconds(
        lambda: queries.trend(selection.during(year), "csat", interval="week")
    )
    parts["units"] = _seconds(lambda: queries.units_compared(selection, "csat", depth=1))
    return parts


def _compared(selection: Selection, metric: str) -> None:
    (found,) = queries.compare(selection, metric)
    if not found.current.ok or found.delta_year is None:
        raise RuntimeError(f"the benchmark found no {metric}: {found.current.status}")


def _seconds(ask: Callable[[], Any]) -> float:
    began = time.perf_counter()
    ask()
    return time.perf_counter() - began


@contextmanager
def organisation() -> Iterator[Organisation]:
    """Lend an organisation that is gone with its files afterwards."""
    owner = Organisation.objects.create(
        code=f"bench-{new_id():x}", name={"en": "Benchmark"}, created_at=timezone.now()
    )
    try:
        yield owner
    finally:
        files.discard(LakeFile.objects.filter(organisation=owner).values_list("path", flat=True))
        Unit.objects.filter(organisation=owner, depth=2).delete()
        Unit.objects.filter(organisation=owner, depth=1).delete()
        Unit.objects.filter(organisation=owner).delete()
        owner.delete()


def _tree(owner: Organisation) -> list[int]:
    root = _unit(owner, None, "root")
    regions = [_unit(owner, root, f"region-{i}") for i in range(REGIONS)]
    return [
        _unit(owner, region, f"store-{region.pk}-{i}").pk
        for region in regions
        for i in range(STORES)
    ]


def _unit(owner: Organisation, above: Unit | None, code: str) -> Unit:
    depth = above.depth + 1 if above else 0
    row = Unit.objects.create(
        organisation=owner, parent=above, code=code, name={"en": code}, path="", depth=depth
    )
    row.path = f"{above.path if above else ''}{row.pk}/"
    row.save(update_fields=["path"])
    return row


def _fill(organisation: int, stores: list[int], records: int, month: date) -> int:
    """Write the records of the months up to `month`; return the number of scores."""
    import numpy as np

    rng = np.random.default_rng(7)
    each, total = records // MONTHS, 0
    for _ in range(MONTHS):
        month = (month - timedelta(days=1)).replace(day=1)
        base = _base(organisation, stores, each, month, rng)
        scores = _scores(base, rng)
        total += scores.num_rows
        written = [
            files.write(organisation, table, f"{month:%Y-%m}", rows)
            for table, rows in ((RECORDS, _records(base)), (SCORES, scores))
        ]
        files.publish(organisation, new_id(), written, timezone.now())
    return total


def _base(organisation: int, stores: list[int], size: int, month: date, rng: Any) -> dict[str, Any]:
    import numpy as np

    days = np.sort(rng.integers(0, bucket(month, "month").days, size))
    calendar = [month + timedelta(days=int(day)) for day in range(31)]
    customers = rng.integers(1, 400_000, size)
    first = new_id()
    return {
        "organisation": np.full(size, organisation, np.int32),
        "record": np.arange(first, first + size),
        "part": np.full(size, first),
        "unit": rng.choice(stores, size),
        "customer": customers,
        "cluster": clusters(customers),
        "day": np.array(calendar, "datetime64[D]")[days],
        "week": np.array([week_of(day) for day in calendar], "datetime64[D]")[days],
        "month": np.full(size, np.datetime64(month, "D")),
        "channel": rng.choice(["wechat", "sms", "app", "store"], size),
        "source": np.full(size, "bench"),
        "kind": np.full(size, "rating"),
        "language": np.full(size, "zh-Hans"),
        "anonymous": np.zeros(size, bool),
    }


def _records(base: dict[str, Any]) -> Any:
    import numpy as np

    return _table(RECORDS, {**base, "state": np.full(len(base["record"]), "complete")})


def _scores(base: dict[str, Any], rng: Any) -> Any:
    import numpy as np
    import pyarrow as pa

    parts = []
    for metric, (share, worst, best) in _SCORES.items():
        there = rng.random(len(base["record"])) < share / 100
        size = int(there.sum())
        value = np.minimum(rng.integers(worst, best + 3, size), best)
        own = {
            "item": np.full(size, "overall"),
            "metric": np.full(size, metric),
            "worst": np.full(size, float(worst)),
            "best": np.full(size, float(best)),
            "value": value.astype(float),
        }
        parts.append(
            _table(SCORES, {**{name: column[there] for name, column in base.items()}, **own})
        )
    return pa.concat_tables(parts)


def _table(table: str, columns: dict[str, Any]) -> Any:
    import pyarrow as pa

    size = len(columns["record"])
    return pa.table(
        {
            field.name: pa.array(columns[field.name], field.type)
            if field.name in columns
            else pa.nulls(size, field.type)
            for field in schema(table)
        }
    )
