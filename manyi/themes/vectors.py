"""Turns what people say into vectors, and keeps those in step with what they say now.

Loop steps. A text that was read leaves a new reading: what lies above the mark waits. Files
are written first; one short transaction then lists them and moves the mark, or throws them away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction

from manyi.accounts.models import Organisation
from manyi.customers.actions import tick
from manyi.customers.models import ErasureRequest
from manyi.feedback.models import FeedbackRecord, Reading
from manyi.text import meaning
from manyi.themes import shelf
from manyi.themes.models import VectorFile, VectorMark
from manyi.themes.shelf import Rows

FLOOR = "vectors"
BATCH = 5_000
TURN = 50_000
MANY = 8
CHECKED = timedelta(hours=24)
_CHUNK = 20_000
_AT_ONCE = 500

Texts = dict[int, str]


def append_new(now: datetime) -> int:
    """Make vectors of texts read since the last look; return how many. A loop step."""
    _forget_lost_files()
    done = 0
    while done < TURN:
        added, seen = _append(now)
        done += added
        if seen < BATCH:
            break
    return done


def _append(now: datetime) -> tuple[int, int]:
    """Return how many vectors were added, and how many readings were looked at."""
    before = VectorMark.objects.get_or_create(pk=1)[0].reading
    waiting = Reading.objects.filter(pk__gt=before).order_by("pk")
    fields = ("pk", "record_id", "record__organisation_id", "record__masked")
    rows = list(waiting.values_list(*fields)[:BATCH])
    if not rows:
        return 0, 0
    said: dict[int, Texts] = defaultdict(dict)
    for _, record, organisation, masked in rows:
        if masked:
            said[organisation][record] = masked
    made = {one: _without_known(one, made_of(texts)) for one, texts in said.items()}
    listed = _listed(made, now)
    if _claim(before, rows[-1][0], listed):
        return sum(file.rows for file in listed), len(rows)
    shelf.discard(file.path for file in listed)
    return 0, 0


def made_of(texts: Texts) -> Rows:
    """Return the vectors of texts; one without words has none."""
    records = np.fromiter(texts, np.int64, len(texts))
    marks = np.array([shelf.mark(text) for text in texts.values()], np.uint32)
    vectors = meaning.vectors(list(texts.values()))
    return Rows(records, marks, vectors)[vectors.any(axis=1)]


def _without_known(organisation: int, rows: Rows) -> Rows:
    """Leave out what is there already: texts are read again by every new taxonomy."""
    new = np.ones(len(rows), dtype=bool)
    for known in shelf.parts(organisation, meaning.version()):
        new &= ~_among(rows, known)
    return rows[new]


def _among(rows: Rows, known: Rows) -> np.ndarray:
    if not len(rows) or not len(known) or rows.records.min() > known.records[-1]:
        return np.zeros(len(rows), dtype=bool)
    at = np.minimum(np.searchsorted(known.records, rows.records), len(known) - 1)
    return np.asarray((known.records[at] == rows.records) & (known.marks[at] == rows.marks))


def _listed(made: dict[int, Rows], now: datetime) -> list[VectorFile]:
    return [_file(one, rows, now) for one, rows in made.items() if len(rows)]


def _file(organisation: int, rows: Rows, now: datetime) -> VectorFile:
    """Write rows in the order of their records; return the file, not listed yet."""
    path = shelf.write(organisation, rows[np.argsort(rows.records, kind="stable")])
    return VectorFile(
        organisation_id=organisation,
        path=path,
        rows=len(rows),
        model=meaning.version(),
        created_at=now,
    )


def _claim(before: int, after: int, listed: Sequence[VectorFile]) -> bool:
    with transaction.atomic():
        if not VectorMark.objects.filter(pk=1, reading=before).update(reading=after):
            return False
        VectorFile.objects.bulk_create(listed)
    return True


def _forget_lost_files() -> None:
    """Begin again where a file is gone (a backup holds none) or another model made it."""
    root = shelf.folder()
    lost = [
        pk
        for pk, path, model in VectorFile.objects.values_list("pk", "path", "model")
        if model != meaning.version() or not (root / path).exists()
    ]
    if lost:
        with transaction.atomic():
            VectorFile.objects.filter(pk__in=lost).delete()
            VectorMark.objects.filter(pk=1).update(reading=0)


def tidy(now: datetime) -> int:
    """Merge files of like size, and delete what no list names; return files gone. A loop step."""
    merged = sum(_merge(group, now) for group in _alike())
    return merged + _sweep(now)


def _alike() -> list[list[VectorFile]]:
    groups: dict[tuple[int, int], list[VectorFile]] = defaultdict(list)
    for file in VectorFile.objects.order_by("pk"):
        groups[file.organisation_id, max(file.rows, 1_000).bit_length() // 3].append(file)
    return [group for group in groups.values() if len(group) >= MANY]


def _merge(old: Sequence[VectorFile], now: datetime) -> int:
    rows = shelf.together(shelf.read(file.path for file in old))
    return _swap(old, [_file(old[0].organisation_id, rows, now)])


def _swap(old: Sequence[VectorFile], new: Sequence[VectorFile]) -> int:
    """List new files in place of old ones; 0 where another worker came first."""
    mine = [file.pk for file in old]
    with transaction.atomic():
        gone = VectorFile.objects.filter(pk__in=mine).delete()[0] == len(mine)
        if gone:
            VectorFile.objects.bulk_create(new)
        else:
            transaction.set_rollback(True)
    shelf.discard(file.path for file in (old if gone else new))
    return len(old) if gone else 0


def _sweep(now: datetime) -> int:
    """Delete files that a crash left behind: old enough that nobody is about to list them."""
    root, latest = shelf.folder(), (now - timedelta(minutes=10)).timestamp()
    known = set(VectorFile.objects.values_list("path", flat=True))
    found = (path for path in root.glob("*/*") if path.stat().st_mtime < latest)
    stray = [name for path in found if (name := path.relative_to(root).as_posix()) not in known]
    shelf.discard(stray)
    return len(stray)


def recheck(now: datetime) -> int:
    """Compare the vectors with all texts, once a day; return how many differed. A loop step."""
    seen = VectorMark.objects.filter(pk=1).values_list("checked_at", flat=True).first()
    if (seen is not None and now - seen < CHECKED) or _waits():
        return 0
    found = sum(mend(one, now) for one in Organisation.objects.values_list("pk", flat=True))
    VectorMark.objects.update_or_create(pk=1, defaults={"checked_at": now})
    return found


def _waits() -> bool:
    """Whether texts still wait for their first vectors: those are not missing."""
    before = VectorMark.objects.filter(pk=1).values_list("reading", flat=True).first() or 0
    return Reading.objects.filter(pk__gt=before).exists()


def mend(organisation: int, now: datetime) -> int:
    """Take out the vectors of texts that are gone or changed, add what is missing."""
    old = list(VectorFile.objects.filter(organisation_id=organisation).order_by("pk"))
    have = shelf.together(shelf.read(file.path for file in old))
    have = have[np.argsort(have.records, kind="stable")]
    records, marks = _said_now(organisation)
    current = _is_current(have, records, marks)
    added = made_of(_texts_of(records[~np.isin(records, have.records[current])]))
    if current.all() and not len(added):
        return 0
    rows = shelf.together([have[current], added])
    _swap(old, [_file(organisation, rows, now)] if len(rows) else [])
    return int((~current).sum()) + len(added)


def _said_now(organisation: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the records that say something, in order, and the marks of what they say."""
    mine = FeedbackRecord.objects.filter(organisation_id=organisation, masked__isnull=False)
    rows = mine.exclude(masked="").order_by("pk").values_list("pk", "masked")
    each = rows.iterator(chunk_size=_CHUNK)
    pairs = [(pk, shelf.mark(masked)) for pk, masked in each if masked]
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1].astype(np.uint32)


def _is_current(have: Rows, records: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Say which rows are the first of a text as it stands."""
    if not len(have) or not len(records):
        return np.zeros(len(have), dtype=bool)
    at = np.minimum(np.searchsorted(records, have.records), len(records) - 1)
    fits = (records[at] == have.records) & (marks[at] == have.marks)
    places = np.flatnonzero(fits)
    found = np.zeros(len(have), dtype=bool)
    found[places[np.unique(have.records[places], return_index=True)[1]]] = True
    return found


def _texts_of(records: np.ndarray) -> Texts:
    found: Texts = {}
    for at in range(0, len(records), _AT_ONCE):
        some = FeedbackRecord.objects.filter(pk__in=records[at : at + _AT_ONCE].tolist())
        rows = some.order_by("pk").values_list("pk", "masked")
        found.update({pk: masked for pk, masked in rows if masked})
    return found


def forget_erased(now: datetime) -> int:
    """Tick the erasures after which no vector of their texts is left. A loop step."""
    waiting = _waiting()
    clean = {one for one in {r.organisation_id for r in waiting} if not mend(one, now)}
    # Where something was taken out the next turn looks again, and then ticks.
    done = [request for request in waiting if request.organisation_id in clean]
    for request in done:
        tick(request, FLOOR, now=now)
    return len(done)


def _waiting() -> list[ErasureRequest]:
    open_ones = ErasureRequest.objects.filter(done_at=None)
    return [one for one in open_ones if "feedback" in one.ticks and FLOOR not in one.ticks]
