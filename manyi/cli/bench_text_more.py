"""Rows of the text bench that need no tier, texts of no trained kind, or another tool."""

from __future__ import annotations

import importlib.util
import resource
import sys
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import combinations
from typing import Any

import numpy as np

from manyi.cli.bench_text_figures import RNG, Row, f1, macro, macro_f1, share, spearman, worded
from manyi.text import analyse, corpora, near_duplicates, store, talks
from manyi.text.findings import POLARITIES

_RESTAURANT = "restaurant"
# Posts of people, of which the model of polarity has seen none.
_GOOD, _BAD = {"happy"}, {"angry", "sad", "fear"}
_MOST_BESIDE = 400
_COPIED = 0.6


def rows(tier: str) -> Iterator[Row]:
    """Yield what both tiers are asked: kinds of text that polarity was not learnt from."""
    yield _posts(tier)
    if corpora.asap_file().exists():
        yield from _asap(tier)


def _posts(tier: str) -> Row:
    found = [r for r in corpora.emotion("dev") if r.label in _GOOD | _BAD]
    said = analyse([r.text for r in found], tier=tier)
    right = [(a.score > 0) == (r.label in _GOOD) for a, r in zip(said, found, strict=True)]
    return "polarity of posts (unseen kind) accuracy", share(right), len(right), None


def _asap(tier: str) -> Iterator[Row]:
    """Reviews with 18 aspects each (Meituan, ASAP); nothing is learnt from them."""
    found = corpora.asap()
    said = analyse([r.text for r in found], taxonomy=_RESTAURANT, tier=tier)
    wanted = set(corpora.ASAP.values())
    guessed: list[set[Any]] = [{f.aspect for f in a.findings} & wanted for a in said]
    true: list[set[Any]] = [set(r.aspects) for r in found]
    yield "ASAP aspect micro F1", f1(guessed, true), len(found), 0.80
    yield "ASAP aspect macro F1", macro_f1(guessed, true), len(found), 0.72
    pairs = [
        (_of_aspect(a, code), sense + 1)
        for a, r in zip(said, found, strict=True)
        for code, sense in r.aspects.items()
    ]
    guess, truth = (np.array(column) for column in zip(*pairs, strict=True))
    yield "ASAP polarity of gold aspects accuracy", share(guess == truth), len(pairs), 0.72
    yield "ASAP polarity of gold aspects macro F1", macro(guess, truth), len(pairs), 0.58
    scores = np.array([a.score for a in said])
    stars = np.array([r.star for r in found])
    yield "ASAP star Spearman", spearman(scores, stars), len(found), 0.55


def _of_aspect(said: Any, code: str) -> int:
    """The polarity of an aspect that is known to be spoken of; of the whole where none is found."""
    senses = [f.score for f in said.findings if f.aspect == code]
    total = float(np.sum(senses)) if senses else said.score
    return POLARITIES.index("neutral") if abs(total) < 0.12 else 2 if total > 0 else 0


def once() -> Iterator[Row]:
    """Yield what has no tiers: copies that are found, and pairs that are none."""
    yield "near duplicates recall", share(list(_copies())), 500, 0.98
    if (corpora.folder() / "waimai_train.csv.gz").exists():
        yield _strangers()


def _copies() -> Iterator[bool]:
    """Made-up texts of 40 characters, each copied with 8 % of its characters changed."""
    rng = np.random.default_rng(RNG)
    base = rng.integers(0x4E00, 0x4E00 + 2_000, (500, 40))
    edited = base.copy()
    for row in edited:
        row[rng.choice(40, 3, replace=False)] = rng.integers(0x4E00, 0x4E00 + 2_000, 3)
    texts = ["".join(map(chr, row)) for row in (*base, *edited)]
    groups = {g[0]: g for g in near_duplicates(texts)}
    return (groups.get(i) == (i, i + 500) for i in range(500))


def _strangers() -> Row:
    """Pairs taken for copies that share less than three characters in five, in a million pairs."""
    texts = [r.text for r in corpora.polarity("dev")]
    false = np.zeros(len(texts))
    for group in near_duplicates(texts):
        for i, j in combinations(group, 2):
            if SequenceMatcher(None, texts[i], texts[j], autojunk=False).ratio() < _COPIED:
                false[[i, j]] += 0.5
    scale = 2e6 / len(texts)
    name = "near duplicates false in a million pairs (goal at most 20)"
    return name, lambda drawn: float(false[drawn].mean() * scale), len(texts), None


def beside() -> dict[str, Any]:
    """Return talks as their model was judged, memory, and SnowNLP on the same texts."""
    figures = store.manifest("talk")["figures"]
    found: dict[str, Any] = {"talks model": talks.version()}
    for name, goal in (("SGD", 0.34), ("MWOZ", 0.23)):
        low, high = figures.get(f"kappa_{name}_interval", ("?", "?"))
        said = f"{figures[f'kappa_{name}']:.3f}  {low}–{high}  n {figures[f'turns_{name}']:,}"
        verdict = "met" if figures[f"kappa_{name}"] >= goal else "MISSED"
        found[f"talks {name} kappa (five folds)"] = f"{said}  goal {goal:.3f} {verdict}"
    for name, said in store.manifest().get("figures", {}).items():
        found[name] = said
    found["peak_memory_megabytes"] = f"{_peak():,.0f}  goal 400"
    return found | _snownlp()


def _peak() -> float:
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / (1e6 if sys.platform == "darwin" else 1e3)


def _snownlp() -> dict[str, Any]:
    """The same rows of polarity by the tool that many use today, where it is installed."""
    if importlib.util.find_spec("snownlp") is None:
        return {"SnowNLP": "not installed"}
    snownlp = importlib.import_module("snownlp")
    found: dict[str, Any] = {}
    rows_of: dict[str, list[bool]] = {}
    every = corpora.polarity("dev")
    for at in np.random.default_rng(RNG).permutation(len(every)).tolist():
        row = every[at]
        right = rows_of.setdefault(row.source.split("/")[0], [])
        if len(right) < _MOST_BESIDE:
            said = snownlp.SnowNLP(row.text).sentiments > 0.5
            right.append(said == (row.label == "positive"))
    for name, right in rows_of.items():
        found[f"SnowNLP polarity {name} accuracy"] = worded(share(right), len(right), None)
    return found
