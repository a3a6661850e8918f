"""Who will leave: forecasts that keep to time and customers, judged with honest errors."""

import numpy as np
import pytest
from scipy.special import expit, logit

from manyi.kit.problems import Problem
from manyi.stats.churn import calibration, competing, lift
from manyi.stats.churn.model import churn_model_rows


def _customers(rng, n, again=2):
    own = np.repeat(rng.normal(0, 1, n // again + 1), again)[:n]
    x = np.clip(np.round(rng.normal(6 + own[:, None], 2, (n, 4))), 0, 10)
    eta = -2 - 0.8 * (x[:, 0] < 5) + 1.5 * (x[:, 1] < 4) * (x[:, 2] < 6) - 0.15 * (x[:, 0] - 6)
    left = (rng.random(n) < expit(eta)).astype(float)
    x[rng.random((n, 4)) < 0.1] = np.nan
    return x, left, np.arange(n) // again


def test_trees_tell_more_than_satisfaction_alone():
    rng = np.random.default_rng(4)
    x, left, who = _customers(rng, 6000)
    found = churn_model_rows(x, left, rng=rng, cluster=who, falling=(1, 2))
    assert found.n == 6000
    assert found.people == 3000
    assert found.auc_gain.low > 0
    assert found.auc.value - found.auc_satisfaction.value == pytest.approx(found.auc_gain.value)
    assert found.calibration.slope.low < 1 < found.calibration.slope.high
    assert abs(found.calibration.in_the_large.value) < 0.1
    assert found.drivers[0].at == 1
    assert found.drivers[-1].at == 3
    assert found.mended == "platt"
    assert not found.in_time
    told = [one.told for one in found.curve]
    assert told == sorted(told)


def test_the_past_tells_the_future_and_no_row_is_judged_early():
    rng = np.random.default_rng(5)
    x, left, who = _customers(rng, 4000)
    when = rng.integers(0, 700, 4000).astype(float)
    found = churn_model_rows(x, left, rng=rng, cluster=who, when=when, known=when + 90)
    assert found.in_time
    assert found.n < 4000
    judged = ~np.isnan(found.told)
    assert when[judged].min() >= np.quantile(when, 0.4)


def test_a_column_that_tells_of_the_past_alone_is_caught_in_time():
    """What was true until the middle of the year forecasts nothing after: shuffled customers
    would not notice."""
    rng = np.random.default_rng(6)
    n = 3000
    when = np.sort(rng.integers(0, 360, n)).astype(float)
    left = (rng.random(n) < 0.2).astype(float)
    hint = np.where(when < 140, left, rng.integers(0, 2, n)) * 10
    x = np.column_stack([hint, rng.integers(0, 11, n)])
    shuffled = churn_model_rows(x, left, rng=rng, satisfaction=1)
    in_time = churn_model_rows(x, left, rng=rng, satisfaction=1, when=when)
    assert shuffled.auc.low > 0.6
    assert in_time.auc.low < 0.52


def test_nothing_is_told_where_nothing_is():
    rng = np.random.default_rng(7)
    x = rng.integers(0, 11, (1500, 3)).astype(float)
    found = churn_model_rows(x, (rng.random(1500) < 0.2).astype(float), rng=rng)
    assert [note.code for note in found.warnings] == ["trees_no_better"]


def test_few_leavers_are_refused():
    rng = np.random.default_rng(8)
    left = np.zeros(500)
    left[:19] = 1
    with pytest.raises(Problem, match="churn_few"):
        churn_model_rows(rng.normal(size=(500, 2)), left, rng=rng)


def test_customers_who_come_again_count_once():
    """Every row twice, of the same customer, tells nothing more."""
    rng = np.random.default_rng(9)
    p = expit(rng.normal(-1, 1, 900))
    y = (rng.random(900) < p).astype(float)
    who = np.arange(900)
    once = calibration.calibration_rows(y, p, cluster=who)
    y2, p2, who2 = (np.tile(one, 2) for one in (y, p, who))
    twice = calibration.calibration_rows(y2, p2, cluster=who2)
    for name in ("brier", "log_loss", "intercept", "slope", "in_the_large"):
        assert getattr(once, name).low == pytest.approx(getattr(twice, name).low, abs=1e-6)
    assert once.hosmer_lemeshow.p == pytest.approx(twice.hosmer_lemeshow.p, abs=1e-9)
    one, two = lift.gains_rows(y, p), lift.gains_rows(y2, p2, cluster=who2)
    assert [g.caught.low for g in one] == pytest.approx([g.caught.low for g in two])
    weighted = lift.gains_rows(y, p, weights=np.full(900, 2.0))
    assert [g.lift.high for g in one] == pytest.approx([g.lift.high for g in weighted])
    curve = calibration.calibration_curve_rows(y2, p2, cluster=who2)
    for a, b in zip(calibration.calibration_curve_rows(y, p), curve, strict=True):
        assert a.seen.low == pytest.approx(b.seen.low, rel=1e-6)


def test_the_plain_test_by_groups_cries_out_and_the_corrected_one_does_not():
    rng = np.random.default_rng(10)
    plain, corrected = [], []
    for _ in range(200):
        p = np.repeat(expit(rng.normal(-1.5, 1, 500)), 2)
        y = (np.repeat(rng.random(500), 2) < p).astype(float)
        plain.append(calibration.calibration_rows(y, p).hosmer_lemeshow.p < 0.05)
        who = np.arange(1000) // 2
        corrected.append(calibration.calibration_rows(y, p, cluster=who).hosmer_lemeshow.p < 0.05)
    assert np.mean(plain) > 0.25
    assert np.mean(corrected) < 0.1


def test_gains_hold_the_truth():
    rng = np.random.default_rng(11)

    def draw(people):
        eta = np.repeat(rng.normal(-2, 1, people), 2) + rng.normal(0, 0.7, 2 * people)
        late = np.repeat(rng.normal(0, 1.2, people), 2)
        y = (rng.random(2 * people) < expit(eta + late)).astype(float)
        return y, eta + rng.normal(0, 1, 2 * people), np.arange(2 * people) // 2

    truth = [g.caught.value for g in lift.gains_rows(*draw(100_000)[:2])]
    hits = []
    for _ in range(200):
        y, score, who = draw(400)
        found = lift.gains_rows(y, score, cluster=who)
        hits.append([g.caught.low <= t <= g.caught.high for g, t in zip(found, truth, strict=True)])
    covered = np.mean(hits, axis=0)
    assert (covered[:-1] > 0.9).all()
    assert covered[:-1].mean() == pytest.approx(0.95, abs=0.03)


def test_gains_by_hand():
    y = np.array([1, 1, 0, 1, 0, 0, 0, 0, 0, 0.0])
    p = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.5, 0.3, 0.2, 0.1, 0.05])
    found = {g.share: g for g in lift.gains_rows(y, p)}
    assert found[0.2].caught.value == pytest.approx(200 / 3)
    assert found[0.4].lift.value == pytest.approx(2.5)
    assert found[1.0].lift.low == found[1.0].lift.high == 1
    line = lift.line_rows(y, p, worth=2)
    assert line.contacted.value == pytest.approx(60)
    assert line.right.value == pytest.approx(50)
    assert line.caught.value == pytest.approx(100)
    assert line.benefit.value == pytest.approx(10 * (2 * 3 - 6))
    assert line.benefit_of_all.value == pytest.approx(10 * (2 * 3 - 10))


def test_the_gap_of_a_forecast_to_itself_is_nothing():
    rng = np.random.default_rng(12)
    y, p = (rng.random(300) < 0.3).astype(float), rng.random(300)
    same = calibration.auc_gap_rows(y, p, p)
    assert (same.value, same.low, same.high) == (0, 0, 0)
    opposite = calibration.auc_gap_rows(y, p, -p, cluster=np.arange(300) // 3)
    assert opposite.value == pytest.approx(2 * calibration.auc_rows(y, p).value - 1)


def test_bold_forecasts_are_mended_without_having_been_seen():
    rng = np.random.default_rng(13)
    x = rng.normal(size=(2500, 2))
    y = (rng.random(2500) < expit(-1 + x[:, 0])).astype(float)
    found = churn_model_rows(x, y, rng=rng)
    assert found.calibration.slope.value == pytest.approx(1, abs=0.15)
    assert logit(found.told).std() > 0.5


def test_gray_counts_customers_and_weights():
    rng = np.random.default_rng(14)
    n = 300
    t = rng.integers(1, 30, n).astype(float)
    cause, group = rng.integers(0, 3, n), rng.integers(0, 3, n)
    plain = competing.gray_unweighted_rows(t, cause, group, 1)
    mine = competing.gray_rows(t, cause, group, 1)
    assert mine.statistic == pytest.approx(plain.statistic, rel=0.35)
    who = np.arange(n)
    again = [np.tile(one, 3) for one in (t, cause, group, who)]
    tripled = competing.gray_rows(*again[:3], 1, cluster=again[3])
    weighted = competing.gray_rows(t, cause, group, 1, cluster=who, weights=np.full(n, 3.0))
    assert tripled.statistic == pytest.approx(weighted.statistic, rel=1e-6)
    assert tripled.statistic == pytest.approx(
        competing.gray_rows(t, cause, group, 1, cluster=who).statistic, rel=1e-6
    )
    assert competing.gray_unweighted_rows(*again[:3], 1).statistic > 2.5 * plain.statistic


def test_outcomes_that_are_settled_after_the_last_answer_tell_nothing_in_time():
    rng = np.random.default_rng(31)
    x = rng.normal(size=(400, 2))
    left = rng.random(400) < 0.3
    day = rng.integers(0, 30, 400)
    with pytest.raises(Problem) as caught:
        churn_model_rows(x, left, rng=rng, when=day, known=day + 60)
    assert caught.value.code == "churn_few"
