import numpy as np
import pytest

from manyi.kit.scale import NPS_SCALE, Scale
from manyi.stats import compare, intervals, moments, pooling
from manyi.stats.compare import change_test, difference, direction, holm, is_change
from manyi.stats.composite import Branch, Leaf, combine
from manyi.stats.metrics import estimate

FIVE = Scale(1, 5)


def shares(k, n):
    return moments.from_counts([1, 5], [n - k, k])


def test_shares_are_compared_by_newcombe():
    # Newcombe (1998), Stat. Med. 17:873, table II: 56/70 against 48/80.
    found = difference(shares(56, 70), shares(48, 80), "csat", FIVE)
    assert (found.value, found.low, found.high) == pytest.approx((20, 5.24, 33.39), abs=0.01)
    assert found.method == "newcombe" and found.n == 70


def test_means_are_compared_by_welch():
    from scipy import stats

    a, b = [1, 2, 2, 5, 4, 3, 5, 5], [5, 4, 4, 5, 5, 3]
    peer = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    found = difference(moments.from_values(a), moments.from_values(b), "csat_mean", FIVE)
    assert (found.low, found.high) == pytest.approx((peer.low, peer.high))


def test_no_real_change():
    assert not is_change(difference(shares(5, 10), shares(4, 10), "csat", FIVE))
    assert direction(difference(shares(90, 100), shares(40, 100), "csat", FIVE)) == 1
    assert direction(difference(shares(40, 100), shares(90, 100), "csat", FIVE)) == -1


def test_a_side_without_answers():
    found = difference(shares(5, 10), moments.empty(), "csat", FIVE)
    assert found.value is None and not is_change(found)
    assert change_test(shares(5, 10), moments.empty(), "csat", FIVE).p is None


def test_the_same_people_asked_twice_tell_more():
    rng = np.random.default_rng(5)
    people = np.arange(300)
    before = rng.integers(1, 6, 300)
    now = np.clip(before + (rng.random(300) < 0.2), 1, 5)
    one, two = (moments.from_values(x, cluster=people) for x in (now, before))
    paired = difference(one, two, "csat_mean", FIVE, n_shared=300)
    apart = difference(one, two, "csat_mean", FIVE, n_shared=0)
    assert paired.high - paired.low < 0.5 * (apart.high - apart.low)
    assert is_change(paired) and not is_change(apart)
    shared = difference(one, two, "csat", FIVE)
    alone = difference(one, two, "csat", FIVE, n_shared=0)
    assert shared.high - shared.low < 0.7 * (alone.high - alone.low)


def test_different_scales_are_compared_as_index():
    now, before = moments.from_values([1, 5, 4, 3]), moments.from_values([1, 10, 7.75, 5.5])
    found = difference(now, before, "csat_index", FIVE, before_scale=Scale(1, 10))
    assert found.value == pytest.approx(0)


def test_small_nps_differences_stay_honest_where_all_agree():
    found = difference(
        moments.from_counts([10], [20]), moments.from_counts([0], [20]), "nps", NPS_SCALE
    )
    assert found.value == 200 and found.low < 195


def test_holm():
    assert holm([0.01, None, 0.04, 0.03]) == pytest.approx([0.03, None, 0.06, 0.06])


def test_p_of_a_newcombe_difference_is_close_to_the_score_test():
    from scipy import stats

    table = [[30, 70], [48, 52]]
    peer = stats.chi2_contingency(table, correction=False).pvalue
    found = change_test(shares(30, 100), shares(48, 100), "csat", FIVE)
    assert found.p == pytest.approx(peer, rel=0.15) and found.statistic < 0


def test_a_unit_is_compared_with_the_others_only():
    units = {"a": shares(90, 100), "b": shares(50, 100), "c": shares(52, 100)}
    found = pooling.from_rest(units, "csat", FIVE)
    assert found["a"].effect.value == pytest.approx(90 - 51)
    assert found["a"].p < 0.001
    raw = change_test(units["b"], moments.merge(units["a"], units["c"]), "csat", FIVE)
    assert found["b"].p >= raw.p


def test_small_units_are_drawn_further():
    units = {"small": shares(8, 8), **{f"u{i}": shares(50 + 3 * i, 100) for i in range(8)}}
    found = pooling.shrunken(units, "csat", FIVE)
    whole = pooling.pool_of(units, "csat", FIVE)
    assert whole is not None
    assert found["small"].value < 85
    assert abs(found["u7"].value - 71) < 5
    assert found["small"].high - found["small"].low > found["u7"].high - found["u7"].low


def test_units_that_are_alike_are_not_ranked():
    units = {i: shares(50, 100) for i in range(6)}
    found = pooling.shrunken(units, "csat", FIVE)
    assert all(one.value == pytest.approx(50) for one in found.values())
    assert all(test.p == 1 for test in pooling.from_rest(units, "csat", FIVE).values())


def test_a_unit_without_answers_has_no_value():
    found = pooling.shrunken({"a": shares(5, 10), "b": moments.empty()}, "csat", FIVE)
    assert found["b"].value is None and found["a"].value is not None


def asked(rng, n=400):
    people = np.arange(n)
    mood = rng.normal(size=n)
    return [
        moments.from_values(
            np.digitize(mood + rng.normal(size=n), [-2, -1, 0, 1]) + 1.0, cluster=people
        )
        for _ in range(3)
    ]


def test_a_composite_weighs_its_children():
    a, b = moments.from_counts([1, 5], [5, 5]), moments.from_counts([1, 5], [0, 10])
    found = combine([Leaf(1, a, "csat", FIVE), Leaf(3, b, "csat_index", FIVE)])
    assert found.value == pytest.approx(0.25 * 50 + 0.75 * 100)
    assert found.n == 10


def test_a_composite_knows_that_the_same_people_answered():
    children = asked(np.random.default_rng(8))
    whole = combine([Leaf(1, m, "csat_index", FIVE) for m in children])
    single = [estimate("csat_index", m, FIVE) for m in children]
    independent = np.sqrt(sum(e.half_width**2 for e in single)) / 3
    assert whole.method == "delta_jackknife"
    assert whole.half_width > 1.15 * independent


def test_a_composite_of_unknown_people_is_kept_wide():
    children = [moments.Moments(m.values, m.n, m.w, m.w2) for m in asked(np.random.default_rng(8))]
    whole = combine([Leaf(1, m, "csat_index", FIVE) for m in children])
    single = [estimate("csat_index", m, FIVE) for m in children]
    assert whole.half_width == pytest.approx(sum(e.half_width for e in single) / 3, rel=0.02)
    assert [n.code for n in whole.warnings] == ["composite_correlation_unknown"]


def test_a_missing_child_leaves_its_weight_to_its_siblings():
    a, b = shares(5, 10), shares(9, 10)
    tree = [
        Branch(1, [Leaf(1, a, "csat", FIVE), Leaf(1, moments.empty(), "csat", FIVE)]),
        Leaf(1, b, "csat", FIVE),
    ]
    found = combine(tree)
    assert found.value == pytest.approx(70)
    assert any(note.code == "composite_child_missing" for note in found.warnings)
    assert combine([Leaf(1, moments.empty(), "csat", FIVE)]).value is None


def test_nps_enters_a_composite_between_0_and_100():
    found = combine([Leaf(1, moments.from_counts([10, 5], [30, 10]), "nps", NPS_SCALE)])
    assert found.value == pytest.approx((50 + 100) / 2)


def test_square_and_add_without_correlation_is_newcombe():
    one, two = (0.8, *intervals.wilson(56, 70)), (0.6, *intervals.wilson(48, 80))
    assert intervals.square_and_add(one, two) == intervals.newcombe(56, 70, 48, 80)
    assert compare.direction(estimate("csat", moments.empty(), FIVE)) == 0
