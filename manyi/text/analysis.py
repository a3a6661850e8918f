"""`analyse`: texts in, findings out; the whole of the fast tier in one pass over each batch, and
beside it, where it is installed, what the accurate tier hears in the same batch."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from manyi.text import (
    accurate,
    clauses,
    facts,
    features,
    heads,
    intents,
    language,
    lexicon,
    near,
    negation,
    quality,
    store,
)
from manyi.text.findings import EMOTIONS, NEUTRAL, POLARITIES, Analysis, Finding, Place
from manyi.text.normal import HAN, LATIN, Batch, batch
from manyi.text.taxonomy import GENERAL, Taxonomy, pack

CHUNK = 2_000
# Scores nearer to 0 than this are neutral: chosen on the development texts.
UNDECIDED = 0.12
_TEXT_HEADS = ("polarity", "emotion")
# A clause with an aspect and no opinion complains where the head of whole texts says so clearly.
_PLAIN_FACT = 1.0
# A good text is happier: what a polarity of 1 adds, chosen on the development posts.
_LEAN = {"happy": 1.0}
# Where every clause is this surely neutral (a question, a plain note) the text is too: the
# head of whole texts has seen reviews only, and reviews always judge.
# It fades by degrees, or the last digit of a chance would decide.
_ALL_NEUTRAL, _FADED = (0.475, 0.625), (1.0, 0.1)
# How sure a rule of `negation` is of its clause, as a score.
_DENIED = 0.6
# What a text that is one plain fact gains in log odds, for each unit that its clause is pushed.
_FACT = 1.0


def analyse(
    texts: Sequence[str],
    *,
    language: str | None = None,
    taxonomy: Taxonomy | str = GENERAL,
    tier: str | None = None,
) -> list[Analysis]:
    """Return what is said in each text, in the order given; no text is refused.

    `language` is what the channel already knows, else each text is asked. `taxonomy` is a
    trade's code or a Taxonomy. The first 20,000 characters of a text are read. Raises
    `Problem` for an unknown trade. A text that is empty, gibberish or advertising has flags
    and no findings. `tier` is `fast` or `accurate`; where that is not installed, and
    where none is asked for, the best there is answers, and `model` names it.
    """
    chosen = pack(taxonomy) if isinstance(taxonomy, str) else taxonomy
    best = accurate.chosen(tier)
    found: list[Analysis] = []
    for at in range(0, len(texts), CHUNK):
        part = texts[at : at + CHUNK]
        for some in accurate.parts(part) if best == store.TIER_B else (part,):
            found += _analyse(some, language, chosen, best)
    return found


def about(
    texts: Sequence[str], places: Sequence[Sequence[Place]], *, tier: str | None = None
) -> list[list[tuple[str, float]]]:
    """Return what each text says of places in it that the caller knows, such as a product's
    name: polarity and score. Both tiers tell apart what stands close by and what does not."""
    found: list[list[tuple[str, float]]] = []
    best = accurate.chosen(tier)
    for some in accurate.parts(texts):
        read = _read(batch(some))
        read = _with_heard(read) if best == store.TIER_B else read
        found += _about(read, places[len(found) : len(found) + len(some)])
    return found


def _about(read: _Read, places: Sequence[Sequence[Place]]) -> list[list[tuple[str, float]]]:
    of = np.append(read.cut.of, -1)
    codes = [[read.texts.codes_of(i, p) for p in some] for i, some in enumerate(places)]
    flat = [place for some in codes for place in some if of[place[0]] >= 0]
    clause = np.array([of[first] for first, _ in flat], dtype=np.int64)
    label, score = _judged(read, [])
    said = {place: (label[k], score[k]) for place, k in zip(flat, clause.tolist(), strict=True)}
    if flat:
        asked = zip(
            flat,
            clause.tolist(),
            _close(read, clause, flat, _fast_near(read, clause, flat)),
            strict=True,
        )
        said |= {place: found for place, k, found in asked if k not in read.denied}
    nothing = (POLARITIES.index(NEUTRAL), 0.0)
    answers = [[said.get(place, nothing) for place in some] for some in codes]
    return [[(POLARITIES[sense], sure) for sense, sure in some] for some in answers]


@dataclass(frozen=True)
class _Read:
    """A batch and all that the vectorised passes found in it."""

    texts: Batch
    grams: features.Grams
    cut: clauses.Clauses
    scores: dict[str, NDArray[np.float32]]  # one row a text
    said: dict[str, NDArray[np.float32]]  # one row a clause
    chinese: NDArray[np.bool_]  # of each clause
    pushed: NDArray[np.float32]  # one row a clause: what its plain facts add
    denied: dict[int, int]  # the sense of clauses that deny, which n-grams misread
    heard: accurate.Heard | None = None


def _analyse(
    texts: Sequence[str], known: str | None, taxonomy: Taxonomy, tier: str
) -> list[Analysis]:
    read = _read(batch(texts))
    if tier == store.TIER_B:
        read = _with_heard(read)
    spoken = language.languages(read.texts, read.grams)
    flags = quality.flags(texts, read.texts, read.grams, spoken)
    worthless = [bool(quality.WORTHLESS.intersection(f)) for f in flags]
    polarity = _polarity(read, worthless)
    wanted = intents.intents(read.texts, read.grams, polarity)
    emotion = _emotion(read, polarity)
    best, chance = emotion.argmax(axis=1).tolist(), emotion.max(axis=1).tolist()
    findings = _findings(read, taxonomy, worthless)
    model = store.version(tier)
    return [
        Analysis(
            language=known or spoken.codes[i],
            flags=flags[i],
            polarity=_label(score),
            score=round(score, 4),
            emotion=None if worthless[i] else EMOTIONS[best[i]],
            emotion_chance=0.0 if worthless[i] else round(chance[i], 4),
            intents=() if worthless[i] else wanted[i],
            findings=tuple(findings[i]),
            model=model,
        )
        for i, score in enumerate(polarity.tolist())
    ]


def _label(score: float) -> str:
    return NEUTRAL if abs(score) < UNDECIDED else POLARITIES[2 if score > 0 else 0]


@cache
def _stack() -> heads.Stack:
    return heads.stack(_TEXT_HEADS)


def _read(texts: Batch) -> _Read:
    grams = features.grams(texts)
    cut = clauses.clauses(texts, grams)
    buckets = grams.buckets
    scores = _stack().scores(texts.owner[grams.first], buckets, len(texts))
    clause = cut.of[grams.first]
    inside = (clause >= 0) & (clause == cut.of[grams.last])
    said = heads.stack(heads.CLAUSE_HEADS).scores(clause[inside], buckets[inside], len(cut))
    pushed = facts.pushes(texts, grams, cut)
    denied = negation.senses(texts, cut)
    read = _Read(texts, grams, cut, scores, said, _chinese(texts, cut), pushed, denied)
    opening = heads.opening(_fast_clause_scores(read), cut.owner, len(texts))
    scores["polarity"] += _stack().heads[0].temperature * opening[:, None]
    return read


def _chinese(texts: Batch, cut: clauses.Clauses) -> NDArray[np.bool_]:
    """Say which clauses hold a Han character, or no letters at all."""
    inside = cut.of >= 0
    of, kinds = cut.of[inside], texts.kinds[inside]
    han = np.bincount(of, kinds == HAN, minlength=len(cut))
    latin = np.bincount(of, kinds == LATIN, minlength=len(cut))
    return np.asarray((han > 0) | (latin == 0))


def _with_heard(read: _Read) -> _Read:
    """Return the batch with the scores of texts mixed with those of the encoder's heads."""
    heard = accurate.hear(read.texts)
    scores = dict(read.scores)
    for head in _stack().heads:
        if accurate.uses(head.name):
            fast = scores[head.name] / np.float32(head.temperature)
            both = accurate.mixed(head.name, fast, heard.whole(head.name))
            scores[head.name] = both * np.float32(head.temperature)
    return replace(read, scores=scores, heard=heard)


def _polarity(read: _Read, worthless: list[bool]) -> NDArray[np.float32]:
    temperature = _stack().heads[0].temperature
    scores = read.scores["polarity"] + temperature * _lift(read)[:, None]
    chance = heads.chances(scores, temperature)[:, 0]
    least = np.ones(len(read.texts), dtype=np.float32)
    np.minimum.at(least, read.cut.owner, _clause_chances(read)[:, 1])
    faded = np.interp(least, _ALL_NEUTRAL, _FADED).astype(np.float32)
    score = (2 * chance - 1) * faded
    score = _with_denied(read, score)
    return np.where(np.array(worthless, dtype=bool), 0.0, score).astype(np.float32)


def _lift(read: _Read) -> NDArray[np.float32]:
    """Return what plain facts add to the log odds of each text, by their share of it."""
    length = read.cut.ends - read.cut.starts
    whole = np.bincount(read.cut.owner, length, minlength=len(read.texts))
    sense = _FACT * length * (read.pushed[:, 2] - read.pushed[:, 0])
    lifted = np.bincount(read.cut.owner, sense, minlength=len(read.texts))
    return np.asarray(lifted / np.maximum(whole, 1), dtype=np.float32)


def _with_denied(read: _Read, score: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the scores with the clauses that deny weighed by their share of the text."""
    length = read.cut.ends - read.cut.starts
    whole = np.bincount(read.cut.owner, length, minlength=len(score))
    mixed = score.copy()
    for k, sense in read.denied.items():
        text = read.cut.owner[k]
        surer = sense * max(_DENIED, sense * float(score[text]))
        mixed[text] += length[k] / whole[text] * (surer - score[text])
    return mixed


def _emotion(read: _Read, polarity: NDArray[np.float32]) -> NDArray[np.float32]:
    lean = np.array([_LEAN.get(name, 0.0) for name in EMOTIONS], dtype=np.float32)
    scores = read.scores["emotion"] + polarity[:, None] * lean
    return heads.chances(scores, _stack().heads[1].temperature)


@cache
def opinions() -> tuple[lexicon.Lexicon, tuple[int, ...]]:
    """Return words of opinion and the usual sense of each, -1 or 1."""
    path = store.MODELS / store.TIER_A / "opinions.json"
    table = json.loads(path.read_text(encoding="utf-8"))
    words = [*table["negative"], *table["positive"]]
    senses = (-1,) * len(table["negative"]) + (1,) * len(table["positive"])
    return lexicon.Lexicon.of(words), senses


def _findings(read: _Read, taxonomy: Taxonomy, worthless: list[bool]) -> list[list[Finding]]:
    named = _by_clause(read, taxonomy.words, len(taxonomy.of_word))
    label, score = _judged(read, list(named))
    closer = _closer(read, named, taxonomy) if read.heard is not None else {}
    opined = _by_clause(read, opinions()[0], len(opinions()[0]))
    found: list[list[Finding]] = [[] for _ in read.texts.texts]
    for k, (owner, start, end) in enumerate(clauses.spans(read.texts, read.cut)):
        if worthless[owner]:
            continue
        words = named.get(k, ())
        if not words and label[k] == 1:
            continue
        says = tuple((a, b) for _, a, b in opined.get(k, ()))
        for aspect, places in _aspects(words, taxonomy):
            sense, sure = label[k], score[k]
            if closer:
                sense, sure = closer.get((k, aspect), (sense, sure))
            found[owner].append(Finding(aspect, POLARITIES[sense], sure, start, end, places, says))
    return found


# Of a text that names more than so many aspects the rest are judged by their clauses: the time
# grows with places and length alike, and nobody writes so.
_MOST_CLOSE = 100
_ByClause = dict[int, list[tuple[int, int, int]]]


def _closer(
    read: _Read, named: _ByClause, taxonomy: Taxonomy
) -> dict[tuple[int, str | None], tuple[int, float]]:
    """Return label and score of each aspect of a clause, where the encoder tells them apart."""
    count: Counter[int] = Counter()
    found = []
    for k, words in named.items():
        owner = int(read.cut.owner[k])
        if k in read.denied or count[owner] >= _MOST_CLOSE:
            continue
        for aspect, said_at in _aspects(words, taxonomy):
            found.append((k, aspect, read.texts.codes_of(owner, said_at[0])))
            count[owner] += 1
    if not found:
        return {}
    clause, places = np.array([k for k, _, _ in found]), [p for _, _, p in found]
    said = _close(read, clause, places, _clause_scores(read)[clause])
    return {(k, aspect): closer for (k, aspect, _), closer in zip(found, said, strict=True)}


def _close(
    read: _Read, clause: NDArray[np.int64], places: Sequence[Place], unheard: heads.Floats
) -> list[tuple[int, float]]:
    """Return label and score of each place of codes, given the number of its clause, and the
    scores it has where the encoder is not heard."""
    chances = heads.chances(_near_scores(read, clause, places, unheard), 1.0)
    score = (chances[:, 2] - chances[:, 0]).astype(np.float64).round(4)
    return list(zip(chances.argmax(axis=1).tolist(), score.tolist(), strict=True))


def _near_scores(
    read: _Read, clause: NDArray[np.int64], places: Sequence[Place], unheard: heads.Floats
) -> heads.Floats:
    if read.heard is None:
        return unheard
    chinese, where = read.chinese[clause], np.array(places, dtype=np.int64).reshape(-1, 2)
    said = read.heard.spans("aspect", where[:, 0], where[:, 1])
    both = accurate.by_language("aspect", _fast_near(read, clause, places), said, chinese)
    heard = np.where(chinese, accurate.uses("aspect"), accurate.uses("aspect_en"))
    return np.asarray(np.where(heard[:, None], both, unheard), dtype=np.float32)


def _fast_near(read: _Read, clause: NDArray[np.int64], places: Sequence[Place]) -> heads.Floats:
    """Return what is known of places without the encoder's own word on each: what stands near,
    and where it is heard on clauses, the clause."""
    near_by = _near(read, clause, places)
    if read.heard is None:
        return near_by
    return np.asarray(near_by + _clause_scores(read)[clause], dtype=np.float32)


def _near(read: _Read, clause: NDArray[np.int64], places: Sequence[Place]) -> heads.Floats:
    return near.scores(read.texts, read.grams, read.cut, places, read.chinese[clause])


def _clause_scores(read: _Read) -> heads.Floats:
    """Return the scores of clauses; the encoder saw few plain facts and mutes what is known of
    them, so they are added once more where it is heard."""
    fast, chinese = _fast_clause_scores(read), read.chinese
    if read.heard is None:
        return fast
    said = read.heard.spans("clause", read.cut.starts, read.cut.ends)
    both = accurate.by_language("clause", fast, said, chinese)
    heard = np.where(chinese, accurate.uses("clause"), accurate.uses("clause_en"))
    return np.asarray(both + heard[:, None] * facts.events(read.pushed), dtype=np.float32)


def _fast_clause_scores(read: _Read) -> heads.Floats:
    found = heads.three_way(heads.stack(heads.CLAUSE_HEADS), read.said, read.chinese)
    return np.asarray(found + read.pushed, dtype=np.float32)


def _clause_chances(read: _Read) -> NDArray[np.float32]:
    return heads.chances(_clause_scores(read), 1.0)


def _judged(read: _Read, named: list[int]) -> tuple[list[int], list[float]]:
    """Return label (a place in POLARITIES) and score of each clause."""
    chances, chinese = _clause_chances(read), read.chinese
    score = chances[:, 2] - chances[:, 0]
    label = chances.argmax(axis=1)
    whole = read.said["polarity"][:, 0]
    plain = np.zeros(len(label), dtype=bool)
    plain[named] = True
    plain &= chinese & (label == 1) & (np.abs(whole) > _PLAIN_FACT) & ~facts.asked(read.pushed)
    label[plain] = np.where(whole[plain] > 0, 2, 0)
    score[plain] = np.sign(whole[plain]) * np.maximum(np.abs(score[plain]), UNDECIDED)
    for k, sense in read.denied.items():
        label[k] = sense + 1
        score[k] = sense * max(_DENIED, sense * score[k])
    return label.tolist(), score.astype(np.float64).round(4).tolist()


_Words = tuple[tuple[int, int, int], ...]
_NO_ASPECT: tuple[tuple[None, tuple[()]]] = ((None, ()),)


def _aspects(
    words: _Words | list[tuple[int, int, int]], taxonomy: Taxonomy
) -> Sequence[tuple[str | None, tuple[Place, ...]]]:
    if not words:
        return _NO_ASPECT
    if len(words) == 1:  # most clauses: this is the innermost loop
        word, start, end = words[0]
        return ((taxonomy.aspects[taxonomy.of_word[word]].code, ((start, end),)),)
    places: dict[int, list[Place]] = {}
    for word, start, end in words:
        places.setdefault(taxonomy.of_word[word], []).append((start, end))
    return [(taxonomy.aspects[number].code, tuple(where)) for number, where in places.items()]


def _by_clause(read: _Read, words: lexicon.Lexicon, named: int) -> _ByClause:
    """Return per clause which of the first `named` words are meant in it, and where."""
    hits = lexicon.longest(lexicon.meant(lexicon.find_all(read.texts, read.grams, words), named))
    clause = read.cut.of[hits.first]
    kept = clause >= 0
    clause, first, last = clause[kept], hits.first[kept], hits.last[kept]
    places = (read.texts.origin[first], read.texts.origin[last] + 1)
    rows = list(zip(hits.word[kept].tolist(), *(p.tolist() for p in places), strict=True))
    # Hits come in the order of places, so those of a clause stand together.
    number, at = np.unique(clause, return_index=True)
    bounds = [*at.tolist(), len(rows)]
    return {k: rows[a:b] for k, a, b in zip(number.tolist(), bounds, bounds[1:], strict=False)}
