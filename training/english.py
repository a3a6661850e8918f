"""The polarity of English clauses, three-way: a head of its own for the smaller language."""

from __future__ import annotations

import numpy as np

from manyi.text import corpora
from training import own, templates
from training.clause import LABELS, Row, of_aspects
from training.emotion import macro
from training.linear import calibrate, fit, matrix, save

SIZE = 30_000
_SENSE = {"negative": -1, "neutral": 0, "positive": 1}


def rows(part: str) -> list[Row]:
    """Return clauses around aspect terms, and our own English templates to train on."""
    found = [row for name in corpora.EN_ASPECT_SETS for row in of_aspects(name, part)]
    if part == "train":
        made = [r for r in templates.sentences() if r.text.isascii()]
        found += [(r.text, _SENSE[r.label], "template", 0.5) for r in made]
    return found + [(c.text, c.sense, "own", 1.0) for c in own.clauses(part) if c.text.isascii()]


def main() -> None:
    """Write clause_en.npz."""
    train, dev = rows("train"), rows("dev")
    value = np.array([r[1] for r in train])
    truth = np.stack([value == k for k in (-1, 0, 1)], axis=1).astype(np.int64)
    weights = np.array([min(1.0, r[3]) for r in train])
    table = matrix([r[0] for r in train])
    fitted = fit(table, truth, size=SIZE, c=6.0, weights=weights, least=2, balanced=True)
    scores, found = fitted.scores(matrix([r[0] for r in dev])), np.array([r[1] for r in dev]) + 1
    fitted.temperature = calibrate(scores, found)
    save("clause_en", fitted, LABELS)
    for name in corpora.EN_ASPECT_SETS:
        chosen = np.array([r[2] == name for r in dev])
        print(f"english {name} mF1 {macro(scores[chosen].argmax(axis=1), found[chosen]):.4f}")


if __name__ == "__main__":
    main()
