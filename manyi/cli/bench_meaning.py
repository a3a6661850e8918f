"""How well and how fast texts are found by meaning.

Quality: each held-out text asks for the ten likest others; how many of them speak of the same
(the same goods, the same gold aspect, or the same gold term, which is taken out of both
beforehand). Beside it stands what the same words alone would find. The interval is a
bootstrap over the texts that ask. Speed: a million vectors, one question at a time.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from manyi.cli.bench_text import _said, _share
from manyi.text import corpora, meaning
from manyi.text.normal import batch
from manyi.themes.similar import WORDS

RECORDS = 1_000_000
QUESTIONS = 20
MOST = 10
PROMISED_MS = 200
_RNG = 20_261_122
_ASKING = 1_500
_LEAST = 8
Labels = Sequence[set[Any]]
Set = tuple[str, list[str], list[set[Any]]]
Likeness = Callable[[int], NDArray[np.float32]]
# English questions for what Chinese texts are labelled with.
CARS = {
    **{"动力": "engine power", "价格": "price", "油耗": "fuel consumption", "内饰": "interior"},
    **{"操控": "handling steering", "舒适性": "comfort", "配置": "equipment configuration"},
    **{"安全性": "safety brakes", "外观": "appearance", "空间": "space"},
}
GOODS = {
    **{"书籍": "books to read", "平板": "tablet", "手机": "smartphone", "水果": "fresh fruit"},
    **{"洗发水": "shampoo for hair", "热水器": "water heater", "蒙牛": "milk", "衣服": "clothes"},
    **{"计算机": "laptop computer", "酒店": "hotel room"},
}


def run(**options: Any) -> dict[str, Any]:
    """Return the model, its speed, and each figure by meaning and by words alone."""
    found: dict[str, Any] = {"model": meaning.version(), **_speed(options.get("records"))}
    if not (corpora.folder() / "waimai_train.csv.gz").exists():
        return found
    for name, texts, labels in _sets():
        for how, likeness in _ways(texts).items():
            found[f"{name}, {how}"] = _precision(likeness, labels)
    found["English questions, Chinese texts"] = _across()
    return found


def _speed(records: int | None) -> dict[str, Any]:
    size = records or RECORDS
    rng = np.random.default_rng(_RNG)
    rows = rng.integers(-48, 48, (size, meaning.DIMENSIONS), dtype=np.int8)
    said = [f"前台让我们等了{n}个小时才办好入住，态度也不好" for n in range(8_000)]
    meaning.vectors(said[:10])
    begun = time.process_time()
    meaning.vectors(said)
    spent = time.process_time() - begun
    walls, cpus = zip(*(_asked(rows, text) for text in said[:QUESTIONS]), strict=True)
    return {
        "texts_per_core_second": f"{len(said) / spent:,.0f}",
        "records": f"{size:,}",
        "question_ms": f"{statistics.median(walls):.0f}  slowest {max(walls):.0f}"
        f"  cpu {statistics.median(cpus):.0f}  goal {PROMISED_MS}",
    }


def _asked(rows: NDArray[np.int8], text: str) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    found = meaning.likeness(meaning.vector(text), rows)
    np.argpartition(-found, 400)[:400]
    return 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)


def _sets() -> Iterator[Set]:
    rng = np.random.default_rng(_RNG)
    goods = [r for r in corpora.polarity("dev") if r.source.startswith("shopping")]
    goods = [goods[i] for i in rng.permutation(len(goods))[:_ASKING]]
    yield "same goods", [r.text for r in goods], [{r.source} for r in goods]
    cars = corpora.cars("dev")
    yield "same aspect of a car", [t for t, _ in cars], [set(said) for _, said in cars]
    yield _without_term("same English term, taken out", corpora.EN_ASPECT_SETS)
    yield _without_term("same Chinese term, taken out", corpora.ZH_ASPECT_SETS[:-1])


def _without_term(name: str, sources: Sequence[str]) -> Set:
    rows = [
        (f"{text[:a]} {text[b:]}", (source, text[a:b].lower()))
        for source in sources
        for text, (a, b), _ in corpora.aspects(source, "dev")
    ]
    often = {label for label, n in Counter(label for _, label in rows).items() if n >= _LEAST}
    kept = [(text, label) for text, label in rows if label in often]
    return name, [text for text, _ in kept], [{label} for _, label in kept]


def _ways(texts: Sequence[str]) -> dict[str, Likeness]:
    vectors = meaning.vectors(texts)
    words = _words(texts)

    def by_meaning(i: int) -> NDArray[np.float32]:
        return meaning.likeness(vectors[i].astype(np.float32), vectors)

    def by_words(i: int) -> NDArray[np.float32]:
        return np.asarray((words @ words[[i]].T).todense(), np.float32).ravel()

    return {
        "words alone": by_words,
        "meaning alone": by_meaning,
        "both": lambda i: by_meaning(i) + np.float32(WORDS) * by_words(i),
    }


def _words(texts: Sequence[str]) -> Any:
    """Return texts by words (Han pairs, Latin words) as TF-IDF rows of length 1."""
    unit = meaning.units(batch(texts))
    chosen = (unit.size == 0) | (unit.size == 2)
    hashes, column = np.unique(unit.hashes[chosen], return_inverse=True)
    ones = np.ones(len(column))
    shape = (len(texts), len(hashes))
    table = sparse.csr_array((ones, (unit.owner[chosen], column)), shape=shape)
    table.data = 1 + np.log(table.data)
    rarity = np.log((1 + len(texts)) / (1 + np.bincount(table.indices, minlength=len(hashes))))
    table = table @ sparse.diags_array(rarity)
    size = np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel())
    return (sparse.diags_array(1 / np.maximum(size, 1e-9)) @ table).tocsr()


def _precision(likeness: Likeness, labels: Labels) -> str:
    shares = np.array([_hits(likeness(i), labels, i) for i in range(len(labels))])
    return _said(_share(shares), len(shares), None)


def _hits(found: NDArray[np.float32], labels: Labels, asking: int) -> float:
    found[asking] = -np.inf
    top = np.argsort(-found, kind="stable")[:MOST]
    return float(np.mean([bool(labels[asking] & labels[k]) for k in top]))


def _across() -> str:
    cars = corpora.cars("dev")
    goods = [r for r in corpora.polarity("dev") if r.source.startswith("shopping")]
    shares = [
        *_asked_in_english(CARS, [t for t, _ in cars], [set(said) for _, said in cars]),
        *_asked_in_english(GOODS, [r.text for r in goods], [{r.source[9:]} for r in goods]),
    ]
    return _said(_share(np.array(shares)), len(shares), None)


def _asked_in_english(
    questions: dict[str, str], texts: Sequence[str], labels: Labels
) -> Iterator[float]:
    vectors = meaning.vectors(texts)
    there = set().union(*labels)
    for label, question in questions.items():
        if label in there:
            found = meaning.likeness(meaning.vector(question), vectors)
            top = np.argsort(-found, kind="stable")[:MOST]
            yield float(np.mean([label in labels[k] for k in top]))
