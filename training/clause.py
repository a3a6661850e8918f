"""The polarity of clauses, three-way: triplets, aspect terms, posts about cars, templates."""

from __future__ import annotations

import numpy as np

from manyi.text import clauses, corpora, features
from manyi.text.normal import batch
from training import own, templates
from training.emotion import macro
from training.linear import calibrate, fit, matrix, save

SIZE = 80_000
# Few and ours: each counts as much as several of others.
OWN = 3.0
LABELS = ("negative", "neutral", "positive")
Row = tuple[str, int, str, float]  # clause, polarity, source, weight


def pieces(texts: list[str]) -> list[list[tuple[int, int]]]:
    """Return the places of each text's clauses."""
    found = batch(texts)
    cut = clauses.clauses(found, features.grams(found))
    result: list[list[tuple[int, int]]] = [[] for _ in texts]
    for owner, first, last in clauses.spans(found, cut):
        result[owner].append((first, last))
    return result


def of_triplets(part: str) -> list[Row]:
    """Clauses of restaurant sentences: what their opinions say, neutral where none stands."""
    found = list(corpora.triplets(part))
    rows = []
    for (text, triplets), cut in zip(found, pieces([t for t, _ in found]), strict=True):
        for first, last in cut:
            inside = {t.polarity for t in triplets if t.opinion and first <= t.opinion[0] < last}
            if len(inside) <= 1:
                # A clause without an opinion word may still complain by a plain fact.
                weight = 1.0 if inside else 0.4
                rows.append((text[first:last], inside.pop() if inside else 0, "aste", weight))
    return rows


def of_aspects(name: str, part: str) -> list[Row]:
    """The clause around each aspect term, where its terms agree."""
    found = corpora.aspects(name, part)
    labels: dict[str, set[int]] = {}
    for (text, span, value), cut in zip(found, pieces([t for t, _, _ in found]), strict=True):
        for first, last in cut:
            if first <= span[0] < last:
                labels.setdefault(text[first:last], set()).add(value)
    weight = 4.0 if name in corpora.EN_ASPECT_SETS else 1.0
    return [(t, v.pop(), name, weight) for t, v in labels.items() if len(v) == 1]


def of_cars(part: str) -> list[Row]:
    return [
        (text, next(iter(said.values())), "cars", 0.5)
        for text, said in corpora.cars(part)
        if len(said) == 1
    ]


def of_reviews(part: str) -> list[Row]:
    """Short reviews as they are; clauses of long ones weakly, by the label of the whole."""
    value = {"positive": 1, "negative": -1}
    every = corpora.polarity(part)
    short = [r for r in every if len(r.text) <= 24]
    long = [r for r in every if len(r.text) > 24]
    rows = [(r.text, value[r.label], "short", 0.7) for r in short]
    if part == "train":
        chosen = long[::4]
        for row, cut in zip(chosen, pieces([r.text for r in chosen]), strict=True):
            rows += [(row.text[a:b], value[row.label], "weak", 0.1) for a, b in cut if b - a > 5]
    return rows


def rows(part: str) -> list[Row]:
    found = of_triplets(part) + of_cars(part) + of_reviews(part)
    for name in (*corpora.ZH_ASPECT_SETS, *corpora.EN_ASPECT_SETS):
        found += of_aspects(name, part)
    if part == "train":
        sense = {"negative": -1, "neutral": 0, "positive": 1}
        found += [(r.text, sense[r.label], "template", 1.0) for r in templates.sentences()]
    return found + [(c.text, c.sense, "own", OWN) for c in own.clauses(part)]


def main() -> None:
    """Write clause.npz."""
    train, dev = rows("train"), rows("dev")
    value = np.array([r[1] for r in train])
    truth = np.stack([value == k for k in (-1, 0, 1)], axis=1).astype(np.int64)
    table = matrix([r[0] for r in train])
    fitted = fit(table, truth, size=SIZE, c=3.0, lean=0.5, weights=np.array([r[3] for r in train]))
    scores = fitted.scores(matrix([r[0] for r in dev]))
    found = np.array([r[1] for r in dev]) + 1
    gold = np.array([r[2] == "aste" for r in dev])
    fitted.temperature = calibrate(scores[gold], found[gold])
    save("clause", fitted, LABELS)
    for source in sorted({r[2] for r in dev}):
        chosen = np.array([r[2] == source for r in dev])
        said, is_so = scores[chosen].argmax(axis=1), found[chosen]
        print(f"clause {source} acc {(said == is_so).mean():.4f} mF1 {macro(said, is_so):.4f}")
    print("temperature", fitted.temperature, "train", len(train))


if __name__ == "__main__":
    main()
