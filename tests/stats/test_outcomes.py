"""Rates of how cases ended: by hand, by draws, and which end counts as what."""

import math

import numpy as np
import pytest

from manyi.stats.survey.outcomes import Outcomes, kind_of, outcomes_of_counts


def test_outcome_rates_of_the_whole():
    all_in = Outcomes(complete=10)
    assert all(
        one.value == pytest.approx(100)
        for one in all_in.estimates().values()
        if one.value is not None and one.value > 50
    )


def test_outcome_estimates_spread_as_draws_do():
    counts = np.array([200, 30, 120, 90, 10, 40, 60, 150])
    found = Outcomes(*counts.tolist()).estimates()
    draws = np.random.default_rng(18).multinomial(counts.sum(), counts / counts.sum(), size=1500)
    drawn = [Outcomes(*map(int, one)).estimates() for one in draws]
    for name in ("RR1", "RR3", "RR4", "COOP1", "REF2", "CON2"):
        p = found[name].value / 100
        spread = math.sqrt(p * (1 - p) / found[name].n_effective)
        assert spread == pytest.approx(
            np.std([one[name].value / 100 for one in drawn]), rel=0.06
        ), name
    assert (found["RR5"].n, found["RR3"].n, found["COOP3"].n) == (450, 525, 350)


def test_final_dispositions_fall_into_their_counts():
    given = {"1.1": 5, "1.20": 1, "2.112": 2, "2.12": 1, "2.2": 3, "2.36": 1, "3.11": 4, "3.9": 2}
    assert outcomes_of_counts({**given, "4.7": 6}) == Outcomes(5, 1, 3, 3, 1, 4, 2, 6)
    assert [kind_of(code) for code in ("2", "2.0", "5.1", "1,1", "", "2.4")] == [None] * 6
    with pytest.raises(ValueError, match="no final disposition"):
        outcomes_of_counts({"0.1": 1})
