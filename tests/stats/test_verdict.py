import numpy as np
import pytest

from manyi.kit.say import say
from manyi.kit.scale import Scale
from manyi.stats import moments
from manyi.stats.effect import verdict
from manyi.stats.effect.verdict import Answer

FIVE = Scale(1, 5)
P = [0.06, 0.1, 0.2, 0.34, 0.3]


def waves(rng, n=120, months=8):
    """Months of like answers; the plan starts after the first surely bad month, if any."""
    found = {}
    for at in range(months):
        x = rng.choice(np.arange(1.0, 6), n, p=P)
        found[at] = moments.from_values(x)
    return found


def mean(m):
    return float(m.w @ m.values) / m.sum_w


def bad_month(found):
    """The worst of months 2 to 5: what a manager would react to."""
    return min(range(2, 6), key=lambda at: mean(found[at]))


def test_plans_after_bad_months_keep_the_error():
    rng = np.random.default_rng(11)
    wrong = naive = told = 0
    repeats = 1500
    for _ in range(repeats):
        found = waves(rng)
        trigger = bad_month(found)
        start = trigger + 1
        seen = verdict.two_wave_verdict(
            found, "csat_mean", FIVE, trigger=trigger, start=start, until=start
        )
        told += seen.test is not None
        wrong += seen.answer in (Answer.BETTER, Answer.WORSE)
        naive += seen.pretended.low > 0
    assert told == repeats
    assert wrong / told < 0.05 + 3 * np.sqrt(0.05 * 0.95 / told)
    assert wrong / told > 0.02
    # One in forty would be right; the bad month as baseline claims twice as many.
    assert naive / told > 0.05


def test_difference_in_differences_keeps_it_too():
    rng = np.random.default_rng(12)
    wrong, repeats, units = 0, 600, 16
    for _ in range(repeats):
        own = rng.normal(size=(units, 1))
        common = rng.normal(size=(1, 6))
        y = own + common + 0.5 * rng.normal(size=(units, 6))
        treated = np.zeros(units, bool)
        # The worst half of the units in month 3 get the plan, from month 4 on.
        treated[np.argsort(y[:, 3])[: units // 2]] = True
        unit, time = np.indices(y.shape)
        seen = verdict.difference_verdict(
            y.ravel(),
            unit.ravel(),
            time.ravel(),
            treated=treated[unit.ravel()],
            trigger=3,
            start=4,
        )
        wrong += seen.answer in (Answer.BETTER, Answer.WORSE)
    assert wrong / repeats < 0.05 + 3 * np.sqrt(0.05 * 0.95 / repeats)


def test_without_another_period_there_is_no_verdict():
    rng = np.random.default_rng(13)
    found = {at: moments.from_values(rng.choice(np.arange(1.0, 6), 50, p=P)) for at in (3, 4)}
    seen = verdict.two_wave_verdict(found, "csat", FIVE, trigger=3, start=4)
    assert seen.answer is Answer.NO_CLEAN_BASELINE and seen.effect.value is None
    only = {2: moments.empty(), **found}
    assert (
        verdict.two_wave_verdict(only, "csat", FIVE, trigger=3, start=4).answer
        is Answer.NO_CLEAN_BASELINE
    )
    y, unit, time = [1.0, 2, 3, 4], [0, 0, 1, 1], [3, 4, 3, 4]
    seen = verdict.difference_verdict(
        y, unit, time, treated=[True, True, False, False], trigger=3, start=4
    )
    assert seen.answer is Answer.NO_CLEAN_BASELINE


def test_nobody_has_answered_since():
    found = {1: moments.from_values([3.0, 4]), 2: moments.from_values([1.0, 2])}
    seen = verdict.two_wave_verdict(found, "csat", FIVE, trigger=2, start=3)
    assert seen.answer is Answer.NO_ANSWERS


def test_the_trigger_and_what_follows_are_never_a_baseline():
    months = [*range(1, 13)]
    assert verdict.clean_baseline(months, trigger=8, start=9) == tuple(range(1, 8))
    assert verdict.clean_baseline(months, trigger=8, start=10, skip=2, most=3) == (3, 4, 5)
    assert verdict.clean_baseline(months, trigger=1, start=2) == ()


@pytest.mark.parametrize("lift, answer", [(0.8, Answer.BETTER), (-0.8, Answer.WORSE)])
def test_true_changes_are_found_and_told(lift, answer):
    rng = np.random.default_rng(14)
    found = {
        at: moments.from_values(
            np.clip(rng.choice(np.arange(1.0, 6), 400, p=P) + (lift if at >= 5 else 0), 1, 5)
        )
        for at in range(8)
    }
    seen = verdict.two_wave_verdict(found, "csat_mean", FIVE, trigger=4, start=5)
    assert seen.answer is answer and seen.baseline == (0, 1, 2, 3)
    for language in ("en", "zh-Hans"):
        assert "{" not in say(seen.sentence.code, language, seen.sentence.params)
    turned = {k: moments.from_cells(6 - m.values, None, m.n) for k, m in found.items()}
    worse = verdict.two_wave_verdict(turned, "csat_mean", Scale(5, 1), trigger=4, start=5)
    assert worse.answer is answer


def test_how_far_the_worst_come_back_by_themselves():
    rng = np.random.default_rng(15)
    true = rng.normal(70, 6, 200_000)
    first, second = (true + rng.normal(0, 8, len(true)) for _ in range(2))
    picked = first <= np.quantile(first, 0.1)
    told = verdict.regression_to_the_mean(70, 10, 0.36, worst_share=0.1)
    assert told.value == pytest.approx(second[picked].mean(), abs=0.1)
    assert told.low == pytest.approx(first[picked].mean(), abs=0.1)
