"""Rates of how cases ended: by hand, by draws, and which end counts as what."""

import math

import numpy as np
import pytest

from manyi.stats.survey.outcomes import Outcomes, kind_of, outcomes_of


def test_outcome_rates_of_the_whole():
    all_in = Outcomes(complete=10)
    assert all(
        value == pytest.approx(1)
        for value in all_in.rates().values()
        if value is not None and value > 0.5
    )


def test_outcome_estimates_spread_as_draws_do():
    counts = np.array([200, 30, 120, 90, 10, 40, 60, 150])
    found = Outcomes(*counts.tolist()).estimates()
    draws = np.random.default_rng(18).multinomial(counts.sum(), counts / counts.sum(), size=3000)
    drawn = [Outcomes(*map(int, one)).rates() for one in draws]
    for name in ("RR1", "RR3", "RR4", "COOP1", "REF2", "CON2"):
        p = found[name].value / 100
        spread = math.sqrt(p * (1 - p) / found[name].n_effective)
        assert spread == pytest.approx(np.std([one[name] for one in drawn]), rel=0.06), name
    assert (found["RR5"].n, found["RR3"].n, found["COOP3"].n) == (450, 525, 350)


def test_final_dispositions_fall_into_their_counts():
    given = {"1.1": 5, "1.20": 1, "2.112": 2, "2.12": 1, "2.2": 3, "2.36": 1, "3.11": 4, "3.9": 2}
    assert outcomes_of({**given, "4.7": 6}) == Outcomes(5, 1, 3, 3, 1, 4, 2, 6)
    assert [kind_of(code) for code in ("2", "2.0", "5.1", "1,1", "", "2.4")] == [None] * 6
    with pytest.raises(ValueError, match="no final disposition"):
        outcomes_of({"0.1": 1})
