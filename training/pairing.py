"""The heads of pairs: what an opinion is about, and whether it praises."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from manyi.text import corpora, pairing, spans
from manyi.text.crossed import Facts
from manyi.text.findings import POLARITIES
from manyi.text.normal import Batch
from training.spans import fit, gold, matrix, unseen

SIZES = {pairing.PAIRS: 25_000, pairing.SENSES: 30_000}
COSTS = {pairing.PAIRS: 0.2, pairing.SENSES: 0.5}
Run = tuple[int, int]
Said = Sequence[list[corpora.Triplet]]


class _Pairs:
    """Pairs of one batch, and whether that is what the opinion is about: 0, or 1 more than the
    number of the polarity."""

    def __init__(self, one: Batch, aspects: Sequence[Run], opinions: Sequence[Run]) -> None:
        self.one, self.of = one, pairing.around(one, aspects, opinions)
        self.tried: list[pairing.Pair] = []
        self.truth: list[int] = []

    def learn(self, said: Said) -> _Pairs:
        """Try each true opinion with every aspect of its text, and with none."""
        for text, about in self.of.items():
            true = {_placed(self.one, text, t): t.polarity for t in said[text] if t.opinion}
            for opinion in {o for _, o in true} & set(about.opinions):
                for aspect in (None, *about.near(opinion).aspects):
                    sense = true.get((aspect, opinion))
                    self.tried.append((aspect, opinion))
                    self.truth.append(0 if sense is None else POLARITIES.index(_WORDS[sense]) + 1)
        return self

    def facts(self) -> Facts:
        return pairing.facts(self.one, self.tried, self.of)


def _placed(one: Batch, text: int, said: corpora.Triplet) -> pairing.Pair:
    assert said.opinion is not None
    aspect = None if said.aspect is None else one.codes_of(text, said.aspect)
    return aspect, one.codes_of(text, said.opinion)


_WORDS = {sense: word for word, sense in corpora.POLARITY.items()}


def learnt() -> list[_Pairs]:
    """Return the pairs of the training part: of all that is true, and of all that is found."""
    said = [triplets for _, triplets in corpora.triplets("train")]
    made = []
    for one, number, scores in unseen():
        part = [said[i] for i in number]
        true = [sorted(gold(one, part, kind)) for kind in (0, 1)]
        made.append(_Pairs(one, *true).learn(part))
        found = [spans.found(one, scores, kind) for kind in (0, 1)]
        made.append(_Pairs(one, *found).learn(part))
    return made


def main() -> None:
    """Write pairs.npz and senses.npz."""
    parts = learnt()
    right = np.concatenate([part.truth for part in parts])
    name = pairing.PAIRS
    x = sparse.vstack([matrix(p.facts(), pairing.PAIR_CROSSES) for p in parts], format="csr")
    fit(x, (right > 0)[:, None], COSTS[name], SIZES[name], name, (name,))
    name, true = pairing.SENSES, parts[::2]
    x = sparse.vstack([matrix(p.facts(), pairing.SENSE_CROSSES) for p in true], format="csr")
    sense = np.concatenate([part.truth for part in true])
    truths = np.stack([sense[sense > 0] == k + 1 for k in range(3)], axis=1)
    fit(x[sense > 0], truths, COSTS[name], SIZES[name], name, POLARITIES)


if __name__ == "__main__":
    main()
