"""Tables of counts put together: what is alike adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

COUNTS = ("n", "n_anonymous", "n_known")


def added(first: pa.Table, *others: pa.Table) -> pa.Table:
    """Return the counts summed by everything else; what comes to nothing is left out."""
    import pyarrow as pa
    import pyarrow.compute as pc

    parts = [first, *(part for part in others if part.num_rows)]
    if len(parts) == 1:
        return first
    names = first.column_names
    whole = pa.concat_tables([part.select(names).cast(first.schema) for part in parts])
    counts = [name for name in names if name in COUNTS]
    by = [name for name in names if name not in counts]
    summed = whole.group_by(by).aggregate([(name, "sum") for name in counts])
    summed = summed.rename_columns([n.removesuffix("_sum") for n in summed.column_names])
    return summed.select(names).filter(pc.not_equal(summed["n"], 0))


def negative(counted: pa.Table) -> pa.Table:
    """Return the same with every count below zero, to be taken away."""
    import pyarrow.compute as pc

    for at, name in enumerate(counted.column_names):
        if name in COUNTS:
            counted = counted.set_column(at, name, pc.negate(counted[name]))
    return counted
