import numpy as np
import pytest

from manyi.cli import bench_stats


@pytest.mark.parametrize("make", [bench_stats._samples, bench_stats._lives, bench_stats._series])
def test_every_task_runs_and_is_told_with_its_target(make):
    for task in make(np.random.default_rng(1), 400):
        found = bench_stats._measured(task)
        assert 0 < found["best_ms"] <= found["median_ms"]
        assert ("target_ms" in found) == (task.target is not None)


def test_the_made_up_index_has_all_its_items():
    items = bench_stats._index_answers(np.random.default_rng(1), 300)
    assert items.shape == (300, sum(bench_stats.ITEMS.values()))
    assert (items.std(axis=0) > 0).all()
    assert np.corrcoef(items, rowvar=False).min() > 0
