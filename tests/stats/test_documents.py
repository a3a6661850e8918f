from pathlib import Path

import pytest

from manyi.stats.scoring import METRICS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"


@pytest.mark.parametrize("code", [*METRICS, "response_rate", "completion_rate"])
def test_every_metric_has_its_heading(code):
    headings = [line for line in PAGE.read_text().splitlines() if line.startswith("#")]
    assert any(f"`{code}`" in heading for heading in headings), code
