"""Makes `opinions.json`: words of opinion and their usual sense, from annotated restaurant
sentences (ABSADatasets, MIT) and from our own templates."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path

from manyi.text import corpora
from manyi.text.store import MODELS

LEAST = 4
PURE = 0.7
_SENSES = {"positive": 1, "neutral": 0, "negative": -1}


def main() -> None:
    """Write the list; words of one sense in at least seven of ten uses."""
    seen: dict[str, Counter[int]] = defaultdict(Counter)
    for text, found in corpora.triplets("train"):
        for triplet in found:
            if triplet.opinion and triplet.opinion[1] - triplet.opinion[0] <= 6:
                seen[text[slice(*triplet.opinion)]][triplet.polarity] += 1
    for group in json.loads(Path(__file__).with_name("templates.json").read_text("utf-8")):
        for name in ("positive", "negative"):
            for word in group.get(name, "").split("|"):
                if word and len(word) <= 8 and group["language"] == "zh":
                    seen[word][_SENSES[name]] += LEAST
    table = {
        name: sorted(w for w, c in seen.items() if _usual(c) == sense)
        for name, sense in _SENSES.items()
        if sense
    }
    text = json.dumps(table, ensure_ascii=False, indent=0)
    (MODELS / "fast" / "opinions.json").write_text(text + "\n", encoding="utf-8")
    print({k: len(v) for k, v in table.items()})


def _usual(counts: Counter[int]) -> int | None:
    sense, most = counts.most_common(1)[0]
    total = sum(counts.values())
    return sense if total >= LEAST and most >= PURE * total else None


if __name__ == "__main__":
    main()
