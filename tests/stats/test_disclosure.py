import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from manyi.kit.scale import Scale
from manyi.stats import moments
from manyi.stats.disclosure import Status, guard, guard_sums, guard_tree, judge, release
from manyi.stats.metrics import estimate

FIVE = Scale(1, 5)


def with_margins(cells, dimensions):
    table = {}
    for cell, n in cells.items():
        for hidden in itertools.product([False, True], repeat=dimensions):
            key = tuple(None if h else v for h, v in zip(hidden, cell, strict=True))
            table[key] = table.get(key, 0) + n
    return table


def lines(table):
    """Every published sum: a margin and the cells that differ in one place only."""
    for margin in table:
        for place, value in enumerate(margin):
            parts = [
                cell
                for cell in table
                if cell[place] is not None
                and cell[:place] == margin[:place]
                and cell[place + 1 :] == margin[place + 1 :]
            ]
            if value is None and parts:
                yield margin, parts


def recoverable(table, hidden):
    """The hidden cells that all published sums together determine."""
    if not hidden:
        return []
    cells = sorted(hidden, key=repr)
    rows = []
    for margin, parts in lines(table):
        row = [float(c in parts) - float(c == margin) for c in cells]
        rows.append(row)
    matrix = np.array(rows, float).reshape(-1, len(cells))
    rank = np.linalg.matrix_rank(matrix)
    found = []
    for at in range(len(cells)):
        unit = np.zeros(len(cells))
        unit[at] = 1
        if np.linalg.matrix_rank(np.vstack([matrix, unit])) == rank:
            found.append(cells[at])
    return found


two_way = st.lists(st.integers(0, 14), min_size=12, max_size=12).map(
    lambda ns: {(i, j): ns[4 * i + j] for i in range(3) for j in range(4)}
)
three_way = st.lists(st.integers(0, 14), min_size=12, max_size=12).map(
    lambda ns: {
        (i, j, k): ns[6 * i + 2 * j + k] for i in range(2) for j in range(3) for k in range(2)
    }
)


def check(cells, dimensions):
    table = with_margins(cells, dimensions)
    statuses = guard(table, 5)
    hidden = {cell for cell, status in statuses.items() if status is Status.SUPPRESSED}
    assert all(cell in hidden for cell, n in table.items() if 0 < n < 5)
    assert recoverable(table, hidden) == []
    for margin, parts in lines(table):
        inside = [cell for cell in parts if cell in hidden]
        if margin not in hidden and inside:
            assert len(inside) >= 2
            assert sum(table[cell] for cell in inside) >= 5


@settings(max_examples=60, deadline=None)
@given(two_way)
def test_nothing_small_can_be_worked_out_of_two_ways(cells):
    check(cells, 2)


@settings(max_examples=40, deadline=None)
@given(three_way)
def test_nothing_small_can_be_worked_out_of_three_ways(cells):
    check(cells, 3)


def test_a_small_group_takes_the_next_smallest_with_it():
    statuses = guard({("a",): 3, ("b",): 9, ("c",): 40, (None,): 52}, 5)
    assert [cell for cell, s in statuses.items() if s is Status.SUPPRESSED] == [("a",), ("b",)]


def test_without_a_total_nothing_else_is_hidden():
    statuses = guard({("a",): 3, ("b",): 9, ("c",): 40}, 5)
    assert [cell for cell, s in statuses.items() if s is Status.SUPPRESSED] == [("a",)]


def test_a_table_of_enough_people_is_shown_whole():
    table = with_margins({(i, j): 20 for i in range(3) for j in range(3)}, 2)
    assert set(guard(table, 5).values()) == {Status.OK}


def test_a_tree_hides_the_sibling_of_a_small_unit():
    counts = {"all": 60, "north": 30, "south": 30, "n1": 3, "n2": 12, "n3": 15, "s1": 30}
    parents = {
        "north": "all",
        "south": "all",
        "n1": "north",
        "n2": "north",
        "n3": "north",
        "s1": "south",
    }
    statuses = guard_tree(counts, parents, 5)
    assert {k for k, s in statuses.items() if s is Status.SUPPRESSED} == {"n1", "n2"}


def test_people_of_the_parent_itself_are_not_given_away():
    counts = {"all": 43, "north": 20, "south": 21}
    statuses = guard_tree(counts, {"north": "all", "south": "all"}, 5)
    assert statuses["north"] is Status.SUPPRESSED


def test_a_large_table_is_guarded_quickly():
    rng = np.random.default_rng(3)
    table = with_margins(
        {(i, j): int(rng.integers(0, 25)) for i in range(200) for j in range(12)}, 2
    )
    statuses = guard(table, 5)
    assert all(statuses[cell] is Status.SUPPRESSED for cell, n in table.items() if 0 < n < 5)


def test_two_thresholds():
    def of(n):
        return estimate("csat", moments.from_counts([5], [n]), FIVE)

    assert judge(of(9)) is Status.TOO_FEW
    assert judge(of(10)) is Status.OK
    assert judge(of(4), privacy_n=5) is Status.SUPPRESSED
    assert judge(of(5), privacy_n=5) is Status.TOO_FEW
    assert judge(of(12), privacy_n=5, people=3) is Status.SUPPRESSED
    assert judge(estimate("csat", moments.empty(), FIVE)) is Status.TOO_FEW


def test_a_table_of_estimates_is_released_through_one_door():
    counts = {("a",): 3, ("b",): 9, ("c",): 40, (None,): 52}
    table = {
        c: estimate("csat", moments.from_counts([1, 5], [1, n - 1]), FIVE)
        for c, n in counts.items()
    }
    open_table = release(table)
    assert [open_table[c] for c in counts] == ["too_few", "too_few", "ok", "ok"]
    anonymous = release(table, privacy_n=5)
    assert [anonymous[c] for c in counts] == ["suppressed", "suppressed", "ok", "ok"]


def test_what_sums_further_away_tell_is_hidden_too():
    ns = [0, 0, 7, 0, 2, 0, 3, 0, 2, 4, 0, 0]
    check({(i, j): ns[4 * i + j] for i in range(3) for j in range(4)}, 2)


def test_no_more_is_hidden_in_a_tree_than_must_be():
    own = {"N": (151, 71, 249, 124), "E": (70, 228, 269, 147), "S": (119, 231, 259, 1)}
    leaves = {f"{region}{at}": n for region, ns in own.items() for at, n in enumerate(ns)}
    counts = leaves | {region: sum(ns) for region, ns in own.items()}
    counts["all"] = sum(leaves.values())
    sums = [("all", tuple(leaves)), *((r, tuple(f"{r}{at}" for at in range(4))) for r in own)]
    statuses = guard_sums(counts, sums, 5)
    assert {key for key, s in statuses.items() if s is Status.SUPPRESSED} == {"S0", "S3"}


@st.composite
def trees(draw):
    regions = draw(st.lists(st.lists(st.integers(0, 14), min_size=1, max_size=5), max_size=4))
    leaves = {(r, at): n for r, ns in enumerate(regions) for at, n in enumerate(ns)}
    counts = {**leaves, **{r: sum(ns) for r, ns in enumerate(regions)}, "all": sum(leaves.values())}
    sums = [(r, tuple((r, at) for at in range(len(ns)))) for r, ns in enumerate(regions)]
    return counts, [*sums, ("all", tuple(leaves)), ("all", tuple(range(len(regions))))]


@settings(max_examples=60, deadline=None)
@given(trees())
def test_no_hidden_number_of_a_tree_is_fixed_by_the_shown_ones(tree):
    counts, sums = tree
    statuses = guard_sums(counts, sums, 5)
    hidden = sorted((k for k, s in statuses.items() if s is Status.SUPPRESSED), key=repr)
    assert all(key in hidden for key, n in counts.items() if 0 < n < 5)
    for key in hidden:
        low, high = reach(counts, sums, hidden, key)
        assert high - low >= 1, (counts, hidden, key)


@settings(max_examples=40, deadline=None)
@given(two_way)
def test_no_hidden_number_of_a_table_is_fixed_by_the_shown_ones(cells):
    table = with_margins(cells, 2)
    statuses = guard(table, 5)
    hidden = sorted((k for k, s in statuses.items() if s is Status.SUPPRESSED), key=repr)
    for key in hidden:
        low, high = reach(table, list(lines(table)), hidden, key)
        assert high - low >= 1, (table, hidden, key)


def reach(counts, sums, hidden, key):
    """The least and the greatest number of people that `key` may have, for all that is shown."""
    rows, shown = [], []
    for total, parts in sums:
        rows.append([float(cell in parts) - float(cell == total) for cell in hidden])
        known = 0 if total in hidden else counts[total]
        shown.append(known - sum(counts[part] for part in parts if part not in hidden))
    wanted = np.array([float(cell == key) for cell in hidden])
    found = [
        linprog(sign * wanted, A_eq=np.array(rows), b_eq=shown, bounds=(0, None))
        for sign in (1, -1)
    ]
    ends = [one.fun if one.status == 0 else -np.inf for one in found]
    return ends[0], -ends[1]
