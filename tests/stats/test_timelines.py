"""Timelines of many groups against those of each."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from manyi.stats.timeline import timeline
from manyi.stats.timelines import timelines

DAY = 738_000
counts = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 800), st.integers(1, 9)), max_size=80)
ends = st.tuples(st.integers(-5, 810), st.integers(-5, 810)).map(sorted)


@given(rows=counts, wanted=st.lists(ends, min_size=1, max_size=6), least=st.integers(1, 12))
@settings(max_examples=300, deadline=None)
def test_each_group_is_told_of_as_if_it_were_alone(rows, wanted, least):
    group, day, n = np.array(rows, np.int64).reshape(-1, 3).T
    every = timelines(group, day + DAY, n, least, 6)
    asked = [(g, first + DAY, after + DAY) for g in range(6) for first, after in wanted]
    which, first, after = np.array(asked, np.int64).T
    between = every.between(which, first, after)
    keeps = every.keeps(which, first, after)
    around = every.around(which, first, after)
    for at, (g, start, end) in enumerate(asked):
        alone = timeline((day + DAY)[group == g], n[group == g], least)
        assert between[at] == alone.between(start, end)
        assert keeps[at] == alone.keeps(start, end)
        assert around[at] == alone.around(start, end)


def test_one_period_is_asked_of_all_groups():
    every = timelines([0, 1, 1], [DAY, DAY, DAY + 400], [7, 6, 8], 5, 3)
    assert every.between(np.arange(3), DAY, DAY + 1).tolist() == [7, 6, 0]
    assert every.keeps(np.arange(3), DAY, DAY + 1).tolist() == [True, True, True]
