"""The tagger of aspect terms and opinion words (Chinese restaurant triplets)."""

from __future__ import annotations

from manyi.text import corpora
from training.names import Row, train

SIZE = 120_000
COST = 0.4
KINDS = ("aspect_begins", "aspect", "opinion_begins", "opinion")


def rows(part: str) -> list[Row]:
    """Return sentences with the places of what is spoken of and what is said."""
    found = []
    for text, triplets in corpora.triplets(part):
        spans = {(*t.aspect, "aspect") for t in triplets if t.aspect}
        spans |= {(*t.opinion, "opinion") for t in triplets if t.opinion}
        begins = {(start, start + 1, f"{kind}_begins") for start, _, kind in spans}
        inner = {(start + 1, end, kind) for start, end, kind in spans}
        found.append((text, sorted(begins | inner)))
    return found


def main() -> None:
    """Write terms.npz."""
    train("terms", rows("train"), KINDS, SIZE, COST)


if __name__ == "__main__":
    main()
