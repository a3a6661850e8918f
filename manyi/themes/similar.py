"""Search by meaning: the voices that say something like it, whatever their words or language."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from manyi.feedback.models import FeedbackRecord
from manyi.feedback.queries import among, inbox, records
from manyi.kit.selection import Selection
from manyi.text import meaning
from manyi.themes import shelf
from manyi.themes.shelf import Rows

MOST = 50
# Below this a voice says something else: chosen on the development texts.
LEAST = 0.22
# The same words count beside the same meaning.
WORDS = 1.0
# A selection of so many voices is looked through; of more, the nearest are asked whether they
# belong to it, ever more of them until there are enough.
NARROW = 5_000
_ROUNDS = (400, 1_200, 4_000, 12_000, 40_000)
_AT_ONCE = 4_000
_EXACT = 50
_Said = tuple[str, float]  # a masked text and its likeness
_turns = threading.BoundedSemaphore(os.cpu_count() or 1)


@dataclass(frozen=True)
class Like:
    """A voice and how much it says the same: 1 is the same words."""

    record: int
    likeness: float


def similar(selection: Selection, text: str, *, most: int = MOST) -> list[Like]:
    """Return the voices of a selection that are most like a text, the likest first.

    Only texts that have been read and turned into vectors are found, within about a minute of
    their arrival. Nothing is found by a text without words.
    """
    aim = meaning.vector(text)
    if not aim.any():
        return []
    ids = _narrow(selection, records(selection))
    with _turns:
        near = _nearest(selection, aim, ids)
    found = _worded(selection, text, aim)
    for some in near:
        found |= _standing(selection, [row for row in some if row[0] not in found], 4 * most)
        if len(found) >= 4 * most:
            break
    return _ranked(text, found)[:most]


def like(selection: Selection, record: FeedbackRecord, *, most: int) -> list[Like]:
    """Return the voices of a selection that say most nearly what a record says.

    By meaning alone, of what is without personal data; the same words are found once.
    """
    aim = meaning.vector(record.masked or "")
    if not aim.any():
        return []
    ids = _narrow(selection, records(selection).exclude(pk=record.pk))
    with _turns:
        near = _nearest(selection, aim, ids)
    first = [row for row in next(near, []) if row[0] != record.pk]
    found = _standing(selection, first, 4 * most)
    return _ranked(record.masked or "", _once(found, record.masked or ""))[:most]


def _once(found: dict[int, _Said], but: str) -> dict[int, _Said]:
    """Keep the newest record of those that say the very same, none that says `but`."""
    by_words = {said: record for record, (said, _) in sorted(found.items())}
    return {record: found[record] for said, record in by_words.items() if said != but}


def _worded(selection: Selection, text: str, aim: NDArray[np.float32]) -> dict[int, _Said]:
    """Return the newest voices that hold the very words, however rare those are."""
    rows = inbox(selection, words=text).exclude(masked=None)
    said = {pk: masked for pk, masked in rows.values_list("pk", "masked")[:_EXACT] if masked}
    likeness = meaning.likeness(aim, meaning.vectors(list(said.values())))
    pairs = zip(said.items(), likeness.tolist(), strict=True)
    return {record: (masked, same) for (record, masked), same in pairs}


def _narrow(selection: Selection, mine: QuerySet[FeedbackRecord]) -> NDArray[np.int64] | None:
    """Return the ids of a selection, or None where it is all, or many."""
    asked = selection.where or selection.answers or selection.when
    if selection.scope.unit_ids is None and not asked:
        return None
    ids = list(mine.values_list("pk", flat=True)[: NARROW + 1])
    return None if len(ids) > NARROW else np.array(ids, np.int64)


_Near = list[tuple[int, int, float]]  # record, mark, likeness


def _nearest(
    selection: Selection, aim: NDArray[np.float32], ids: NDArray[np.int64] | None
) -> Iterator[_Near]:
    """Return the nearest rows in ever larger parts, each the nearer ones first."""
    parts = shelf.parts(selection.scope.organisation_id, meaning.version())
    if ids is not None:
        parts = [one[np.isin(one.records, ids)] for one in parts]
    each = [meaning.likeness(aim, one.vectors) for one in parts]
    likeness = np.concatenate(each) if each else np.zeros(0, np.float32)
    return _in_rounds(parts, likeness)


def _in_rounds(parts: Sequence[Rows], likeness: NDArray[np.float32]) -> Iterator[_Near]:
    starts = np.cumsum([0, *(len(one) for one in parts)])
    done = 0
    for size in _ROUNDS:
        if done >= len(likeness):
            return
        top = _top(likeness, size)[done:]
        yield _rows(parts, starts, top[likeness[top] >= LEAST], likeness)
        done = size


def _top(likeness: NDArray[np.float32], size: int) -> NDArray[np.intp]:
    size = min(size, len(likeness))
    found = np.argpartition(-likeness, size - 1)[:size]
    return np.asarray(found[np.argsort(-likeness[found], kind="stable")])


def _rows(
    parts: Sequence[Rows],
    starts: NDArray[np.int64],
    places: NDArray[np.intp],
    likeness: NDArray[np.float32],
) -> _Near:
    part = np.searchsorted(starts, places, side="right") - 1
    at = places - starts[part]
    records, marks = np.zeros(len(places), np.int64), np.zeros(len(places), np.int64)
    for k in np.unique(part).tolist():
        mine = part == k
        records[mine] = parts[k].records[at[mine]]
        marks[mine] = parts[k].marks[at[mine]]
    return list(zip(records.tolist(), marks.tolist(), likeness[places].tolist(), strict=True))


def _standing(selection: Selection, near: _Near, most: int) -> dict[int, _Said]:
    """Return text and likeness of the nearest that the scope sees and that still say so."""
    seen: set[int] = set()
    for at in range(0, len(near), _AT_ONCE):
        some = [record for record, *_ in near[at : at + _AT_ONCE]]
        seen.update(among(selection, some).values_list("pk", flat=True))
        if len(seen) >= most:
            break
    shown = [row for row in near if row[0] in seen][:most]
    rows = FeedbackRecord.objects.filter(pk__in=[record for record, *_ in shown])
    texts = dict(rows.values_list("pk", "masked"))
    standing = ((record, texts.get(record), mark, likeness) for record, mark, likeness in shown)
    return {
        record: (said, likeness)
        for record, said, mark, likeness in standing
        if said and shelf.mark(said) == mark
    }


def _ranked(text: str, found: dict[int, _Said]) -> list[Like]:
    """Return the voices by meaning and words together."""
    words = meaning.shared(text, [said for said, _ in found.values()])
    scored = [
        Like(record, round(float((likeness + WORDS * same) / (1 + WORDS)), 4))
        for (record, (_, likeness)), same in zip(found.items(), words, strict=True)
    ]
    return sorted(scored, key=lambda one: (-one.likeness, -one.record))


def in_order(selection: Selection, found: Sequence[Like]) -> list[FeedbackRecord]:
    """Return the records of what was found, in its order."""
    by_id = {row.pk: row for row in among(selection, [one.record for one in found])}
    return [by_id[one.record] for one in found if one.record in by_id]
