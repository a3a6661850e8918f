"""The intervals of how forecasts compare with outcomes, by simulation."""

import numpy as np
import pytest

from manyi.stats.churn.calibration import calibration_rows


def drawn(rng, people, slope=1.0, most=1):
    """Return outcomes, forecasts that are `slope` times too bold, and whose each is."""
    who = np.repeat(np.arange(people), rng.integers(1, most + 1, people))
    own = rng.normal(size=people)[who] * 0.7 + rng.normal(size=len(who)) * 0.7 - 1
    y = rng.random(len(who)) < 1 / (1 + np.exp(-own))
    return y, 1 / (1 + np.exp(-slope * own)), who


def truth(slope):
    y, p, _ = drawn(np.random.default_rng(9), 400_000, slope)
    found = calibration_rows(y, p)
    return found.ece.value, found.brier_scaled.value


@pytest.mark.parametrize(("slope", "most"), [(1.0, 1), (2.5, 1), (1.0, 6), (2.5, 6)])
def test_they_hold_the_truth(slope, most):
    rng, repeats = np.random.default_rng(10), 150
    gap, scaled = truth(slope)
    gap = 0.0 if slope == 1 else gap
    held = np.zeros(2)
    for _ in range(repeats):
        y, p, who = drawn(rng, 500 if most == 1 else 150, slope, most)
        found = calibration_rows(y, p, cluster=who if most > 1 else None)
        told = ((found.ece, gap), (found.brier_scaled, scaled))
        held += [one.low <= true <= one.high for one, true in told]
    assert held[0] / repeats >= 0.94
    assert 0.9 <= held[1] / repeats <= 0.99


def test_the_same_forecasts_again_add_no_certainty():
    y, p, who = drawn(np.random.default_rng(11), 400)
    once = calibration_rows(y, p, cluster=who)
    again = calibration_rows(np.tile(y, 4), np.tile(p, 4), cluster=np.tile(who, 4))
    for name in ("ece", "brier_scaled", "brier", "slope"):
        one, two = getattr(once, name), getattr(again, name)
        assert two.value == pytest.approx(one.value, rel=0.02)
        assert two.high - two.value == pytest.approx(one.high - one.value, rel=0.05)
