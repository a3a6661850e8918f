"""What a person says of a text stands before what the model says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from manyi.text.findings import POLARITIES, Analysis, Finding, Place
from manyi.text.intents import INTENTS

POLARITY, ASPECT, INTENT = KINDS = ("polarity", "aspect", "intent")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A person's word on one thing: the text's polarity, one aspect, or one intent.

    `code` names the aspect or intent. `sense` is -1, 0 or 1; None says that the aspect is not
    spoken of, or the intent not meant. `place` is where an aspect is spoken of, where known.
    """

    kind: str
    code: str
    sense: int | None
    place: Place | None = None


def corrected(text: str, said: Analysis, verdicts: Iterable[Verdict]) -> Analysis:
    """Return an analysis of `text` with the verdicts in place of what they contradict."""
    for one in verdicts:
        said = _KINDS[one.kind](text, said, one)
    return said


def _polarity(text: str, said: Analysis, one: Verdict) -> Analysis:
    sense = one.sense or 0
    kept = POLARITIES[sense + 1] == said.polarity
    score = said.score if kept else float(sense)
    return replace(said, polarity=POLARITIES[sense + 1], score=score)


def _intent(text: str, said: Analysis, one: Verdict) -> Analysis:
    meant = set(said.intents) - {one.code}
    if one.sense is not None:
        meant.add(one.code)
    return replace(said, intents=tuple(code for code in INTENTS if code in meant))


def _aspect(text: str, said: Analysis, one: Verdict) -> Analysis:
    if one.sense is None:
        left = tuple(f for f in said.findings if f.aspect != one.code)
        return replace(said, findings=left)
    if all(f.aspect != one.code for f in said.findings):
        return replace(said, findings=(*said.findings, _added(text, one, one.sense)))
    judged = (_judged(f, one.sense) if f.aspect == one.code else f for f in said.findings)
    return replace(said, findings=tuple(judged))


def _judged(found: Finding, sense: int) -> Finding:
    if found.polarity == POLARITIES[sense + 1]:
        return found
    return replace(found, polarity=POLARITIES[sense + 1], score=float(sense))


def _added(text: str, one: Verdict, sense: int) -> Finding:
    start, end = one.place or (0, len(text))
    places = () if one.place is None else (one.place,)
    return Finding(one.code, POLARITIES[sense + 1], float(sense), start, end, places)


_KINDS = {POLARITY: _polarity, ASPECT: _aspect, INTENT: _intent}
