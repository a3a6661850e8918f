import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manyi.kit.scale import NPS_SCALE, Scale
from manyi.stats import compare, composite, moments, pooling
from manyi.stats.funnels import funnel_plot
from manyi.stats.metrics import estimate
from manyi.stats.scoring import METRICS

answers = st.lists(st.integers(0, 10), min_size=1, max_size=40)
rows = st.lists(
    st.tuples(st.integers(0, 10), st.floats(0.1, 5), st.integers(0, 12)), min_size=2, max_size=40
)
codes = [
    code
    for code, metric in METRICS.items()
    if metric.form != "distribution" and metric.kind != "ces"
]


def of(rows):
    x, w, c = zip(*rows, strict=True)
    return moments.from_values(x, w, c)


def ends(found):
    return [found.value, found.low, found.high, found.n_effective]


@given(rows, st.data())
def test_parts_merge_to_the_whole(rows, data):
    cut = data.draw(st.integers(0, len(rows)))
    parts = moments.merge_all([of(part) for part in (rows[:cut], rows[cut:]) if part])
    whole = of(rows)
    for name in ("values", "n", "w", "w2", "by_group"):
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), rtol=1e-9)


@given(rows, st.data())
def test_a_part_taken_out_leaves_the_rest(rows, data):
    cut = data.draw(st.integers(1, len(rows) - 1))
    rest = moments.without(of(rows), of(rows[:cut]))
    for name in ("values", "n", "w", "w2"):
        np.testing.assert_allclose(
            getattr(rest, name), getattr(of(rows[cut:]), name), rtol=1e-7, atol=1e-9
        )


@given(answers)
def test_nps_stays_in_its_range(xs):
    found = estimate("nps", moments.from_values(xs), NPS_SCALE)
    assert -100 <= found.low <= found.value <= found.high <= 100


@given(rows)
def test_every_metric_stays_in_its_bounds_and_holds_its_value(rows):
    for code in codes:
        found = estimate(code, of(rows), NPS_SCALE)
        low, high = METRICS[code].bounds(NPS_SCALE)
        assert low - 1e-9 <= found.low <= found.value + 1e-9
        assert found.value - 1e-9 <= found.high <= high + 1e-9
        assert 0 < found.n_effective <= found.n + 1e-9


@given(
    st.lists(st.tuples(st.integers(0, 10), st.integers(0, 9)), min_size=1, max_size=30),
    st.randoms(),
)
def test_the_order_of_answers_does_not_matter(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    for code in ("csat", "csat_mean", "nps"):
        one, two = (
            estimate(
                code, moments.from_values([r[0] for r in rs], cluster=[r[1] for r in rs]), NPS_SCALE
            )
            for rs in (rows, shuffled)
        )
        assert ends(one) == pytest.approx(ends(two))


@given(answers)
def test_nps_is_promoters_less_detractors(xs):
    values = {
        c: estimate(c, moments.from_values(xs), NPS_SCALE).value
        for c in ("nps", "promoters", "passives", "detractors")
    }
    assert values["nps"] == pytest.approx(values["promoters"] - values["detractors"])
    assert values["promoters"] + values["passives"] + values["detractors"] == pytest.approx(100)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=40))
def test_direction_of_the_scale_does_not_matter(xs):
    up, down = moments.from_values(xs), moments.from_values([6 - x for x in xs])
    for code in ("csat", "csat_index", "bottom_box"):
        assert ends(estimate(code, up, Scale(1, 5))) == pytest.approx(
            ends(estimate(code, down, Scale(5, 1)))
        )


@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=40),
    st.lists(st.integers(1, 5), min_size=1, max_size=40),
)
def test_a_difference_turns_its_sign_with_its_sides(a, b):
    scale = Scale(1, 5)
    one, two = moments.from_values(a), moments.from_values(b)
    for code in ("csat", "csat_mean"):
        there = compare.difference(one, two, code, scale)
        back = compare.difference(two, one, code, scale)
        assert (there.value, there.low, there.high) == pytest.approx(
            (-back.value, -back.high, -back.low)
        )


@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=30),
    st.lists(st.integers(1, 5), min_size=1, max_size=30),
)
def test_a_test_and_its_interval_never_contradict(a, b):
    for code in ("csat", "csat_mean"):
        found = compare.change_test(
            moments.from_values(a), moments.from_values(b), code, Scale(1, 5)
        )
        if abs(found.p - 0.05) > 1e-6:
            assert compare.is_change(found.effect) == (found.p < 0.05)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_never_lowers_a_p(ps):
    adjusted = compare.holm(ps)
    assert all(p <= a <= 1 for p, a in zip(ps, adjusted, strict=True))
    order = np.argsort(ps, kind="stable")
    assert all(np.diff(np.array(adjusted)[order]) >= -1e-12)


people = st.lists(
    st.tuples(st.integers(0, 10), st.sampled_from([0.5, 1.0, 2.0]), st.integers(0, 6)),
    min_size=0,
    max_size=15,
)


def known(rows):
    return of(rows) if rows else moments.empty()


def sound(found):
    if found.value is None:
        assert found.low is None and found.warnings
    else:
        assert np.isfinite([found.value, found.low, found.high]).all()
        assert found.low - 1e-9 <= found.value <= found.high + 1e-9


@given(people, people, st.sampled_from([None, 0, 3]))
def test_any_two_groups_can_be_compared(a, b, shared):
    for code in codes:
        found = compare.difference(known(a), known(b), code, NPS_SCALE, n_shared=shared)
        sound(found)


@given(st.lists(people, min_size=1, max_size=5))
def test_any_units_can_be_pooled(units):
    named = {at: known(rows) for at, rows in enumerate(units)}
    for code in ("csat", "nps", "index"):
        for found in pooling.shrunken(named, code, NPS_SCALE).values():
            sound(found)
        for test in pooling.from_rest(named, code, NPS_SCALE).values():
            assert test.p is None or 0 <= test.p <= 1
        drawn = funnel_plot(named, code, NPS_SCALE)
        for key in drawn.points if drawn else ():
            low, high = drawn.limits(drawn.points[key].n_effective, 0.998)
            assert low <= drawn.centre + 1e-9 and drawn.centre - 1e-9 <= high


@given(st.lists(people, min_size=1, max_size=4), st.booleans())
def test_any_tree_can_be_combined(leaves, told):
    parts = [known(rows) for rows in leaves]
    if not told:
        parts = [moments.Moments(m.values, m.n, m.w, m.w2) for m in parts]
    pairs = zip(itertools.cycle(["csat", "nps", "csat_mean"]), parts, strict=False)
    children = [composite.Leaf(at + 1, m, code, NPS_SCALE) for at, (code, m) in enumerate(pairs)]
    sound(composite.combine(children))
    sound(composite.combine([composite.Branch(2, children), children[0]]))
