"""Learns an organisation's own head from what its people corrected; nothing leaves the house.

The arrays stand in the database, so that backups hold them and an erasure reaches them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from manyi.accounts import audit
from manyi.accounts.models import Member
from manyi.accounts.permissions import require
from manyi.feedback import heads, lessons, outside, rereading, taxonomy
from manyi.feedback.models import Correction, Learning, LearntHead, TaxonomyVersion
from manyi.kit.problems import Problem
from manyi.stats.effect.waves import mcnemar_counts
from manyi.stats.intervals import wilson
from manyi.text import OwnHead, accurate, presence, store
from manyi.text.corrected import ASPECT, INTENT
from manyi.text.learned import (
    LEAST,
    Judged,
    Lesson,
    Tried,
    changed,
    cross_validated,
    learn,
)

# Who corrects errors alone shows a model that is never right: some have to be confirmed.
CONFIRMED = 0.2
MOST_CODES = 40


def note(organisation_id: int, now: datetime) -> None:
    """Have the organisation's head learnt anew soon."""
    Learning.objects.update_or_create(organisation_id=organisation_id, defaults={"due_at": now})


def forget_records(record_ids: Sequence[int], now: datetime) -> int:
    """Forget what was said of records and every head that was taught by it; learn anew.

    Returns how many corrections are gone. What an outside model said of them goes too.
    """
    outside.forget(record_ids)
    mine = Correction.objects.filter(record_id__in=record_ids)
    owners = set(mine.values_list("organisation_id", flat=True))
    gone, _ = mine.delete()
    for organisation in owners:
        _drop(organisation)
        note(organisation, now)
    return gone


def learn_due(*, now: datetime) -> int:
    """Learn the heads of organisations whose corrections have changed. A loop step."""
    due = Learning.objects.filter(due_at__isnull=False, is_on=True)
    return sum(_learn(row, now) for row in due.order_by("due_at")[:10])


def _learn(row: Learning, now: datetime) -> int:
    organisation = row.organisation_id
    parts = _parts(lessons.material(organisation))
    with transaction.atomic():
        same = Learning.objects.select_for_update().filter(
            pk=row.pk, due_at=row.due_at, number=row.number, is_on=True
        )
        if not same.first():
            return 0
        if parts:
            _keep(organisation, row.number + 1, parts, now)
        number = row.number + bool(parts)
        Learning.objects.filter(pk=row.pk).update(due_at=None, number=number)
    return 1


@dataclass(frozen=True)
class _Part:
    head: OwnHead | None
    figures: dict[str, Any]


def _parts(found: lessons.Material) -> dict[str, _Part]:
    """Return what could be learnt, by part: `texts`, `clauses`, `aspect:CODE`, `intent:CODE`."""
    polarity = {"texts": found.texts, "clauses": found.clauses}
    made = {
        name: _of_polarity(one.lessons, one.others)
        for name, one in polarity.items()
        if len(one.lessons) >= LEAST
    }
    for kind, by_code in ((ASPECT, found.aspects), (INTENT, found.intents)):
        most = sorted(by_code.items(), key=lambda pair: (-len(pair[1].lessons), pair[0]))
        for code, one in most[:MOST_CODES]:
            if presence.enough(one.lessons):
                made[f"{kind}:{code}"] = _of_presence(code, one.lessons, one.others)
    return made


def _of_polarity(given: Sequence[Lesson], others: Sequence[Judged]) -> _Part:
    held_back, looked_at = others[::2], others[1::2]
    head = learn(given, held_back)
    tried = cross_validated(given, held_back)
    return _part(head, tried, len(looked_at), changed(head, looked_at))


def _of_presence(
    code: str, given: Sequence[presence.Lesson], others: Sequence[presence.Seen]
) -> _Part:
    held_back, looked_at = others[::2], others[1::2]
    head = presence.learn(code, given, held_back)
    tried = presence.cross_validated(code, given, held_back)
    part = _part(head, tried, len(looked_at), presence.changed(head, looked_at))
    part.figures["said"] = sum(one.said for one in given)
    return part


def _part(head: OwnHead, tried: Tried | presence.Tried, others: int, moved: float) -> _Part:
    """Return what was learnt, and without it where it does worse than the built-in model."""
    n, right = len(tried.before), (sum(tried.before), sum(tried.after))
    used = right[1] >= right[0] >= CONFIRMED * n
    before, after = (_share(x, n) for x in right)
    figures = {
        "n": n,
        "confirmed": right[0],
        "before": before,
        "after": after,
        "gain": _gain(tried),
        "others": others,
        "changed": moved,
        "used": used,
    }
    return _Part(head if used else None, figures)


def _share(right: int, n: int) -> dict[str, float]:
    ends = wilson(right, n)
    return {"value": right / n, "low": ends.low, "high": ends.high}


def _gain(tried: Tried | presence.Tried) -> dict[str, float | None]:
    """Return the share right now less that before, by McNemar's table."""
    table = [[0, 0], [0, 0]]
    for before, after in zip(tried.before, tried.after, strict=True):
        table[not after][not before] += 1
    effect = mcnemar_counts(table).effect
    ends = (effect.value, effect.low, effect.high)
    value, low, high = (None if x is None else x / 100 for x in ends)
    return {"value": value, "low": low, "high": high}


def _keep(organisation: int, number: int, parts: dict[str, _Part], now: datetime) -> None:
    row = LearntHead.objects.create(
        organisation_id=organisation,
        number=number,
        texts=_content(parts, "texts"),
        clauses=_content(parts, "clauses"),
        aspects=_content(parts, f"{ASPECT}:"),
        intents=_content(parts, f"{INTENT}:"),
        figures={name: part.figures for name, part in parts.items()},
        base=store.version(accurate.chosen()),
        created_at=now,
    )
    _follow(row)
    read_with = TaxonomyVersion.objects.filter(
        organisation_id=organisation, number__in=taxonomy.living(organisation)
    ).values("head")
    mine = LearntHead.objects.filter(organisation_id=organisation).exclude(pk=row.pk)
    mine.exclude(number__in=read_with).delete()


def _content(parts: dict[str, _Part], name: str) -> bytes | None:
    """Return the heads of the parts so named, as they are stored; None where there are none."""
    found = [part.head for key, part in parts.items() if key.startswith(name) and part.head]
    if not found:
        return None
    return (found[0] if name in parts else presence.together(found)).to_bytes()


def _follow(row: LearntHead) -> None:
    """Let the new head read on where the one in force had to be forgotten."""
    mine = TaxonomyVersion.objects.filter(organisation_id=row.organisation_id).exclude(head=0)
    there = LearntHead.objects.filter(organisation_id=row.organisation_id).values("number")
    mine.exclude(head__in=there).update(head=row.number if heads.is_of_use(row) else heads.NONE)


# --- what an owner does with it


def state(organisation_id: int) -> Learning:
    """Return whether an organisation learns; one that never corrected anything would."""
    row = Learning.objects.filter(organisation_id=organisation_id).first()
    return row or Learning(organisation_id=organisation_id)


def in_force(organisation_id: int) -> int:
    """Return the number of the head that reads for an organisation; 0 = none."""
    learned = taxonomy.current(organisation_id).learned
    return heads.NONE if learned is None else learned.number


def switch(*, by: Member, on: bool, now: datetime) -> None:
    """Learn from corrections from now on, or no more; what is in force stays in force."""
    _act(by, "learning.on" if on else "learning.off", now, lambda: _set(by, on=on, now=now))


def use(*, by: Member, now: datetime) -> TaxonomyVersion:
    """Have all texts read again by the newest head; raises Problem where it is of no use."""
    require(by, "organisation.edit")
    row = heads.latest(by.organisation_id)
    if row is None or not heads.is_of_use(row):
        raise Problem("learning.nothing")
    return _read_again(by, row.number, now)


def leave(*, by: Member, now: datetime) -> TaxonomyVersion:
    """Have all texts read again by the built-in model alone."""
    return _read_again(by, heads.NONE, now)


def forget(*, by: Member, now: datetime) -> None:
    """Delete every head and learn no more; the corrections themselves stay."""
    _act(by, "learning.forget", now, lambda: _forget(by, now))


def _forget(by: Member, now: datetime) -> None:
    _drop(by.organisation_id)
    _set(by, on=False, now=now)
    TaxonomyVersion.objects.filter(organisation=by.organisation).update(head=heads.NONE)


def _drop(organisation_id: int) -> None:
    LearntHead.objects.filter(organisation_id=organisation_id).delete()


def _set(by: Member, *, on: bool, now: datetime) -> None:
    given = {"is_on": on, "due_at": now if on else None}
    Learning.objects.update_or_create(organisation=by.organisation, defaults=given)


def _act(by: Member, action: str, now: datetime, act: Callable[[], None]) -> None:
    require(by, "organisation.edit")
    with transaction.atomic():
        act()
        audit.record(by.organisation_id, actor=by, action=action, now=now)


def _read_again(by: Member, number: int, now: datetime) -> TaxonomyVersion:
    mine = TaxonomyVersion.objects.filter(organisation=by.organisation, is_current=True)
    row = mine.first()
    chosen = taxonomy.current(by.organisation_id).taxonomy.code if row is None else row.pack
    own = [] if row is None else row.own
    return rereading.choose(by=by, pack_code=chosen, own=own, head=number, now=now)
