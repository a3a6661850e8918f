import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from manyi.cli import bench_stats


@pytest.mark.parametrize(
    "make", [bench_stats._samples, bench_stats._trees, bench_stats._lives, bench_stats._series]
)
def test_every_task_runs_and_is_told_with_its_target(make):
    for task in make(np.random.default_rng(1), 400):
        found = bench_stats._measured(task)
        assert 0 < found["best_ms"] <= found["median_ms"]
        assert found["cpu_ms"] >= 0
        assert ("target_ms" in found) == (task.target is not None)


def test_the_made_up_index_has_all_its_items():
    items = bench_stats._index_answers(np.random.default_rng(1), 300)
    assert items.shape == (300, sum(bench_stats.ITEMS.values()))
    assert (items.std(axis=0) > 0).all()
    assert np.corrcoef(items, rowvar=False).min() > 0


def test_r_is_timed_where_it_is_and_passed_over_where_it_is_not(monkeypatch):
    found = bench_stats._r("call <- function() sort(runif(n))", 1000)
    assert (found is None) == (shutil.which("Rscript") is None)
    if found is not None:
        assert 0 <= found["best_ms"] <= found["median_ms"]
        assert bench_stats._r("library(there_is_none)", 10) is None
    monkeypatch.setenv("PATH", "")
    assert bench_stats._r("call <- function() 1", 10) is None


@pytest.mark.parametrize(("asked", "told"), [(None, "1"), ("3", "3")])
def test_matrices_use_one_thread_unless_told_otherwise(asked, told):
    kept = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    given = {} if asked is None else {"OPENBLAS_NUM_THREADS": asked}
    code = (
        "import os\nfrom manyi.cli.main import main\n"
        "try:\n    main([])\nexcept SystemExit:\n    pass\n"
        "print(os.environ['OPENBLAS_NUM_THREADS'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=kept | given, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[-1] == told
