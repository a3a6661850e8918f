"""How well polarity is read in trades that it was not learnt from: each category of goods that
no other set speaks of is left out once. The figures go into the manifest; no weights are kept."""

from __future__ import annotations

import numpy as np

from training.artefact import describe
from training.linear import fit, matrix
from training.polarity import FITTED, WEIGHTS, rows, truth

DRAWS = 1_000
# Goods whose reviews stand in other sets too.
ELSEWHERE = {"书籍", "计算机", "酒店"}


def main() -> None:
    """Write the accuracy of each category, and of all, with 95 % intervals (bootstrap)."""
    found = rows("train")
    table, y = matrix([r.text for r in found]), truth(found)
    source = np.array([r.source for r in found])
    weights = np.array([WEIGHTS.get(s, 1.0) for s in source])
    kept = {s for s in source.tolist() if s.startswith("shopping/")}
    names = sorted(s for s in kept if s.split("/")[1] not in ELSEWHERE)
    right: dict[str, np.ndarray] = {}
    for name in names:
        mine = source == name
        fitted = fit(table[~mine], y[~mine], weights=weights[~mine], **FITTED)  # type: ignore[arg-type]
        right[name] = (fitted.scores(table[mine])[:, 0] > 0) == y[mine][:, 0]
        print(name, right[name].mean(), flush=True)
    figures = {f"polarity unseen {k.split('/')[1]} accuracy": _said(v) for k, v in right.items()}
    every = np.concatenate(list(right.values()))
    figures["polarity unseen trades accuracy"] = _said(every)
    describe("fast", figures=figures)


def _said(right: np.ndarray) -> str:
    rng = np.random.default_rng(20_261_122)
    means = rng.binomial(len(right), right.mean(), DRAWS) / len(right)
    low, high = np.quantile(means, [0.025, 0.975])
    return f"{right.mean():.3f}  {low:.3f}–{high:.3f}  n {len(right):,}"


if __name__ == "__main__":
    main()
