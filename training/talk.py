"""How satisfied customers are in each turn of a talk with an assistant (USS: SGD, MultiWOZ)."""

from __future__ import annotations

import gzip
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from manyi.text import talks
from manyi.text.corpora import folder
from training.artefact import describe, provenance, write
from training.linear import Fitted, calibrate, fit, matrix, save

FILES = ("uss_SGD_train.txt.gz", "uss_MWOZ_train.txt.gz")
LABELS = ("low", "middle", "high")
SIZE, FOLDS, DRAWS = 6_000, 5, 500


@dataclass(frozen=True)
class Turn:
    """A customer's turn, what the assistant had said, and the ratings of both kinds."""

    talk: str
    text: str
    before: str
    rating: float


@dataclass(frozen=True)
class Talk:
    name: str
    turns: tuple[Turn, ...]
    rating: float


def read(name: str) -> Iterator[Talk]:
    with gzip.open(folder() / name, "rt", encoding="utf-8") as file:
        for number, block in enumerate(file.read().split("\n\n")):
            found = _talk(f"{name}:{number}", block)
            if found is not None:
                yield found


def _talk(name: str, block: str) -> Talk | None:
    turns, before, whole = [], "", None
    for line in block.splitlines():
        role, text, _, ratings = [*line.split("\t"), "", "", "", ""][:4]
        if role == "SYSTEM":
            before = text
        elif text == "OVERALL":
            whole = _rating(ratings)
        elif role == "USER" and ratings.strip():
            turns.append(Turn(name, text, before, _rating(ratings)))
    return Talk(name, tuple(turns), whole) if turns and whole is not None else None


def _rating(cell: str) -> float:
    """The most frequent rating; of several the one nearest to the mean."""
    given = [int(x) for x in cell.strip().split(",")]
    counts = Counter(given)
    top = [r for r, n in counts.items() if n == max(counts.values())]
    return min(top, key=lambda r: abs(r - np.mean(given)))


def _class(rating: float) -> int:
    return 0 if rating < 3 else 1 if rating == 3 else 2


def _fold(name: str) -> int:
    return hashlib.sha256(name.encode()).digest()[0] % FOLDS


def kappa(said: np.ndarray, truth: np.ndarray) -> float:
    observed = float((said == truth).mean())
    by_chance = sum((said == k).mean() * (truth == k).mean() for k in range(3))
    return (observed - float(by_chance)) / (1 - float(by_chance))


def heads_of(turns: list[Turn]) -> tuple[Fitted, Fitted]:
    """Return the heads of the customer's words and of what was said before them."""
    y = np.array([_class(t.rating) for t in turns])
    labels = np.stack([y == k for k in range(3)], axis=1).astype(int)
    both = ([t.text for t in turns], [t.before for t in turns])
    words, before = (
        fit(matrix(texts), labels, size=SIZE, c=0.3, balanced=True, least=2) for texts in both
    )
    return words, before


def scores(fitted: tuple[Fitted, Fitted], turns: list[Turn]) -> np.ndarray:
    found = fitted[0].scores(matrix([t.text for t in turns]))
    found = found + talks.BEFORE * fitted[1].scores(matrix([t.before for t in turns]))
    found[:, 1] += talks.MIDDLE
    return found


def ending(courses: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return weights of the end: features, then the intercept."""
    model = LogisticRegression(C=1.0, max_iter=500)
    model.fit(courses, y)
    return np.vstack([model.coef_.T, model.intercept_])


def moods(found: np.ndarray, temperature: float) -> np.ndarray:
    grown = np.exp(found / temperature)
    chances = grown / grown.sum(axis=1, keepdims=True)
    return chances[:, 2] - chances[:, 0]


def _courses(all_talks: list[Talk], turns: list[Turn], mood: np.ndarray) -> np.ndarray:
    of: dict[str, list[float]] = {}
    for turn, value in zip(turns, mood, strict=True):
        of.setdefault(turn.talk, []).append(float(value))
    return np.array([talks.course_of(of[t.name]) for t in all_talks])


def main() -> None:
    """Write turn.npz, before.npz, ending.npz with figures of five-fold cross-validation."""
    all_talks = [talk for name in FILES for talk in read(name)]
    turns = [turn for talk in all_talks for turn in talk.turns]
    fold = np.array([_fold(t.talk) for t in turns])
    found = np.zeros((len(turns), 3))
    for k in range(FOLDS):
        fitted = heads_of([t for t, f in zip(turns, fold, strict=True) if f != k])
        found[fold == k] = scores(fitted, [t for t, f in zip(turns, fold, strict=True) if f == k])
    y = np.array([_class(t.rating) for t in turns])
    temperature = calibrate(found, y)
    figures = _turn_figures(found, y, turns)
    courses = _courses(all_talks, turns, moods(found, temperature))
    figures |= _end_figures(all_talks, courses)
    _save(heads_of(turns), temperature, courses, all_talks)
    describe(
        "talk",
        version="1.0.0",
        task="satisfaction of a customer by turn and at the end of a talk",
        features="hashed n-grams, manyi/text/features.py, 22 bits",
        data_sha256=provenance(*FILES),
        licences={
            "SGD": "CC BY-SA 4.0",
            "MultiWOZ": "MIT",
            "ratings (USS)": "none stated, research",
        },
        held_out="five folds by the hash of the talk's number",
        figures=figures,
        note="Only derived weights are shipped, none of the texts.",
        minimum_runtime="numpy 2.0, scipy 1.11",
    )
    print(figures)


def _turn_figures(found: np.ndarray, y: np.ndarray, turns: list[Turn]) -> dict[str, Any]:
    said = found.argmax(axis=1)
    figures: dict[str, Any] = {"turns": len(y), "kappa": round(kappa(said, y), 3)}
    for name in ("SGD", "MWOZ"):
        mine = np.flatnonzero([name in t.talk for t in turns])
        drawn = _drawn([turns[i].talk for i in mine])
        kappas = [kappa(said[mine[d]], y[mine[d]]) for d in drawn]
        low, high = np.quantile(kappas, [0.025, 0.975]).round(3).tolist()
        figures[f"kappa_{name}"] = round(kappa(said[mine], y[mine]), 3)
        figures |= {f"kappa_{name}_interval": [low, high], f"turns_{name}": len(mine)}
    return figures


def _drawn(talks_of: list[str]) -> Iterator[np.ndarray]:
    """Yield turns of talks drawn with replacement: turns of one talk stay together."""
    names, owner = np.unique(np.array(talks_of), return_inverse=True)
    rows = [np.flatnonzero(owner == k) for k in range(len(names))]
    rng = np.random.default_rng(20_261_122)
    for _ in range(DRAWS):
        yield np.concatenate([rows[k] for k in rng.integers(0, len(names), len(names))])


def _end_figures(all_talks: list[Talk], courses: np.ndarray) -> dict[str, float]:
    y = np.array([_class(t.rating) for t in all_talks])
    fold = np.array([_fold(t.name) for t in all_talks])
    chances = np.zeros((len(y), 3))
    for k in range(FOLDS):
        weight = ending(courses[fold != k], y[fold != k])
        chances[fold == k] = talks.Ending(weight)(courses[fold == k])
    plain = np.array([(y == k).mean() for k in range(3)])
    truth = np.eye(3)[y]
    return {
        "talks": len(y),
        "end_auc_satisfied": round(auc(chances[:, 2], y == 2), 3),
        "end_auc_dissatisfied": round(auc(-chances[:, 0], y != 0), 3),
        "end_brier": round(float(((chances - truth) ** 2).sum(axis=1).mean()), 4),
        "end_brier_of_shares_alone": round(float(((plain - truth) ** 2).sum(axis=1).mean()), 4),
        "end_calibration_error": round(calibration_error(chances[:, 2], y == 2), 4),
    }


def auc(score: np.ndarray, truth: np.ndarray) -> float:
    order = np.argsort(score, kind="stable")
    rank = np.empty(len(score))
    rank[order] = np.arange(1, len(score) + 1)
    yes = int(truth.sum())
    return float((rank[truth].sum() - yes * (yes + 1) / 2) / (yes * (len(truth) - yes)))


def calibration_error(chance: np.ndarray, truth: np.ndarray) -> float:
    """Return the mean gap of chance and share over ten groups of equal size."""
    parts = np.array_split(np.argsort(chance, kind="stable"), 10)
    return float(np.mean([abs(chance[p].mean() - truth[p].mean()) for p in parts]))


def _save(
    fitted: tuple[Fitted, Fitted], temperature: float, courses: np.ndarray, all_talks: list[Talk]
) -> None:
    for name, head in zip(("turn", "before"), fitted, strict=True):
        head.temperature = temperature
        save(name, head, LABELS, artefact="talk")
    y = np.array([_class(t.rating) for t in all_talks])
    write("talk", "ending.npz", weight=ending(courses, y).astype(np.float32))


if __name__ == "__main__":
    main()
