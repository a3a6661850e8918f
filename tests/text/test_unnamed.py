"""Themes nobody named: the arithmetic against another hand, and silence where nothing changed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from manyi.text import gathering, meaning, naming, rising, unnamed
from manyi.text.rising import Counts, rises

NOTHING = np.zeros((0, meaning.DIMENSIONS), np.float32)
VOICES = np.full(9, 200)


def counts(*rows: list[int]) -> Counts:
    return Counts.of([np.array(row) for row in rows], VOICES)


def test_one_rate_is_compared_exactly() -> None:
    (found,) = rises(counts([5] * 8 + [14]))
    wanted = stats.binomtest(14, 54, 1 / 9, alternative="greater")
    assert found.p == pytest.approx(wanted.pvalue)
    assert (found.now, found.before) == (14, 40)
    assert found.ratio == pytest.approx(14 / 40 * 8)
    ends = stats.binomtest(14, 54, 1 / 9).proportion_ci(method="exact")
    assert found.low == pytest.approx(ends.low / (1 - ends.low) * 8)
    assert found.high == pytest.approx(ends.high / (1 - ends.high) * 8)


def test_what_was_never_said_before_has_no_ratio() -> None:
    (found,) = rises(counts([0] * 8 + [12]))
    assert found.ratio is None and found.high is None
    assert found.p == pytest.approx((1 / 9) ** 12) and found.low > 1
    (gone,) = rises(counts([4] * 8 + [0]))
    assert gone.p == 1 and gone.ratio == 0 and gone.low == 0


def test_p_is_adjusted_over_all_that_were_looked_at() -> None:
    p = np.array([0.001, 0.2, 0.03, 0.9, 0.03, 0.0004])
    assert rising.adjusted(p) == pytest.approx(stats.false_discovery_control(p))
    alone = rises(counts([5] * 8 + [14]))[0].p
    many = rises(counts([5] * 8 + [14]), counts(*[[5] * 9] * 19))[0].p
    assert many == pytest.approx(20 * alone)
    assert rises(counts(), counts()) == []


def test_counts_that_vary_anyway_prove_less() -> None:
    rng = np.random.default_rng(3)
    calm = [rng.poisson(8, 9).tolist() for _ in range(60)]
    wild = [rng.negative_binomial(2, 0.2, 9).tolist() for _ in range(60)]
    assert rising.dispersion(counts(*calm)) < 1.4 < 3 < rising.dispersion(counts(*wild))
    said = [8] * 8 + [22]
    assert rises(counts(said, *calm))[0].p < 0.05 < rises(counts(said, *wild))[0].p


def test_nothing_rises_where_nothing_changed() -> None:
    """Of 200 looks at 150 candidates that stand still, at most about one in twenty speaks."""
    rng = np.random.default_rng(20_261_122)
    spoke = 0
    for _ in range(200):
        rates = rng.gamma(1.0, 6.0, 150) + 0.5
        table = rng.poisson(rates[:, None], (150, 9))
        spoke += any(one.p < unnamed.FALSE for one in rises(counts(*table.tolist())))
    assert spoke <= 20


def test_what_rises_is_found() -> None:
    rng = np.random.default_rng(7)
    table = rng.poisson(6.0, (150, 9))
    table[0, -1] = 24
    found = rises(counts(*table.tolist()))
    assert [k for k, one in enumerate(found) if one.p < unnamed.FALSE] == [0]


SAID = [
    ("孩子想学{}", ["钢琴", "画画", "游泳", "书法", "围棋"]),
    ("老家{}的亲戚来了", ["湖南", "四川", "山东", "河北", "江西"]),
    ("my {} loves the playground", ["daughter", "son", "nephew", "boy", "girl"]),
]


def clauses(n: int = 240) -> gathering.Clauses:
    texts = [SAID[k % 3][0].format(SAID[k % 3][1][k // 3 % 5]) for k in range(n)]
    return gathering.all_clauses(texts)


def heard(said: gathering.Clauses, n: int = 240) -> unnamed.Heard:
    return unnamed.Heard(np.arange(n), np.arange(n) // 3 % 9, np.bincount(np.arange(n) // 3 % 9))


def find(said: gathering.Clauses, before: np.ndarray = NOTHING) -> list[unnamed.Found]:
    return unnamed.find(said, heard(said), before=before, rng=np.random.default_rng(1))


def test_each_theme_speaks_of_one_thing_and_the_same_look_finds_the_same() -> None:
    said = clauses()
    found = find(said)
    kinds = [{int(said.text[k]) % 3 for k in one.members} for one in found]
    assert all(len(kind) == 1 for kind in kinds)
    assert set().union(*kinds) == {0, 1, 2}
    again = find(said)
    assert [one.name for one in again] == [one.name for one in found]
    assert all((a.members == b.members).all() for a, b in zip(found, again, strict=True))
    assert not any(one.rise.p < unnamed.FALSE for one in found)


def test_a_later_look_continues_an_earlier_one() -> None:
    said = clauses()
    centres = np.array([one.centre for one in find(said)])
    later = find(said, before=centres)
    continued = unnamed.matched(centres, np.array([one.centre for one in later]))
    assert sorted(k for k in continued if k is not None) == list(range(len(centres)))
    assert unnamed.matched(NOTHING, centres) == [None] * len(centres)
    turned = -centres
    assert unnamed.matched(turned, centres[:1]) == [None]


def test_a_clause_that_names_an_aspect_is_not_loose() -> None:
    texts = ["服务员态度很差，孩子想学钢琴", "味道不错"]
    loose = gathering.loose_clauses(texts, "restaurant")
    assert [texts[t][a:b] for t, a, b in zip(loose.text, loose.start, loose.end, strict=True)] == [
        "孩子想学钢琴"
    ]
    assert len(gathering.all_clauses(texts)) == 3
    assert len(gathering.loose_clauses([])) == len(gathering.loose_clauses(["", "！！"])) == 0


def test_a_name_needs_people_not_clauses() -> None:
    words = ("电梯又停了",) * 6 + ("邻居养鸡",) * 6
    index = naming.Index.of(words)
    one = np.arange(6)
    by_many, by_one = np.arange(12), np.zeros(12, int)
    assert naming.names([one], index, words, by_many, least=5) != [()]
    assert naming.names([one], index, words, by_one, least=5) == [()]


def test_latin_phrases_are_whole_words() -> None:
    index = naming.Index.of(["the price", "a replaced car", "car", "scar"])
    assert index.places("car").tolist() == [1, 2]
    assert naming.stands_out(8, 10, 1, 90) == pytest.approx(
        2 * (8 * np.log(8 / 0.9) + np.log(1 / 8.1))
    )
    assert naming.stands_out(1, 10, 30, 90) == 0
