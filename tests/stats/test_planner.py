import math

import numpy as np
import pytest

from manyi.kit.say import say
from manyi.kit.scale import NPS_SCALE
from manyi.stats import moments
from manyi.stats.effect import planner
from manyi.stats.metrics import estimate


def test_the_textbook_sizes():
    assert planner.plan_share(5).answers == 385
    assert planner.plan_share(5, population=1000).answers == 278
    assert planner.plan_share(3).answers == 1068
    assert planner.plan_share(5, deff=1.5).answers == 577
    # R: power.prop.test(p1 = .5, p2 = .6, power = .8) → 387.3; power.t.test(d = .5) → 63.77
    assert planner.plan_share_difference(50, 60).answers == 388
    assert planner.plan_mean_difference(0.5, 1).answers == 64
    assert planner.plan_mean(0.2, 1).answers == 99


def test_who_must_be_invited():
    found = planner.plan_share(5, response_rate=0.2, units=3)
    assert found.invitations == math.ceil(385 / 0.2) and found.all_answers == 3 * 385
    small = planner.plan_share(5, population=60, response_rate=0.3)
    assert small.invitations == 60 and small.sentence.code == "plan_everybody"
    for plan in (found, small, planner.plan_nps(10)):
        for language in ("en", "zh-Hans"):
            assert "{" not in say(plan.sentence.code, language, plan.sentence.params)


def test_promised_precision_is_had():
    rng = np.random.default_rng(1)
    plan = planner.plan_nps(8, promoters=45, detractors=25)
    widths = [
        estimate(
            "nps",
            moments.from_counts([3, 7, 10], rng.multinomial(plan.answers, [0.25, 0.3, 0.45])),
            NPS_SCALE,
        ).half_width
        for _ in range(300)
    ]
    assert np.mean(widths) == pytest.approx(8, rel=0.02)
    assert planner.precision_of_nps(
        plan.answers, promoters=45, detractors=25
    ).half_width == pytest.approx(8, rel=0.01)


def test_promised_power_is_had():
    rng = np.random.default_rng(2)
    plan = planner.plan_nps_difference(12, promoters=45, detractors=25)
    found = 0
    for _ in range(800):
        one = rng.multinomial(plan.answers, [0.25, 0.3, 0.45]) / plan.answers
        two = rng.multinomial(plan.answers, [0.19, 0.3, 0.51]) / plan.answers
        v = [p[2] + p[0] - (p[2] - p[0]) ** 2 for p in (one, two)]
        gap = (two[2] - two[0]) - (one[2] - one[0])
        found += gap / np.sqrt(sum(v) / plan.answers) > 1.96
    assert found / 800 == pytest.approx(0.8, abs=0.06)
    size = planner.plan_share_difference(50, 60).answers
    assert planner.power_to_tell(size, 50, 60).value == pytest.approx(80, abs=0.2)
    assert planner.least_difference(size, 50).value == pytest.approx(10, abs=0.05)


def test_a_census_knows():
    found = planner.precision_of_share(200, population=200)
    assert found.low == found.high == 50
    assert planner.design_effect_of_repeats(3, 0.5).value == 2
