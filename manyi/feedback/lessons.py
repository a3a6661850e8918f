"""What there is to learn from: corrected records, as the built-in model alone reads them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from manyi.feedback import taxonomy
from manyi.feedback.models import Correction, FeedbackRecord
from manyi.feedback.verdicts import hash_of
from manyi.text import Analysis, analyse, learned, presence
from manyi.text.corrected import ASPECT, INTENT

MOST, OTHERS = 5_000, 600
Verdicts = list[tuple[str, str, int | None]]


@dataclass
class Polarity:
    """Lessons on the polarity of texts or clauses, and what nobody corrected."""

    lessons: list[learned.Lesson] = field(default_factory=list)
    others: list[learned.Judged] = field(default_factory=list)


@dataclass
class Presence:
    """Lessons on whether one thing is said, and what nobody corrected."""

    lessons: list[presence.Lesson] = field(default_factory=list)
    others: list[presence.Seen] = field(default_factory=list)


@dataclass
class Material:
    """All that can be learnt from: on aspects and intents by their code."""

    texts: Polarity = field(default_factory=Polarity)
    clauses: Polarity = field(default_factory=Polarity)
    aspects: dict[str, Presence] = field(default_factory=lambda: defaultdict(Presence))
    intents: dict[str, Presence] = field(default_factory=lambda: defaultdict(Presence))


def material(organisation_id: int) -> Material:
    """Return what an organisation's people said, beside what the built-in model says."""
    said = _corrected(organisation_id)
    analysed = _analysed(organisation_id, [text for text, _ in said.values()])
    found = Material()
    for (pk, (text, verdicts)), one in zip(said.items(), analysed, strict=True):
        for kind, code, sense in verdicts:
            _take(found, kind, code, sense, text, one, pk)
    _add_others(organisation_id, found)
    return found


def _take(
    found: Material, kind: str, code: str, sense: int | None, text: str, one: Analysis, pk: int
) -> None:
    if kind == INTENT:
        seen = presence.Seen(text, code in one.intents, pk)
        found.intents[code].lessons.append(presence.Lesson(seen, sense is not None))
    elif kind == ASPECT:
        parts = dict(_by_aspect(text, one, pk))
        seen = presence.Seen(text, code in parts, pk)
        found.aspects[code].lessons.append(presence.Lesson(seen, sense is not None))
        if sense is not None and code in parts:
            found.clauses.lessons.append(learned.Lesson(parts[code], sense))
    elif sense is not None:
        whole = learned.Judged(text, one.polarity, one.score, pk)
        found.texts.lessons.append(learned.Lesson(whole, sense))


def _by_aspect(text: str, said: Analysis, pk: int) -> Iterable[tuple[str | None, learned.Judged]]:
    pairs = zip(said.findings, learned.clauses(text, said, pk), strict=True)
    return ((found.aspect, part) for found, part in pairs)


def _corrected(organisation_id: int) -> dict[int, tuple[str, Verdicts]]:
    """Return of each corrected record its text and the verdicts that were given on that text."""
    rows = Correction.objects.filter(organisation_id=organisation_id).order_by("-at", "-pk")
    fields = ("record_id", "record__verbatim", "text_hash", "kind", "code", "sense")
    found: dict[int, tuple[str, Verdicts]] = {}
    for pk, text, digest, kind, code, sense in rows.values_list(*fields)[:MOST]:
        if text and (pk in found or hash_of(text) == digest):
            found.setdefault(pk, (text, []))[1].append((kind, code, sense))
    return dict(sorted(found.items()))


def _add_others(organisation_id: int, found: Material) -> None:
    mine = FeedbackRecord.objects.filter(
        organisation_id=organisation_id, analysed_at__isnull=False, corrections=None
    )
    rows = mine.exclude(verbatim="").order_by("-occurred_at", "-pk")
    texts = list(rows.values_list("verbatim", flat=True)[:OTHERS])
    for text, one in zip(texts, _analysed(organisation_id, texts), strict=True):
        found.texts.others.append(learned.Judged(text, one.polarity, one.score))
        found.clauses.others.extend(learned.clauses(text, one))
        aspects = {f.aspect for f in one.findings}
        for code, part in found.aspects.items():
            part.others.append(presence.Seen(text, code in aspects))
        for code, part in found.intents.items():
            part.others.append(presence.Seen(text, code in one.intents))


def _analysed(organisation_id: int, texts: Sequence[str]) -> list[Analysis]:
    return analyse(texts, taxonomy=taxonomy.current(organisation_id).taxonomy)
