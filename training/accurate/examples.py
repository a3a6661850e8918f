"""What the encoder learns from: texts with all that is known of each, in one form for every set."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from manyi.text import corpora, synthetic
from training import names, polarity, templates
from training.cars import CODES
from training.clause import pieces
from training.emotion import LABELS as EMOTIONS

Span = tuple[int, int]
KINDS = {"terms": ("aspect", "opinion"), "entities": ("name", "address")}
_SENSE = {"negative": -1, "neutral": 0, "positive": 1}
# The large set would drown the others, and takes the most time: a part of it each epoch.
SHOPPING_PARTS = 3


@dataclass
class Example:
    """A text; places are characters of the text as it was written. Polarities are -1, 0, 1."""

    text: str
    source: str
    polarity: int | None = None
    emotion: int | None = None
    cars: dict[str, int] | None = None
    clauses: list[tuple[Span, int]] = field(default_factory=list)
    aspects: list[tuple[Span, int]] = field(default_factory=list)
    tagged: dict[str, list[tuple[int, int, str]]] = field(default_factory=dict)
    triplets: list[corpora.Triplet] | None = None


def examples(part: str, epoch: int = 0) -> list[Example]:
    """Return every example of an epoch in a fixed order."""
    found = [*_reviews(part, epoch), *_posts(part), *_cars(part), *_terms(part)]
    found += [*_entities(part), *_triplets(part)]
    if part == "train":
        found += _templates()
    return found


def _reviews(part: str, epoch: int) -> Iterator[Example]:
    for row in corpora.polarity(part):
        if part == "train" and row.source.startswith("shopping/") and not _turn(row.text, epoch):
            continue
        sense = _SENSE[row.label]
        whole = [((0, len(row.text)), sense)] if len(row.text) <= 24 else []
        yield Example(row.text, row.source.split("/")[0], polarity=sense, clauses=whole)


def _turn(text: str, epoch: int) -> bool:
    number = int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)
    return number % SHOPPING_PARTS == epoch % SHOPPING_PARTS


def _posts(part: str) -> Iterator[Example]:
    for row in corpora.emotion(part):
        yield Example(row.text, f"emotion/{row.source}", emotion=EMOTIONS.index(row.label))


def _cars(part: str) -> Iterator[Example]:
    for text, said in corpora.cars(part):
        yield Example(text, "cars", cars={CODES[k]: v for k, v in said.items()})


def _terms(part: str) -> Iterator[Example]:
    """Sentences with all the aspect terms that are known of them."""
    english = {r.text: _SENSE[r.label] for r in polarity.rows(part) if r.source in _ENGLISH}
    for name in (*corpora.ZH_ASPECT_SETS, *corpora.EN_ASPECT_SETS):
        by_text: dict[str, list[tuple[Span, int]]] = {}
        for text, span, value in corpora.aspects(name, part):
            by_text.setdefault(text, []).append((span, value))
        cuts = pieces(list(by_text))
        for (text, said), cut in zip(by_text.items(), cuts, strict=True):
            sense = english.get(text) if name in _ENGLISH else None
            clauses = list(_agreeing(cut, said))
            yield Example(text, f"aspect/{name}", sense, aspects=said, clauses=clauses)


_ENGLISH = frozenset(corpora.EN_ASPECT_SETS)


def _agreeing(cut: list[Span], said: list[tuple[Span, int]]) -> Iterator[tuple[Span, int]]:
    """Clauses whose terms agree."""
    for first, last in cut:
        inside = {value for (start, _), value in said if first <= start < last}
        if len(inside) == 1:
            yield (first, last), inside.pop()


def _entities(part: str) -> Iterator[Example]:
    if part == "dev":
        rows = [*corpora.entities("dev"), *synthetic.sentences("dev", 1_120)]
    else:
        rows = names.rows(corpora.entities("train"))
    for number, (text, said) in enumerate(rows):
        # Goods and food stand elsewhere already: a few of them without names are enough.
        if part == "train" and not said and number % 3:
            continue
        kept = [span for span in said if span[2] in KINDS["entities"]]
        yield Example(text, "entities", tagged={"entities": kept})


def _triplets(part: str) -> Iterator[Example]:
    found = list(corpora.triplets(part))
    cuts = pieces([text for text, _ in found])
    for (text, said), cut in zip(found, cuts, strict=True):
        tagged = {(*t.aspect, "aspect") for t in said if t.aspect}
        tagged |= {(*t.opinion, "opinion") for t in said if t.opinion}
        senses: dict[Span, set[int]] = {}
        for one in said:
            if one.aspect:
                senses.setdefault(one.aspect, set()).add(one.polarity)
        aspects = [(span, sense.pop()) for span, sense in senses.items() if len(sense) == 1]
        clauses = list(_with_opinions(cut, said))
        tags = {"terms": sorted(tagged)}
        yield Example(
            text, "triplets", aspects=aspects, clauses=clauses, tagged=tags, triplets=said
        )


def _with_opinions(cut: list[Span], said: list[corpora.Triplet]) -> Iterator[tuple[Span, int]]:
    for first, last in cut:
        inside = {t.polarity for t in said if t.opinion and first <= t.opinion[0] < last}
        if len(inside) == 1:
            yield (first, last), inside.pop()
        elif not inside and (first + last) % 3 == 0:
            # A clause without a word of opinion may still complain: heard now and then only.
            yield (first, last), 0


def _templates() -> list[Example]:
    found = []
    for row in templates.sentences():
        sense = _SENSE[row.label]
        whole = [((0, len(row.text)), sense)]
        found.append(Example(row.text, "template", sense or None, clauses=whole))
    return found
