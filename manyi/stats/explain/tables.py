"""A labelled outcome between groups: who answers what, and whether it depends on the group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy  # its large parts are loaded when they are first asked for

from manyi.stats.explain import words
from manyi.stats.explain.rows import Rows
from manyi.stats.explain.shapes import Explained, Variable
from manyi.stats.means import chi_square_test
from manyi.stats.moments import FloatArray, IntArray
from manyi.stats.noncentral import cramers_v
from manyi.stats.result import Note, Test
from manyi.stats.survey.models import independence_rows

_TABLES = 4999


@dataclass(frozen=True, eq=False)
class Crossed:
    """Both labels as codes, and what the codes are."""

    outcome: Variable
    by: Variable
    answer: IntArray
    group: IntArray
    answers: list[Any]
    groups: list[Any]
    rows: Rows
    level: float

    def table(self, weights: FloatArray) -> FloatArray:
        """Return Σweights by group (rows) and answer (columns)."""
        shape = (len(self.groups), len(self.answers))
        flat = self.group * shape[1] + self.answer
        size = shape[0] * shape[1]
        sums = np.bincount(flat, weights=weights, minlength=size)
        return np.asarray(sums, np.float64).reshape(shape)


def crossed(pair: Crossed) -> Explained:
    """Return what the groups have to do with the labels of the outcome."""
    weighed = pair.table(pair.rows.weights)
    test, notes = _test(pair)
    real = test.p is not None and test.p < 1 - pair.level
    shares = 100 * weighed / weighed.sum(axis=1, keepdims=True)
    return Explained(
        pair.outcome.name,
        pair.by.name,
        "labels",
        _sentence(pair, weighed, test, real=real),
        real,
        "cramers_v",
        test.effect,
        test,
        pair.rows.n,
        pair.rows.missing,
        pair.level,
        table=tuple(tuple(float(x) for x in row) for row in shares),
        answers=tuple(pair.outcome.label(value) for value in pair.answers),
        strength=words.strength(test.effect.value or 0.0, "w") if real else None,
        checks=notes,
    )


def _test(pair: Crossed) -> tuple[Test, tuple[Note, ...]]:
    counts = pair.table(np.ones(pair.rows.n))
    df = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    smaller, n = min(counts.shape), pair.rows.n
    if not pair.rows.plain:
        found = independence_rows(pair.group, pair.answer, pair.rows.design)
        inflation = max(found.chi_square / max(found.f * found.chi_df, 1e-12), 1e-12)
        fewer = chi_square_test(found.chi_square / inflation, float(df))
        effect = cramers_v(fewer, n=n, n_effective=n / inflation, smaller=smaller, level=pair.level)
        notes = (Note("explain_by_customers"),)
        return Test(found.f, found.p, found.df[0], effect, "rao_scott", n), notes
    chi, expected = _pearson(counts)
    tested = chi_square_test(chi, float(df))
    effect = cramers_v(tested, n=n, n_effective=float(n), smaller=smaller, level=pair.level)
    p, method = tested.p, "chi_square"
    rare: tuple[Note, ...] = ()
    if (expected < 5).mean() > 0.2 or expected.min() < 1:
        p, method = _exact(counts, chi)
        rare = (Note("explain_rare_cells"),)
    return Test(chi, p, float(df), effect, method, n), rare


def _pearson(counts: FloatArray) -> tuple[float, FloatArray]:
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    return float(((counts - expected) ** 2 / expected).sum()), np.asarray(expected)


def _exact(counts: FloatArray, chi: float) -> tuple[float, str]:
    whole = counts.astype(np.int64)
    if whole.shape == (2, 2):
        return float(scipy.stats.fisher_exact(whole).pvalue), "fisher"
    # A seed of its own: the same table always gives the same p.
    rng = np.random.default_rng(20260101)
    drawn = scipy.stats.random_table(whole.sum(axis=1), whole.sum(axis=0)).rvs(
        _TABLES, random_state=rng
    )
    _, expected = _pearson(counts)
    as_rare = ((drawn - expected) ** 2 / expected).sum(axis=(1, 2)) >= chi - 1e-9
    return float(as_rare.sum() + 1) / (_TABLES + 1), "monte_carlo"


def _sentence(pair: Crossed, weighed: FloatArray, test: Test, *, real: bool) -> Note:
    expected = np.outer(weighed.sum(axis=1), weighed.sum(axis=0)) / weighed.sum()
    row, column = np.unravel_index(
        np.argmax((weighed - expected) / np.sqrt(expected)), weighed.shape
    )
    whole = weighed.sum(axis=0) / weighed.sum()
    params = {
        "outcome": pair.outcome.name,
        "by": pair.by.name,
        "group": pair.by.label(pair.groups[row]),
        "answer": pair.outcome.label(pair.answers[column]),
        "share": words.number(100 * float(weighed[row, column] / weighed[row].sum())),
        "whole": words.number(100 * float(whole[column])),
        "size": words.number(test.effect.value),
        "n": pair.rows.n,
        "chance": words.chance(test.p),
        **words.ends(test.effect),
    }
    return Note("explain_labels_depend" if real else "explain_labels_alike", params)
