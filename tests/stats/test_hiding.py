"""Nested sums are judged without solving them: as all sums together would be."""

from hypothesis import given, settings
from hypothesis import strategies as st

from manyi.stats.hiding import Hiding

PEOPLE = st.lists(st.integers(0, 14), min_size=1, max_size=24)


@st.composite
def trees(draw):
    """Counts by unit, each under an earlier one or under none, with every subtree's total."""
    people = draw(PEOPLE)
    above = [draw(st.integers(-1, at - 1)) for at in range(len(people))]
    counts = {("unit", at): n for at, n in enumerate(people)}
    parts = {("all",): tuple(counts)}
    for at in range(len(people)):
        top = at
        while top >= 0:
            parts[("tree", top)] = (*parts.get(("tree", top), ()), ("unit", at))
            top = above[top]
    sums = list(parts.items())
    more = {total: sum(counts[one] for one in own) for total, own in sums}
    rest = draw(st.sampled_from([0, 0, 0, 2, 9]))
    return {**counts, **more, ("all",): more["all",] + rest}, sums


@settings(max_examples=300, deadline=None)
@given(trees(), st.sampled_from([2, 5, 10]), st.data())
def test_nested_sums_hide_what_solving_all_of_them_would(tree, minimum_n, data):
    counts, sums = tree
    also = data.draw(st.lists(st.sampled_from(sorted(counts)), max_size=3))
    quick, solved = (Hiding(counts, sums, minimum_n) for _ in range(2))
    assert quick.nested is not None
    solved.nested = None
    assert quick.hidden(also) == solved.hidden(also)


def test_sums_across_each_other_are_not_nested():
    counts = {"a": 6, "b": 7, "c": 8, "ab": 13, "bc": 15}
    assert Hiding(counts, [("ab", ("a", "b")), ("bc", ("b", "c"))], 5).nested is None
    assert Hiding(counts, [("ab", ("a", "b"))], 5).nested is not None


def test_a_total_that_is_a_part_is_not_nested():
    counts = {"a": 6, "b": 7, "c": 8, "ab": 13, "abc": 21}
    assert Hiding(counts, [("ab", ("a", "b")), ("abc", ("ab", "c"))], 5).nested is None
