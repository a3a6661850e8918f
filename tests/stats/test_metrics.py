import math

import numpy as np
import pytest

from manyi.kit.problems import Problem
from manyi.kit.scale import NPS_SCALE, Scale
from manyi.kit.sentences import SENTENCES
from manyi.stats import moments, rates
from manyi.stats.distribution import distribution, median
from manyi.stats.metrics import estimate, mean_of
from manyi.stats.scoring import METRICS

FIVE, SEVEN = Scale(1, 5), Scale(1, 7)


def test_satisfaction_in_its_three_forms():
    answers = moments.from_values([1, 2, 3, 4, 5, 5, 5, 4, 4, 3])
    assert estimate("csat", answers, FIVE).value == 60
    assert estimate("csat_mean", answers, FIVE).value == 3.6
    assert estimate("csat_index", answers, FIVE).value == pytest.approx(65)


def test_an_estimate_carries_all_its_fields():
    found = estimate("csat", moments.from_values([5, 5, 1]), FIVE).to_dict()
    assert list(found) == [
        "value",
        "low",
        "high",
        "level",
        "n",
        "n_effective",
        "df",
        "method",
        "warnings",
    ]
    assert found["n"] == 3 and found["method"] == "wilson" and found["level"] == 0.95


def test_zero_is_an_answer():
    found = estimate("nps", moments.from_values([0, 0, 10]), NPS_SCALE)
    assert found.n == 3 and found.value == pytest.approx(-100 / 3)
    assert estimate("mean", moments.from_values([0, 0]), NPS_SCALE).value == 0


def test_blank_answers_never_count():
    found = estimate("csat", moments.from_values([5, np.nan, np.nan]), FIVE)
    assert found.n == 1 and found.value == 100


def test_the_top_box_of_each_scale_of_the_table():
    for ends, share in {
        (1, 3): 1 / 3,
        (1, 4): 0.5,
        (1, 5): 0.4,
        (1, 6): 2 / 6,
        (1, 7): 2 / 7,
    }.items():
        scale = Scale(*ends)
        found = estimate("csat", moments.from_values(scale.points()), scale)
        assert found.value == pytest.approx(100 * share)
    for ends, share in {(1, 10): 3 / 10, (0, 10): 3 / 11}.items():
        scale = Scale(*ends)
        assert estimate("csat", moments.from_values(scale.points()), scale).value == pytest.approx(
            100 * share
        )


def test_a_half_star_above_the_top_box_counts():
    assert estimate("csat", moments.from_values([4.5, 3.5]), FIVE).value == 50


def test_a_scale_outside_the_table_needs_its_box_named():
    with pytest.raises(Problem) as refused:
        estimate("csat", moments.from_values([9]), Scale(1, 9))
    assert refused.value.code == "top_box_unnamed"
    assert estimate("csat", moments.from_values([9, 1]), Scale(1, 9), box=(8, 9)).value == 50


def test_effort_on_one_to_seven():
    answers = moments.from_values([1, 4, 5, 6, 7])
    assert estimate("ces", answers, SEVEN).value == 4.6
    assert estimate("ces_share", answers, SEVEN).value == 60
    with pytest.raises(Problem):
        estimate("ces_share", answers, FIVE)


def test_nps_is_refused_on_other_scales():
    with pytest.raises(Problem) as refused:
        estimate("nps", moments.from_values([5]), FIVE)
    assert refused.value.code == "metric_scale_unfit"


def test_an_unknown_metric_is_a_problem():
    with pytest.raises(Problem) as refused:
        estimate("happiness", moments.from_values([5]), FIVE)
    assert refused.value.code == "metric_unknown"


def test_a_scale_that_runs_downwards():
    up = moments.from_values([5, 5, 4, 1])
    down = moments.from_values([1, 1, 2, 5])
    for metric in ("csat", "csat_index", "bottom_box", "top_box"):
        one, two = estimate(metric, up, FIVE), estimate(metric, down, Scale(5, 1))
        assert (one.value, one.low, one.high) == pytest.approx((two.value, two.low, two.high))


def test_nobody_answered():
    found = estimate("csat", moments.empty(), FIVE)
    assert (found.value, found.low, found.high, found.n) == (None, None, None, 0)
    assert [note.code for note in found.warnings] == ["no_answers"]


def test_answers_off_the_scale_are_left_out_and_noted():
    found = estimate("csat_mean", moments.from_values([4, 4, 9]), FIVE)
    assert found.value == 4 and found.n == 2
    assert found.warnings[0].to_dict() == {"code": "off_scale", "params": {"count": 1}}


def test_one_answer_says_almost_nothing():
    for metric in ("csat", "csat_mean", "csat_index"):
        found = estimate(metric, moments.from_values([5]), FIVE)
        low, high = METRICS[metric].bounds(FIVE)
        assert found.high - found.low > 0.75 * (high - low)


@pytest.mark.parametrize("n", [1, 2, 10, 60, 500])
def test_agreement_is_not_certainty(n):
    for metric, scale in (
        ("csat_mean", FIVE),
        ("csat_index", FIVE),
        ("nps", NPS_SCALE),
        ("csat", FIVE),
    ):
        found = estimate(metric, moments.from_counts([scale.high], [n]), scale)
        assert found.low < found.value == found.high


def test_one_dissenter_widens_rather_than_narrows_the_doubt():
    alone = estimate("csat_mean", moments.from_counts([4, 5], [1, 49]), FIVE)
    assert alone.low < 4.9


def test_five_answers_of_one_customer_are_not_five_people():
    answers = [5] * 20 + [1] * 20
    apart = estimate("csat", moments.from_values(answers, cluster=range(40)), FIVE)
    ids = np.repeat(np.arange(8), 5)
    together = estimate("csat", moments.from_values(answers, cluster=ids), FIVE)
    assert apart.n_effective == 40 and apart.method == "wilson"
    assert together.n == 40 and together.n_effective < 10
    assert together.high - together.low > 1.5 * (apart.high - apart.low)
    assert [note.code for note in together.warnings] == ["few_customers"]


def test_a_single_customer_leaves_everything_open():
    found = estimate("csat", moments.from_values([5, 5, 1, 5], cluster=[7, 7, 7, 7]), FIVE)
    assert found.high - found.low > 60
    mean = estimate("csat_mean", moments.from_values([5, 5, 1, 5], cluster=[7] * 4), FIVE)
    assert mean.high - mean.low > 3


def test_unequal_weights_cost_effective_answers():
    x, w = [5, 1] * 30, [1.0, 3.0] * 30
    found = estimate("csat", moments.from_values(x, w), FIVE)
    assert found.value == pytest.approx(25) and found.n == 60
    assert found.n_effective == pytest.approx(120**2 / (30 + 270))
    same = estimate("csat", moments.from_values(x, [7.0] * 60), FIVE)
    plain = estimate("csat", moments.from_values(x), FIVE)
    assert (same.low, same.high) == pytest.approx((plain.low, plain.high))


def test_a_quantity_without_a_scale():
    hours = moments.from_values([1.5, 2.25, 8.0, 0.0])
    found = mean_of(hours)
    assert found.value == pytest.approx(2.9375) and found.low < found.value < found.high
    assert mean_of(moments.from_values([3.0, 3.0])).low is None


def test_the_distribution_lists_answers_nobody_gave():
    shares = distribution(moments.from_values([1, 5, 5, 4]), FIVE)
    assert [one.value for one in shares] == [1, 2, 3, 4, 5]
    assert [one.count for one in shares] == [1, 0, 0, 1, 2]
    assert math.isclose(sum(one.share.value for one in shares), 100)
    assert distribution(moments.from_values([1]), Scale(5, 1))[0].value == 5


def test_the_median():
    assert median(moments.from_values([1, 2, 3, 4])) == 2.5
    assert median(moments.from_values([1, 2, 5])) == 2
    assert median(moments.empty()) is None


def test_response_and_completion_rates():
    found = rates.response_rate_counts(30, 120)
    assert found.value == 25 and found.n == 120 and found.low < 25 < found.high
    assert rates.completion_rate_counts(0, 0).value is None
    assert rates.completion_rate_counts(0, 10).value == 0
    with pytest.raises(ValueError):
        rates.share_counts(3, 2)


def test_every_code_has_its_sentence():
    for code in (
        "no_answers",
        "off_scale",
        "few_customers",
        "uneven_weights",
        "metric_unknown",
        "drawn_to_whole",
    ):
        assert code in SENTENCES
