"""Tables of many units: still nothing given away, and few systems of equations solved for it."""

import numpy as np
import pytest

from manyi.stats import hiding
from manyi.stats.disclosure import Status, guard, guard_sums

UNITS, REGIONS, THEMES = 300, 30, 30


def shops(rng):
    """Counts by shop of a tree of regions and areas, with every subtree and a twin of each."""
    size = rng.gamma(1, 6, UNITS)
    leaves = {("shop", at): int(n) for at, n in enumerate(rng.poisson(size))}
    sums = [(("twin", *key), (key,)) for key in leaves]
    for level, width in (("region", UNITS // REGIONS), ("area", UNITS // 5), ("all", UNITS)):
        each = np.array_split(np.arange(UNITS), UNITS // width)
        sums += [((level, i), tuple(("shop", int(at)) for at in own)) for i, own in enumerate(each)]
    counts = dict(leaves)
    for total, parts in sums:
        counts[total] = sum(leaves[part] for part in parts)
    return counts, sums


def given_away(counts, sums, hidden):
    """The hidden cells that all sums together fix, by the singular vectors of all of them."""
    cells = sorted(hidden, key=repr)
    place = {cell: at for at, cell in enumerate(cells)}
    matrix = np.zeros((len(sums), len(cells)))
    for at, (total, parts) in enumerate(sums):
        for part in parts:
            if part in place and counts[part]:
                matrix[at, place[part]] = 1
        if total in place:
            matrix[at, place[total]] = -1
    _, sizes, right = np.linalg.svd(matrix)
    free = right[int((sizes > 1e-9).sum()) :]
    return [cell for at, cell in enumerate(cells) if np.abs(free[:, at]).max(initial=0) < 1e-9]


@pytest.fixture
def solved(monkeypatch):
    """The number of equations of each system that was solved."""
    found = []
    plain = hiding.determined

    def counted(equations):
        found.append(len(equations))
        return plain(equations)

    monkeypatch.setattr(hiding, "determined", counted)
    return found


def test_no_unit_of_a_large_tree_is_given_away_by_its_subtrees():
    for seed in range(6):
        counts, sums = shops(np.random.default_rng(seed))
        found = guard_sums(counts, sums, 5)
        hidden = {key for key, status in found.items() if status is Status.SUPPRESSED}
        assert all(key in hidden for key, n in counts.items() if 0 < n < 5)
        assert given_away(counts, sums, hidden) == []


def test_a_tree_for_each_theme_takes_no_solution(solved):
    rng = np.random.default_rng(8)
    for _ in range(THEMES):
        guard_sums(*shops(rng), 5)
    assert solved == []


def test_a_table_of_units_and_themes_takes_few_solutions(solved):
    rng = np.random.default_rng(9)
    table = {}
    for unit in range(UNITS):
        for theme, n in enumerate(rng.poisson(rng.gamma(1, 8), THEMES).tolist()):
            for key in ((unit, theme), (unit, None), (None, theme), (None, None)):
                table[key] = table.get(key, 0) + n
    found = guard(table, 5)
    assert all(found[key] is Status.SUPPRESSED for key, n in table.items() if 0 < n < 5)
    assert len(solved) <= 10


def test_a_table_of_enough_people_takes_none(solved):
    table = {(at,): 20 for at in range(UNITS)} | {(None,): 20 * UNITS}
    assert set(guard(table, 5).values()) == {Status.OK}
    assert sum(solved) == 0
