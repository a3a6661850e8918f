import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from manyi.stats.determined import determined

ROW = st.dictionaries(st.integers(0, 8), st.sampled_from([1, 1, 1, -1, 2]), min_size=1, max_size=6)


def fixed(equations):
    """The same by ranks: to ask for one unknown more adds nothing."""
    matrix = np.zeros((len(equations), 9))
    for at, row in enumerate(equations):
        matrix[at, list(row)] = list(row.values())
    rank = np.linalg.matrix_rank(matrix)
    asked = sorted({at for row in equations for at in row})
    more = {at: np.vstack([matrix, np.eye(9)[at]]) for at in asked}
    return [at for at in asked if np.linalg.matrix_rank(more[at]) == rank]


@settings(max_examples=200, deadline=None)
@given(st.lists(ROW, max_size=8))
def test_an_unknown_is_fixed_where_its_rank_says_so(equations):
    assert determined(equations) == fixed(equations)


def test_the_equations_are_left_as_they_were():
    equations = [{0: 1, 1: 1}, {1: 1, 2: 1}, {0: 1, 2: 1}, {3: 1, 4: -1}]
    assert determined(equations) == [0, 1, 2]
    assert equations == [{0: 1, 1: 1}, {1: 1, 2: 1}, {0: 1, 2: 1}, {3: 1, 4: -1}]


def test_without_equations_nothing_is_fixed():
    assert determined([]) == []
