import numpy as np
import pytest

from manyi.stats.monitor import arl, seasonal, sequential


def run_lengths(alarm_at, rng, streams, most):
    """When each of many streams first signals; `alarm_at` steps them all at once."""
    found = np.full(streams, most)
    going = np.arange(streams)
    state = None
    for t in range(1, most + 1):
        state, alarmed = alarm_at(state, rng.normal(size=len(going)), t)
        found[going[alarmed]] = t
        going, state = going[~alarmed], state[..., ~alarmed]
        if len(going) == 0:
            break
    return found


@pytest.mark.parametrize("limits", ["fixed", "exact"])
@pytest.mark.parametrize("weight", [0.1, 0.4])
def test_ewma_reaches_the_promised_run_length(weight, limits):
    width = arl.ewma_width(weight, 100, limits=limits)

    def step(state, z, t):
        state = weight * z + (1 - weight) * (np.zeros(len(z)) if state is None else state)
        edge = sequential.Ewma(weight, width, steps=t, limits=limits).limit
        return state, np.abs(state) > edge

    found = run_lengths(step, np.random.default_rng(1), 20_000, 2500)
    assert found.mean() == pytest.approx(100, rel=0.03)


@pytest.mark.parametrize("slack", [0.25, 0.5])
def test_cusum_reaches_the_promised_run_length(slack):
    decision = arl.cusum_decision(slack, 100)

    def step(state, z, t):
        state = np.zeros((2, len(z))) if state is None else state
        state = np.maximum(0, state + np.stack([z, -z]) - slack)
        return state, state.max(axis=0) > decision

    found = run_lengths(step, np.random.default_rng(2), 20_000, 2500)
    assert found.mean() == pytest.approx(100, rel=0.03)


def test_shewhart_has_a_closed_form_and_shifts_are_found_sooner():
    assert arl.shewhart_arl(3) == pytest.approx(370.398, abs=1e-2)
    for weight in (0.05, 0.2, 1.0):
        lengths = [arl.ewma_arl(weight, 2.8, shift) for shift in (0, 0.5, 1, 2)]
        assert lengths == sorted(lengths, reverse=True)
    # λ = 1 is Shewhart's chart.
    assert arl.ewma_arl(1.0, 3.0) == pytest.approx(arl.shewhart_arl(3), rel=1e-6)


def test_the_calendar_is_taken_out():
    rng = np.random.default_rng(3)
    day = np.arange(210) % 7
    effect = np.array([3.0, 1, 0, 0, -1, -1, -2])
    y = 70 + effect[day] + 0.01 * np.arange(210) + rng.normal(size=210)
    y[5] = np.nan
    found = seasonal.calendar_periods(y, day)
    assert sum(one.value for one in found.kinds.values()) == pytest.approx(0, abs=1e-9)
    held = [found.kinds[at].low <= effect[at] <= found.kinds[at].high for at in range(7)]
    assert sum(held) >= 6
    means = [np.nanmean(found.adjusted[day == at]) for at in range(7)]
    assert np.ptp(means) < 0.3
    phase = np.arange(210) < 140
    y[140:] += 5
    late = seasonal.calendar_periods(y, day, phase=phase)
    assert np.nanmean(late.adjusted[140:]) - np.nanmean(late.adjusted[:140]) > 4
