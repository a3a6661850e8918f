"""What people said of records, as it is laid over what the model says."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from manyi.feedback.models import Correction
from manyi.text.corrected import Verdict
from manyi.text.findings import Place


@dataclass(frozen=True, slots=True)
class Stored:
    """A verdict, and the hash of the text that it was given on."""

    kind: str
    code: str
    sense: int | None
    place: Place | None
    text_hash: str


def hash_of(text: str) -> str:
    """Return what tells whether a text is still the one that was judged."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def of_records(ids: Iterable[int]) -> dict[int, list[Stored]]:
    """Return the verdicts on records, by record; those without any are left out."""
    found: dict[int, list[Stored]] = defaultdict(list)
    fields = ("record_id", "kind", "code", "sense", "start", "end", "text_hash")
    rows = Correction.objects.filter(record_id__in=list(ids)).order_by("pk")
    for record, kind, code, sense, start, end, digest in rows.values_list(*fields):
        place = None if start is None or end is None else (start, end)
        found[record].append(Stored(kind, code, sense, place, digest))
    return found


def fitting(text: str, said: Sequence[Stored]) -> list[Verdict]:
    """Return verdicts for a text; a place counts only in the text that it was given in."""
    digest = hash_of(text)
    return [
        Verdict(one.kind, one.code, one.sense, one.place if one.text_hash == digest else None)
        for one in said
    ]
