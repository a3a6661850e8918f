"""How well and how fast texts are understood, on texts that nothing was learnt from.

Every figure has its 95 % interval (bootstrap over texts, 1,000 draws) and n. Without the
development data (SHARED_DIR) only speed and made-up texts are measured.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from manyi.cli import bench_text_more as more
from manyi.cli.bench_text_figures import DRAWS, RNG, Row, f1, macro
from manyi.cli.bench_text_figures import share as _share
from manyi.cli.bench_text_figures import worded as _said
from manyi.text import (
    about,
    accurate,
    analyse,
    corpora,
    mask_all,
    store,
    synthetic,
    taxonomy,
    terms,
)
from manyi.text.cars import cars
from manyi.text.findings import EMOTIONS, POLARITIES
from manyi.text.personal import find_all

_SIXTY = (
    "酒店位置不错，离地铁很近，服务员态度也很好，就是房间有点小，隔音比"
    "较差，早上听到外面的声音很大，睡不好觉，希望改进一下"
)


# What the accurate tier must reach; the goals beside the rows are those of the fast one.
_ACCURATE = {
    **{"polarity chnsenticorp accuracy": 0.92, "polarity chnsenticorp_val accuracy": 0.92},
    **{"polarity hotel accuracy": 0.915, "polarity waimai accuracy": 0.905},
    **{"polarity shopping accuracy": 0.955, "emotion usual macro F1": 0.70},
    **{"cars aspect and polarity F1": 0.66, "terms aspect F1": 0.72, "terms triplet F1": 0.50},
    **{"aspect polarity restaurant14 macro F1": 0.74, "aspect polarity laptop14 macro F1": 0.70},
    **{"news name overlap recall": 0.96, "news address overlap recall": 0.92},
    **{"own clauses aspect F1": 0.80, "own clauses polarity": 0.92},
}


def run(**options: Any) -> dict[str, Any]:
    """Return the version of the model, the speed, and each figure beside its goal; of the
    accurate tier also how far it is from the fast one on the same texts."""
    fast = list(_rows(store.TIER_A))
    found: dict[str, Any] = {"model": store.version(), **_speed(options.get("records"))}
    found |= {name: _said(figure, n, goal) for name, figure, n, goal in fast}
    found |= {name: _said(figure, n, goal) for name, figure, n, goal in more.once()}
    if accurate.chosen(store.TIER_B) == store.TIER_B:
        found |= {"accurate model": store.version(store.TIER_B), **_accurate_speed()}
        both = zip(fast, _rows(store.TIER_B), strict=True)
        found |= {f"accurate {a[0]}": _compared(b, a) for a, b in both}
    return found | more.beside()


def _compared(row: Row, fast: Row) -> str:
    """The figure of a row, and the interval of what it is above that of the fast tier."""
    name, figure, n, _ = row
    told = _said(figure, n, _ACCURATE.get(name))
    if n != fast[2]:
        return told
    rng = np.random.default_rng(RNG)
    drawn = [rng.integers(0, n, n) for _ in range(DRAWS if n <= 6_000 else 200)]
    low, high = np.quantile([figure(d) - fast[1](d) for d in drawn], [0.025, 0.975])
    return f"{told}  above fast {low:+.3f} to {high:+.3f}"


def _accurate_speed() -> dict[str, Any]:
    texts = [f"{_SIXTY[:56]}{i:04}" for i in range(400)]
    analyse(texts[:20], tier=store.TIER_B)
    begun = time.process_time()
    analyse(texts, tier=store.TIER_B)
    ended = time.process_time()
    size_of_files = sum(p.stat().st_size for p in (store.MODELS / store.TIER_B).iterdir())
    return {
        "accurate_texts_per_core_second": f"{len(texts) / (ended - begun):,.0f}  goal 150",
        "accurate_model_megabytes": f"{size_of_files / 1e6:.1f}  goal 35",
    }


def _rows(tier: str) -> Iterator[Row]:
    yield from _made_up(tier)
    yield from _own_clauses(tier)
    if not (corpora.folder() / "waimai_train.csv.gz").exists():
        return
    yield from _polarity(tier)
    yield from _emotion(tier)
    yield from _cars(tier)
    yield from _aspect_polarity(tier)
    yield from _triplets(tier)
    yield from _entities(tier)
    yield from more.rows(tier)


def _speed(records: int | None) -> dict[str, Any]:
    size = records or 8_000
    texts = [f"{_SIXTY[:56]}{i:04}" for i in range(size)]
    analyse(texts[:100], tier=store.TIER_A)
    mask_all(texts[:100], tier=store.TIER_A)
    begun = time.process_time()
    analyse(texts, tier=store.TIER_A)
    middle = time.process_time()
    mask_all(texts[: size // 4], tier=store.TIER_A)
    ended = time.process_time()
    size_of_files = sum(p.stat().st_size for p in (store.MODELS / store.TIER_A).iterdir())
    return {
        "analyse_texts_per_core_second": f"{size / (middle - begun):,.0f}  goal 8,000",
        "mask_texts_per_core_second": f"{size / 4 / (ended - middle):,.0f}",
        "model_megabytes": f"{size_of_files / 1e6:.2f}  goal 4",
    }


def _polarity(tier: str) -> Iterator[Row]:
    rows = corpora.polarity("dev")
    found = analyse([r.text for r in rows], tier=tier)
    right = np.array(
        [(a.score > 0) == (r.label == "positive") for a, r in zip(found, rows, strict=True)]
    )
    source = np.array([r.source.split("/")[0] for r in rows])
    goals = {"chnsenticorp": 0.89, "chnsenticorp_val": 0.89, "hotel": 0.89, "waimai": 0.89}
    for name, goal in {**goals, "shopping": 0.94}.items():
        chosen = right[source == name]
        yield f"polarity {name} accuracy", _share(chosen), len(chosen), goal


def _emotion(tier: str) -> Iterator[Row]:
    rows = corpora.emotion("dev")
    said = [
        EMOTIONS.index(a.emotion or "neutral") for a in analyse([r.text for r in rows], tier=tier)
    ]
    truth = [EMOTIONS.index(r.label) for r in rows]
    for name, goal in (("usual", 0.62), ("virus", None)):
        chosen = [i for i, r in enumerate(rows) if r.source == name]
        figure = macro(np.array(said)[chosen], np.array(truth)[chosen])
        yield f"emotion {name} macro F1", figure, len(chosen), goal


# What the data calls the aspects of the automotive trade.
_CARS = {
    **{"动力": "car.power", "价格": "price.level", "油耗": "car.consumption"},
    **{"操控": "car.handling", "舒适性": "car.comfort", "配置": "car.equipment"},
    **{"安全性": "car.safety", "内饰": "car.interior", "外观": "product.look"},
    **{"空间": "car.space"},
}


def _cars(tier: str) -> Iterator[Row]:
    rows = corpora.cars("dev")
    guessed = [set(found.items()) for found in cars([t for t, _ in rows], tier=tier)]
    true = [{(_CARS[k], POLARITIES[v + 1]) for k, v in said.items()} for _, said in rows]
    yield "cars aspect and polarity F1", f1(guessed, true), len(rows), 0.62
    aspects = [[{k for k, _ in s} for s in side] for side in (guessed, true)]
    yield "cars aspect F1", f1(*aspects), len(rows), None


def _aspect_polarity(tier: str) -> Iterator[Row]:
    goals = {"restaurant14": 0.64, "laptop14": 0.62}
    for name in (*corpora.EN_ASPECT_SETS, *corpora.ZH_ASPECT_SETS):
        rows = corpora.aspects(name, "dev")
        said = about([t for t, _, _ in rows], [[span] for _, span, _ in rows], tier=tier)
        guess = np.array([POLARITIES.index(polarity) for [(polarity, _)] in said])
        figure = macro(guess, np.array([v + 1 for _, _, v in rows]))
        yield f"aspect polarity {name} macro F1", figure, len(rows), goals.get(name)


def _triplets(tier: str) -> Iterator[Row]:
    rows = list(corpora.triplets("dev"))
    found = terms([t for t, _ in rows], tier=tier)
    aspects = [{t.aspect for t in said if t.aspect} for _, said in rows]
    yield "terms aspect F1", f1([set(f.aspects) for f in found], aspects), len(rows), 0.62
    guessed = [{(t.aspect, t.opinion, t.polarity) for t in f.opinions} for f in found]
    true = [{(t.aspect, t.opinion, POLARITIES[t.polarity + 1]) for t in said} for _, said in rows]
    yield "terms triplet F1", f1(guessed, true), len(rows), 0.32


def _entities(tier: str) -> Iterator[Row]:
    rows = corpora.entities("dev")
    found = find_all([t for t, _ in rows], tier=tier)
    for kind, goal in (("name", 0.93), ("address", 0.88)):
        hits = [
            any(f.start < end and start < f.end for f in spans)
            for (_, said), spans in zip(rows, found, strict=True)
            for start, end, k in said
            if k == kind
        ]
        sure = [
            any(s < f.end and f.start < e and k == kind for s, e, k in said)
            for (_, said), spans in zip(rows, found, strict=True)
            for f in spans
            if f.kind == kind
        ]
        yield f"news {kind} overlap recall", _share(hits), len(hits), goal
        yield f"news {kind} precision", _share(sure), len(sure), 0.6


def _made_up(tier: str) -> Iterator[Row]:
    rows = synthetic.sentences("dev", 1_120)
    found = find_all([t for t, _ in rows], tier=tier)
    marks: dict[bool, list[bool]] = {True: [], False: []}
    for (_, said), spans in zip(rows, found, strict=True):
        for start, end, kind in said:
            hit = any(f.start < end and start < f.end for f in spans)
            marks[kind in ("name", "address")].append(hit)
    yield "made-up numbers recall", _share(marks[False]), len(marks[False]), 0.995
    yield "made-up names and addresses recall", _share(marks[True]), len(marks[True]), 0.985
    clean = [not spans for spans in find_all(synthetic.NEGATIVES, tier=tier)]
    yield "sentences about nobody left alone", _share(clean), len(clean), 0.95


def _own_clauses(tier: str) -> Iterator[Row]:
    path = Path(taxonomy.FOLDER) / "clauses.txt"
    rows = [line.split("|") for line in path.read_text("utf-8").splitlines()]
    found = [analyse([text], taxonomy=trade, tier=tier)[0].findings for trade, _, _, text in rows]
    guessed: list[set[Any]] = [{f.aspect for f in said if f.aspect} for said in found]
    yield "own clauses aspect F1", f1(guessed, [{a} for _, a, _, _ in rows]), len(rows), 0.70
    agreed = [
        p in {f.polarity for f in said} for (_, _, p, _), said in zip(rows, found, strict=True)
    ]
    yield "own clauses polarity", _share(agreed), len(rows), 0.88
