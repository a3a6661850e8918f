"""Six emotions of posts (SMP2020-EWECT), everyday posts counting more than those on the virus."""

from __future__ import annotations

import numpy as np

from manyi.text import corpora
from training.linear import calibrate, fit, matrix, save

SIZE = 75_000
LABELS = ("angry", "fear", "happy", "neutral", "sad", "surprise")
WEIGHTS = {"usual": 4.0, "virus": 1.0}


def main() -> None:
    """Write emotion.npz."""
    train, dev = corpora.emotion("train"), corpora.emotion("dev")
    truth = np.array([[int(r.label == name) for name in LABELS] for r in train])
    weights = np.array([WEIGHTS[r.source] for r in train])
    table = matrix([r.text for r in train])
    fitted = fit(table, truth, size=SIZE, c=1.0, weights=weights, least=2, balanced=True)
    scores = fitted.scores(matrix([r.text for r in dev]))
    found = np.array([LABELS.index(r.label) for r in dev])
    usual = np.array([r.source == "usual" for r in dev])
    fitted.temperature = calibrate(scores[usual], found[usual])
    save("emotion", fitted, LABELS)
    for name, chosen in (("usual", usual), ("virus", ~usual)):
        said, is_so = scores[chosen].argmax(axis=1), found[chosen]
        print(f"emotion {name} acc {(said == is_so).mean():.4f} mF1 {macro(said, is_so):.4f}")


def macro(said: np.ndarray, truth: np.ndarray) -> float:
    """Return the mean F1 of the classes that occur."""
    figures = []
    for k in np.unique(truth):
        both = ((said == k) & (truth == k)).sum()
        figures.append(2 * both / max(1, (said == k).sum() + (truth == k).sum()))
    return float(np.mean(figures))


if __name__ == "__main__":
    main()
