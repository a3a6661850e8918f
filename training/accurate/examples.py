"""What the encoder learns from: texts with all that is known of each, in one form for every set."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from manyi.text import corpora, synthetic
from training import names, own, polarity, templates
from training.accurate.model import KINDS
from training.cars import CODES
from training.clause import pieces
from training.emotion import LABELS as EMOTIONS

Span = tuple[int, int]
_SENSE = {"negative": -1, "neutral": 0, "positive": 1}
# Large sets would drown the others, and take the most time: a part of each in an epoch, so that
# an epoch is short (some 1.2 million pieces) and a short sitting hears all sets.
PARTS = {
    **{"shopping": 12, "chnsenticorp": 4, "hotel": 3, "waimai": 2, "triplets": 3, "entities": 2},
    **{"cars": 2, "emotion/virus": 6, "aspect/shampoo": 2, "template": 6},
}
# Few and ours, of trades that no other set speaks of: as often in an epoch.
REPEATED = {"own": 2}
# Sets in which hardly a term is neutral: sentences with one that is, as often.
RARE, RARE_TIMES = frozenset({"aspect/shampoo", "aspect/mooc"}), 3


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
    """Return every example of an epoch in a fixed order; some stand in it several times."""
    found = [*_reviews(part), *_posts(part), *_cars(part), *_terms(part)]
    found += [*_entities(part), *_triplets(part), *_own(part, epoch)]
    if part == "dev":
        return found
    found += _templates()
    return [e for e in found for _ in range(_times(e, epoch))]


def _times(example: Example, epoch: int) -> int:
    parts = PARTS.get(example.source, 1)
    if not _turn(example.text, epoch, parts):
        return 0
    if example.source in RARE and any(sense == 0 for _, sense in example.aspects):
        return RARE_TIMES
    return REPEATED.get(example.source, 1)


def _reviews(part: str) -> Iterator[Example]:
    for row in corpora.polarity(part):
        sense = _SENSE[row.label]
        whole = [((0, len(row.text)), sense)] if len(row.text) <= 24 else []
        yield Example(row.text, row.source.split("/")[0], polarity=sense, clauses=whole)


def _turn(text: str, epoch: int, parts: int) -> bool:
    number = int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)
    return number % parts == epoch % parts


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
    news = {text for text, _ in corpora.entities("train")} if part == "train" else set()
    for number, (text, said) in enumerate(rows):
        # Goods and food stand elsewhere already: a few of them without names are enough.
        if part == "train" and not said and number % 3:
            continue
        kept = [span for span in said if span[2] in KINDS["entities"]]
        tagged = {"entities": kept, "news": said} if text in news else {"entities": kept}
        yield Example(text, "entities", tagged=tagged)


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


def _own(part: str, epoch: int) -> Iterator[Example]:
    """Our own clauses, each alone; of those learnt from each again among others of its trade, as
    in a review."""
    rng = np.random.default_rng(epoch)
    trades: dict[str, list[own.Own]] = {}
    for clause in own.clauses(part):
        yield _of_clauses([clause])
        trades.setdefault(clause.trade, []).append(clause)
    for found in trades.values() if part == "train" else ():
        order = rng.permutation(len(found))
        for some in np.array_split(order, max(1, round(len(order) / 2.5))):
            yield _of_clauses([found[i] for i in some.tolist()])


def _of_clauses(found: list[own.Own]) -> Example:
    """Return a text of clauses; it has a polarity as a whole where none says otherwise."""
    made = Example("，".join(c.text for c in found), "own")
    at = 0
    for clause in found:
        made.clauses.append(((at, at + len(clause.text)), clause.sense))
        at += len(clause.text) + 1
    senses = {c.sense for c in found} - {0}
    made.polarity = senses.pop() if len(senses) == 1 else None
    return made
