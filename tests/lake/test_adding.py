"""Tables of counts are put together as the engine's own GROUP BY would."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from manyi.lake.adding import added, negative, summed

COUNTS = ("n", "n_anonymous")


def counted(rng: np.random.Generator, rows: int, *, units: int) -> pa.Table:
    unit = pa.array(rng.integers(1, units, rows) * 1_000_003, mask=rng.random(rows) < 0.1)
    day = pa.array(rng.integers(-3, 4, rows).astype(np.int32)).cast(pa.date32())
    return pa.table(
        {
            "g0": unit,
            "n": pa.array(rng.integers(-1, 3, rows)),
            "period": day,
            "setting": pa.array(rng.choice(["", "gold", None], rows).tolist(), pa.string()),
            "value": pa.array(rng.integers(1, 6, rows) / 2),
            "cluster": pa.array(rng.integers(0, 64, rows).astype(np.uint8)),
            "n_anonymous": pa.array(rng.integers(0, 3, rows)),
        }
    )


def in_order(found: pa.Table) -> pa.Table:
    return found.sort_by([(name, "ascending") for name in found.column_names])


def by_arrow(found: pa.Table) -> pa.Table:
    by = [name for name in found.column_names if name not in COUNTS]
    sums = found.group_by(by).aggregate([(name, "sum") for name in COUNTS])
    sums = sums.rename_columns([name.removesuffix("_sum") for name in sums.column_names])
    return sums.select(found.column_names)


@pytest.mark.parametrize(("rows", "units"), [(1, 2), (300, 4), (5_000, 4_000)])
def test_counts_are_summed_by_everything_else(rows: int, units: int) -> None:
    table = counted(np.random.default_rng(rows), rows, units=units)
    found = summed(table)
    assert found.schema == table.schema
    assert in_order(found).equals(in_order(by_arrow(table)))


def test_what_comes_to_nothing_is_left_out() -> None:
    rng = np.random.default_rng(5)
    one, other = (counted(rng, rows, units=5) for rows in (400, 300))
    whole = by_arrow(pa.concat_tables([one, other]))
    assert in_order(added(one, other)).equals(in_order(whole.filter(pc.not_equal(whole["n"], 0))))
    assert added(one, negative(one)).num_rows == 0


def test_more_codes_than_numbers_hold_are_made_fewer_on_the_way() -> None:
    rng, rows = np.random.default_rng(1), 2_000
    wide = {f"c{i}": pa.array(rng.integers(0, 40_000, rows)) for i in range(6)}
    once = pa.table({**wide, "n": pa.array(np.ones(rows, np.int64))})
    twice = added(once, once)
    assert twice.num_rows == rows
    assert twice["n"].to_pylist() == [2] * rows
    assert in_order(twice.drop_columns("n")).equals(in_order(once.drop_columns("n")))


def test_counts_of_nothing_else_come_to_one_line() -> None:
    one = pa.table({"n": [1, 2], "n_known": [0, 3]})
    assert added(one, one).to_pylist() == [{"n": 6, "n_known": 6}]
    assert summed(one.slice(0, 0)).num_rows == 0
