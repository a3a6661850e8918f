from __future__ import annotations

import pytest

from manyi.accounts.models import Organisation, Unit
from manyi.cli import bench_overview
from manyi.lake.models import LakeFile

pytestmark = pytest.mark.django_db


def test_the_benchmark_measures_and_leaves_nothing_behind() -> None:
    found = bench_overview.run(records=4_800)
    assert found["records"] == 4_800
    assert found["score_rows"] > 4_800
    assert found["again_ms"] > 0
    for model in (Organisation, Unit, LakeFile):
        assert not model.objects.exists()
