"""Staggered differences in differences beside the Python package differences 0.3.0."""

import numpy as np
import pytest

from manyi.kit.problems import Problem
from manyi.stats.effect import did, staggered
from tests.stats.test_against_peers import near

Z = 1.959963984540054


def branches():
    rng = np.random.default_rng(5)
    rows = []
    for u in range(60):
        first, a = [0, 0, 3, 4, 6][u % 5], rng.normal()
        rng.gamma(3, 1)
        for t in range(1, 8):
            effect = 0 if first == 0 or t < first else 1 + 0.3 * (t - first)
            rows.append(
                (u, t, first or np.nan, round(a + 0.2 * t + effect + rng.normal() * 0.7, 3))
            )
    unit, time, first, y = np.array(rows).T
    return y, unit, time, first


def told(estimate):
    return estimate.value, (estimate.high - estimate.low) / 2 / Z


@pytest.mark.parametrize(
    ("control", "overall", "groups", "ages", "times", "some"),
    [
        (
            "never",
            (1.38341667, 0.185444991),
            (1.30294931, 0.174339234),
            (1.497375, 0.198345618),
            (1.33373611, 0.190482062),
            {(3, 2): (-0.355416667, 0.354934722), (4, 5): (1.50366667, 0.399705529)},
        ),
        (
            "not_yet",
            (1.37758965, 0.187237648),
            (1.29967569, 0.179719911),
            (1.49021528, 0.197053727),
            (1.31809722, 0.191285595),
            {(3, 2): (-0.205979167, 0.330588734), (4, 4): (0.947361111, 0.381092888)},
        ),
    ],
)
def test_beside_another_hand(control, overall, groups, ages, times, some):
    found = staggered.staggered_rows(*branches(), control=control, errors="plain")
    near(told(found.overall()), overall)
    near(told(found.mean_of_groups()), groups)
    near(told(found.mean_of_ages()), ages)
    near(told(found.mean_of_times()), times)
    each = {(one.first, one.time): told(one.effect) for one in found.by_group_and_time()}
    for key, theirs in some.items():
        near(each[key], theirs)


def test_by_group_age_and_time():
    found = staggered.staggered_rows(*branches(), errors="plain")
    near(told(found.by_group()[3]), (1.48623333, 0.294278091))
    near(told(found.by_age()[-2]), (-0.203583333, 0.200282921))
    near(told(found.by_age()[2]), (1.73695833, 0.261241027))
    near(told(found.by_time()[5]), (1.5970625, 0.296787583))
    before = found.before()
    assert before.p > 0.05 and before.df == 7


def test_two_way_effects_mislead_where_this_does_not():
    # Everybody starts some time, the effect grows: two-way effects even see harm.
    rng = np.random.default_rng(3)
    unit, time = (one.ravel() for one in np.meshgrid(np.arange(40), np.arange(10), indexing="ij"))
    first = np.where(unit % 2 == 0, 2, 7)
    effect = np.where(time >= first, 1.0 * (time - first + 1), 0)
    y = effect + rng.normal(size=40)[unit] + 0.1 * rng.normal(size=400)
    two_way = did.two_way_rows(y, time >= first, unit, time).test
    assert [note.code for note in two_way.warnings] == ["starts_differ"]
    wrong = two_way.effect.value
    found = staggered.staggered_rows(y, unit, time, first, control="not_yet")
    assert wrong < 1.5 and abs(found.overall().value - 3) < 0.2


def test_answers_are_averaged_and_weights_count():
    y, unit, time, first = branches()
    once = staggered.staggered_rows(y, unit, time, first)
    twice = staggered.staggered_rows(*(np.concatenate([a, a]) for a in (y, unit, time, first)))
    near(told(once.overall()), told(twice.overall()))
    heavy = np.where(unit < 5, 3.0, 1.0)
    repeated = [np.concatenate([a, a[unit < 5], a[unit < 5]]) for a in (y, unit, time, first)]
    repeated[1][420:] += 1000 + np.arange(len(repeated[1]) - 420) // 35 * 100
    near(
        staggered.staggered_rows(y, unit, time, first, weights=heavy).overall().value,
        staggered.staggered_rows(*repeated).overall().value,
    )


def test_regions_are_one_voice():
    y, unit, time, first = branches()
    found = staggered.staggered_rows(y, unit, time, first, cluster=unit // 10)
    assert found.overall().df == 5
    each = staggered.staggered_rows(y, unit, time, first, cluster=unit).overall()
    assert each.df == 59 and each.value == found.overall().value


def test_gaps_are_noted_and_nobody_to_compare_with_is_a_problem():
    y, unit, time, first = branches()
    there = ~((unit == 7) & (time == 4))
    found = staggered.staggered_rows(y[there], unit[there], time[there], first[there])
    assert found.units == 59 and found.notes[0].params == {"units": 1}
    with pytest.raises(Problem, match="no_untouched_units"):
        staggered.staggered_rows(y, unit, time, np.full(len(y), 3.0))


def test_universal_base_and_anticipation():
    y, unit, time, first = branches()
    same = staggered.staggered_rows(y, unit, time, first, base="universal")
    each = {(one.first, one.time): one.effect for one in same.by_group_and_time()}
    assert each[6, 5].value == 0 and each[6, 5].low is None
    usual = staggered.staggered_rows(y, unit, time, first)
    near(told(same.overall()), told(usual.overall()))
    early = staggered.staggered_rows(y, unit, time, first, anticipation=1)
    cell = {(one.first, one.time): one.effect.value for one in early.by_group_and_time()}
    mine, others = unit % 5 == 4, unit % 5 < 2
    gap = [
        np.mean(y[side & (time == 7)]) - np.mean(y[side & (time == 4)]) for side in (mine, others)
    ]
    near(cell[6, 7], gap[0] - gap[1])


@pytest.mark.parametrize("treated", [1, 3])
def test_few_units_cover(treated):
    rng = np.random.default_rng(4)
    unit, time = (one.ravel() for one in np.meshgrid(np.arange(15), np.arange(6), indexing="ij"))
    first = np.where(unit < treated, 3, np.where(unit < 2 * treated, 4, np.nan))
    hits = {"welch": [], "plain": []}
    for _ in range(400):
        y = rng.normal(size=15)[unit] + rng.normal(size=90)
        for errors, into in hits.items():
            ends = staggered.staggered_rows(y, unit, time, first, errors=errors).overall()
            into.append(ends.low <= 0 <= ends.high)
    assert np.mean(hits["welch"]) > 0.93 > np.mean(hits["plain"])


def test_event_study_tests_what_came_before():
    rng = np.random.default_rng(2)
    unit, time = (one.ravel() for one in np.meshgrid(np.arange(30), np.arange(6), indexing="ij"))
    treated = (unit < 15).astype(float)

    def p(slope):
        y = 0.3 * rng.normal(size=180) + slope * time * treated
        return did.event_study_rows(y, treated, unit, time, reference=2).before.p

    assert 0.02 < np.mean([p(0) < 0.05 for _ in range(300)]) < 0.09
    assert max(p(0.5) for _ in range(10)) < 0.01
    first = did.event_study_rows(time * 1.0, treated, unit, time, reference=0)
    assert first.before is None
