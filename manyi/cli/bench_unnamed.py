"""Whether themes nobody named are found, stay what they are, and rise only when they do.

All on held-out texts. Reviews are dealt out at random over nine weeks; then nothing rises, and
whatever is said to rise is false. In other looks some posts about one aspect of cars are said in
the last week beside them: they have to come first. Every share has its interval and n.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manyi.cli.bench_text import _said, _share
from manyi.text import corpora, meaning, unnamed
from manyi.text.gathering import Clauses, all_clauses, loose_clauses
from manyi.text.unnamed import FALSE, Found, Heard

WEEKS = 9
A_WEEK = 250
LOOKS = 40
PLANTED = (12, 16, 24)
_RNG = 20_261_122
_NOTHING = np.zeros((0, meaning.DIMENSIONS), np.float32)
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class _Pool:
    """Clauses of many texts; `of` are the places of each text's clauses."""

    said: Clauses
    of: list[Ints]

    @staticmethod
    def of_texts(texts: Sequence[str]) -> _Pool:
        said = loose_clauses(texts, "ecommerce")
        ends = np.searchsorted(said.text, np.arange(len(texts) + 1))
        return _Pool(said, [np.arange(a, b) for a, b in pairwise(ends)])

    def some(self, texts: Ints) -> Clauses:
        """Return the clauses of these texts, numbered in this order."""
        places = np.concatenate([self.of[k] for k in texts])
        text = np.repeat(np.arange(len(texts)), [len(self.of[k]) for k in texts])
        s = self.said
        words = tuple(s.words[k] for k in places)
        columns = s.start[places], s.end[places], s.sense[places]
        return Clauses(text, *columns, words, s.vector[places])


def run(**options: Any) -> dict[str, Any]:
    """Return how often what rises is found, and what else is said to rise."""
    if not (corpora.folder() / "waimai_train.csv.gz").exists():
        return {"skipped": "no development data: SHARED_DIR"}
    looks = options.get("records") or LOOKS
    reviews = [r.text for r in corpora.polarity("dev") if not r.source.startswith("chn")]
    cars = corpora.cars("dev")
    pool = _Pool.of_texts([*reviews, *(text for text, _ in cars)])
    found: dict[str, Any] = {"looks": looks, "reviews": f"{len(reviews):,}"}
    for name, shares in _rising(pool, len(reviews), cars, looks):
        found[name] = _said(_share(shares), len(shares), None)
    for name, shares in _staying(pool, len(reviews)):
        found[name] = _said(_share(shares), len(shares), None)
    return found | _pure()


def _rising(
    pool: _Pool, reviews: int, cars: Sequence[tuple[str, Any]], looks: int
) -> Iterator[tuple[str, NDArray[Any]]]:
    rng = np.random.default_rng(_RNG)
    silent = [not _risen(_look(pool, rng, reviews, np.zeros(0, int))[1]) for _ in range(looks)]
    yield "silent where nothing changed", np.array(silent)
    about: dict[str, list[int]] = {}
    for k, (_, said) in enumerate(cars):
        for subject in said:
            about.setdefault(subject, []).append(reviews + k)
    for size in PLANTED:
        told = [
            _told(pool, rng, reviews, np.array(about[subject]), size)
            for subject in (sorted(about) * looks)[:looks]
        ]
        yield f"{size} planted voices come first", np.array([first for first, _ in told])
        yield f"{size} planted, false among what rose", np.array([false for _, false in told])


def _look(
    pool: _Pool, rng: np.random.Generator, reviews: int, planted: Ints
) -> tuple[Clauses, list[Found], Heard]:
    """Return clauses and themes of nine weeks, what is planted in the last one."""
    texts = np.concatenate([rng.permutation(reviews)[: WEEKS * A_WEEK], planted]).astype(int)
    week = np.repeat([*range(WEEKS), WEEKS - 1], [*([A_WEEK] * WEEKS), len(planted)])
    said = pool.some(texts)
    heard = Heard(np.arange(len(texts)), week, np.bincount(week, minlength=WEEKS))
    found = unnamed.find(said, heard, before=_NOTHING, rng=np.random.default_rng(1))
    return said, found, heard


def _risen(found: Sequence[Found]) -> list[Found]:
    return [one for one in found if one.rise.p < FALSE]


def _told(
    pool: _Pool, rng: np.random.Generator, reviews: int, about: Ints, size: int
) -> tuple[bool, float]:
    """Return whether the planted come first, and the share of what rose that is none of them."""
    planted = rng.permutation(about)[:size]
    said, found, heard = _look(pool, rng, reviews, planted)
    true = [_is_planted(said, one, heard) for one in _risen(found)]
    return bool(true and true[0]), float(np.mean([not one for one in true])) if true else 0.0


def _is_planted(said: Clauses, one: Found, heard: Heard) -> bool:
    text = np.unique(said.text[one.members])
    now = text[heard.period[text] == WEEKS - 1]
    return bool((now >= WEEKS * A_WEEK).mean() >= 0.5)


def _staying(pool: _Pool, reviews: int) -> Iterator[tuple[str, NDArray[Any]]]:
    """Look at weeks 1 to 9, then at 2 to 10 starting from what was found."""
    rng = np.random.default_rng(_RNG)
    texts = rng.permutation(reviews)[: (WEEKS + 1) * A_WEEK]
    first, second = texts[: WEEKS * A_WEEK], texts[A_WEEK:]
    week = np.repeat(np.arange(WEEKS), A_WEEK)
    heard = Heard(np.arange(len(week)), week, np.bincount(week))
    one, two = pool.some(first), pool.some(second)
    before = unnamed.find(one, heard, before=_NOTHING, rng=np.random.default_rng(1))
    centres = np.array([theme.centre for theme in before])
    after = unnamed.find(two, heard, before=centres, rng=np.random.default_rng(2))
    continued = unnamed.matched(centres, np.array([theme.centre for theme in after]))
    old = {_place(one, first, k): n for n, theme in enumerate(before) for k in theme.members}
    new = {
        _place(two, second, k): number
        for theme, number in zip(after, continued, strict=True)
        for k in theme.members
    }
    yield "themes that go on next week", np.isin(np.arange(len(before)), _numbers(continued))
    both = sorted(old.keys() & new.keys())
    yield "clauses that keep their theme", np.array([old[key] == new[key] for key in both])


def _numbers(continued: Sequence[int | None]) -> list[int]:
    return [number for number in continued if number is not None]


def _place(said: Clauses, texts: Ints, k: int) -> tuple[int, int]:
    return int(texts[said.text[k]]), int(said.start[k])


def _pure() -> dict[str, str]:
    """Compare themes of all clauses of posts about one aspect with the aspect itself."""
    posts = [(text, next(iter(said))) for text, said in corpora.cars("dev") if len(said) == 1]
    said = all_clauses([text for text, _ in posts], "automotive")
    week = np.arange(len(posts)) % WEEKS
    heard = Heard(np.arange(len(posts)), week, np.bincount(week))
    found = unnamed.find(said, heard, before=_NOTHING, rng=np.random.default_rng(1))
    pairs = [(n, posts[t][1]) for n, one in enumerate(found) for t in said.text[one.members]]
    theme = np.array([n for n, _ in pairs])
    label = np.unique([aspect for _, aspect in pairs], return_inverse=True)[1]
    often = np.array([Counter(label[theme == n]).most_common(1)[0][0] for n in range(len(found))])
    return {
        "clauses of a theme's main aspect": _said(_share(label == often[theme]), len(label), None),
        "clauses of the most usual aspect": _said(
            _share(label == Counter(label).most_common(1)[0][0]), len(label), None
        ),
        "mutual information with aspects": f"{mutual(theme, label):.3f}  themes {len(found)}",
    }


def mutual(one: Ints, other: Ints) -> float:
    """Return the mutual information of two labellings over the mean of their entropies."""
    table = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(table, (one, other), 1)
    both = table / table.sum()
    rows, columns = both.sum(axis=1), both.sum(axis=0)
    known = both > 0
    shared = (both[known] * np.log(both[known] / np.outer(rows, columns)[known])).sum()
    return float(2 * shared / (_entropy(rows) + _entropy(columns)))


def _entropy(shares: NDArray[np.float64]) -> float:
    known = shares[shares > 0]
    return float(-(known * np.log(known)).sum())
