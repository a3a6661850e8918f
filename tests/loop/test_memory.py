"""A worker that reads by the accurate tier, fills the lake and counts it again stays small."""

from __future__ import annotations

import pytest

from manyi.cli import bench_worker
from manyi.text import encoder, store


@pytest.mark.skipif(encoder.missing() is not None, reason="the accurate tier is not installed")
def test_a_worker_stays_below_what_is_promised() -> None:
    found = bench_worker.run(records=400)
    assert found["model"] == store.version(store.TIER_B)
    assert found["records"] == 400
    assert 100 < found["peak_megabytes"] < bench_worker.GOAL_MEGABYTES
    # The engine of the lake is loaded there, and nowhere in the worker.
    assert 100 < found["peak_apart_megabytes"] < bench_worker.GOAL_MEGABYTES
