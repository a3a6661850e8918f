"""Ten aspects of cars and the polarity of posts about them (CCF BDCI 2018)."""

from __future__ import annotations

from typing import Any

import numpy as np

from manyi.text import corpora
from training.emotion import macro
from training.linear import calibrate, fit, matrix, save

SIZE = 25_000
# Subject of the data → code in the taxonomy's automotive pack.
CODES = {
    "动力": "car.power",
    "价格": "price.level",
    "油耗": "car.consumption",
    "操控": "car.handling",
    "舒适性": "car.comfort",
    "配置": "car.equipment",
    "安全性": "car.safety",
    "内饰": "car.interior",
    "外观": "product.look",
    "空间": "car.space",
}


def main() -> None:
    """Write cars.npz and cars_polarity.npz."""
    train, dev = corpora.cars("train"), corpora.cars("dev")
    table, held = matrix([t for t, _ in train]), matrix([t for t, _ in dev])
    truth = np.array([[int(name in said) for name in CODES] for _, said in train])
    aspects = fit(table, truth, size=SIZE, c=8.0, least=2)
    aspects.bias += 0.4  # a post names at least one: miss fewer
    save("cars", aspects, list(CODES.values()))
    pairs = [(i, v) for i, (_, said) in enumerate(train) for v in said.values()]
    which = np.array([i for i, _ in pairs])
    value = np.array([v for _, v in pairs])
    three = np.stack([value == k for k in (-1, 0, 1)], axis=1).astype(np.int64)
    polarity = fit(table[which], three, size=SIZE, c=4.0, least=2)
    polarity.bias += np.array([0.3, 0.0, 0.3])  # neutral is two thirds of the posts
    scores = polarity.scores(held)
    pairs = [(i, v) for i, (_, said) in enumerate(dev) for v in said.values()]
    rows, truth_dev = np.array([i for i, _ in pairs]), np.array([v for _, v in pairs]) + 1
    polarity.temperature = calibrate(scores[rows], truth_dev)
    save("cars_polarity", polarity, ["negative", "neutral", "positive"])
    _report(aspects.scores(held), scores, dev, rows, truth_dev)


def _report(aspects, scores, dev, rows, truth) -> None:  # type: ignore[no-untyped-def]
    names, said = list(CODES), scores.argmax(axis=1)
    guess = {(i, names[k], said[i] - 1) for i, k in zip(*np.nonzero(aspects > 0), strict=True)}
    gold = {(i, name, v) for i, (_, every) in enumerate(dev) for name, v in every.items()}
    alone = [{(i, name) for i, name, _ in s} for s in (guess, gold)]
    print("cars aspects F1", _f1(*alone), "joint F1", _f1(guess, gold))
    print("cars polarity acc", (said[rows] == truth).mean(), "mF1", macro(said[rows], truth))


def _f1(guess: set[Any], gold: set[Any]) -> float:
    return round(2 * len(guess & gold) / max(1, len(guess) + len(gold)), 4)


if __name__ == "__main__":
    main()
