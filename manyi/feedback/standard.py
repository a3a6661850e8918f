"""The standard of service of an organisation: versions, the one in force, and judging by it.

A version never changes. A new one comes into force at once for what arrives; conversations
that were judged by another are judged again in the background, a few hundred at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from manyi.accounts import audit
from manyi.accounts.models import Member
from manyi.accounts.permissions import require
from manyi.feedback.models import FeedbackRecord, ServiceStandard, TalkReading, Turn
from manyi.kit.problems import FieldProblem, Problem
from manyi.text import rubric, talks
from manyi.text.standard import BUILT_IN, DEFAULT, OWN, Item, asked_in, item_of

MOST_OWN, MOST_PHRASES, LONGEST, MOST_WEIGHT = 20, 60, 60, 10.0
MOST_CHANNELS = 20
TURN, AT_ONCE = 5_000, 250
_CODE = re.compile(r"own\.[a-z0-9][a-z0-9_]{0,23}")
_CHANNEL = re.compile(r"[a-z0-9_-]{1,20}")
Items = tuple[Item, ...]


def number(organisation_id: int) -> int:
    """Return the number of the standard in force; 0 is the one that comes with Manyi."""
    rows = _versions(organisation_id)
    return rows.values_list("number", flat=True).first() or 0


def current(organisation_id: int) -> Items:
    """Return the items of the standard in force, those switched off among them."""
    row = _versions(organisation_id).first()
    return DEFAULT if row is None else items_of(row)


def items_of(row: ServiceStandard) -> Items:
    return tuple(item_of(one) for one in row.items)


def _versions(organisation_id: int) -> QuerySet[ServiceStandard]:
    return ServiceStandard.objects.filter(organisation_id=organisation_id).order_by("-number")


def versions(organisation_id: int) -> list[ServiceStandard]:
    """Return the versions, the newest first."""
    return list(_versions(organisation_id).select_related("by__user"))


def version(organisation_id: int, wanted: int) -> Items | None:
    """Return the items of one version, 0 for those that come with Manyi; None where none is."""
    if wanted == 0:
        return DEFAULT
    row = _versions(organisation_id).filter(number=wanted).first()
    return None if row is None else items_of(row)


def choose(*, by: Member, items: Sequence[Mapping[str, Any]], now: datetime) -> ServiceStandard:
    """Put a standard in force; raises Problem naming each fault.

    Every conversation is judged by it in the background, and its words stay as they were read.
    """
    require(by, "organisation.edit")
    checked = check(items)
    with transaction.atomic():
        row = ServiceStandard.objects.create(
            organisation=by.organisation,
            number=number(by.organisation_id) + 1,
            items=[one.to_dict() for one in checked],
            by=by,
            created_at=now,
        )
        on = [one.code for one in checked if one.is_on]
        detail = {"number": row.number, "items": on}
        audit.record(by.organisation_id, actor=by, action="standard.choose", detail=detail, now=now)
    return row


def check(items: Sequence[Mapping[str, Any]]) -> Items:
    """Return items as they are kept: each built-in one, then one's own; raises Problem."""
    errors: list[FieldProblem] = []
    if len(items) > len(BUILT_IN) + MOST_OWN:
        errors.append(FieldProblem("", "standard.many", {"limit": MOST_OWN}))
    seen: set[str] = set()
    found: dict[str, Item] = {}
    for i, given in enumerate(items[: len(BUILT_IN) + MOST_OWN]):
        one = _tidied(given)
        wrong = _wrong(one, seen)
        if wrong:
            errors.append(FieldProblem(f"/{i}", wrong, {"value": _called(one, i)}))
        seen.add(one.code)
        found[one.code] = one
    if errors:
        raise Problem("standard.invalid", errors=tuple(errors))
    known = [found.get(one.code, one) for one in DEFAULT]
    own = [one for one in found.values() if one.is_own]
    if not any(one.is_on and one.weight > 0 for one in (*known, *own)):
        raise Problem("standard.empty")
    return (*known, *own)


def _tidied(given: Mapping[str, Any]) -> Item:
    code = str(given.get("code", "")).strip()
    told = {k: _plain(v)[:LONGEST] for k, v in dict(given.get("name", {})).items()}
    named = {k: v for k, v in told.items() if v}
    return Item(
        code,
        weight=float(given.get("weight", 1.0)),
        is_on=bool(given.get("is_on", True)),
        knows=bool(given.get("knows", True)) and not code.startswith(OWN),
        channels=_texts(given.get("channels", ())),
        says=_texts(given.get("says", ())),
        never=_texts(given.get("never", ())),
        name=named if code.startswith(OWN) else {},
    )


def _texts(given: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for one in given if (text := _plain(one))))


def _plain(given: Any) -> str:
    """Return a text without what no database takes: NUL, and halves of characters."""
    words = " ".join(str(given).split())
    return "".join(letter for letter in words if letter.isprintable()).strip()


def _called(one: Item, i: int) -> str:
    return next((v for v in one.name.values()), one.code)[:LONGEST] or str(i + 1)


def _wrong(one: Item, seen: set[str]) -> str:
    if one.code not in BUILT_IN and not _CODE.fullmatch(one.code):
        return "standard.code_invalid"
    if one.code in seen:
        return "standard.code_twice"
    if not 0 <= one.weight <= MOST_WEIGHT:  # which NaN is not, either
        return "standard.weight_invalid"
    if len(one.channels) > MOST_CHANNELS or not all(map(_CHANNEL.fullmatch, one.channels)):
        return "standard.channel_invalid"
    return _wrong_words(one)


def _wrong_words(one: Item) -> str:
    if one.is_own and not one.name:
        return "standard.name_missing"
    phrases = (*one.says, *one.never)
    if len(phrases) > MOST_PHRASES or any(not 2 <= len(words) <= LONGEST for words in phrases):
        return "standard.phrases_long"
    # Where nothing fulfils it, nothing is said of those who serve by calling it missed.
    least = one.never if one.code == "forbidden" else phrases if one.is_own else one.says
    return "" if one.knows or least else "standard.phrases_missing"


def judge(turns: Sequence[talks.Turn], items: Items, channel: str) -> rubric.Judged:
    """Return what is made of one conversation by a standard, as a page tries it out."""
    [course] = talks.courses([turns])
    return rubric.by_standard(turns, course.moods, asked_in(items, channel))


def due(organisation_id: int) -> QuerySet[TalkReading]:
    """Return the conversations that were judged by another standard than that in force."""
    mine = TalkReading.objects.filter(organisation_id=organisation_id)
    return mine.exclude(standard=number(organisation_id))


def judge_due(*, now: datetime) -> int:
    """Judge conversations again whose standard is no longer in force. A loop step."""
    done = 0
    organisations = ServiceStandard.objects.order_by().values_list("organisation_id", flat=True)
    for organisation in organisations.distinct():
        while done < TURN and (some := _judge_some(organisation)):
            done += some
    return done


def _judge_some(organisation: int) -> int:
    wanted = number(organisation)
    ids = list(due(organisation).order_by().values_list("pk", flat=True)[:AT_ONCE])
    if not ids:
        return 0
    items = current(organisation)
    rows = FeedbackRecord.objects.filter(pk__in=ids)
    known = {
        pk: (rev, channel) for pk, rev, channel in rows.values_list("pk", "revision", "channel")
    }
    said = turns_of(ids)
    read = {one.pk: one for one in TalkReading.objects.filter(pk__in=ids)}
    for pk, one in read.items():
        _judge_one(one, said.get(pk, []), asked_in(items, known[pk][1]), wanted)
    with transaction.atomic():
        # A record that was sent again meanwhile has been read anew by then.
        same = dict(rows.select_for_update(of=("self",)).values_list("pk", "revision"))
        kept = [one for pk, one in read.items() if same.get(pk) == known[pk][0]]
        TalkReading.objects.bulk_update(kept, ["items", "kept", "standard"])
    return len(ids)


def _judge_one(one: TalkReading, turns: Sequence[talks.Turn], items: Items, standard: int) -> None:
    fits = len(turns) == len(one.moods)
    found = rubric.by_standard(turns, one.moods, items) if fits else rubric.Judged((), None)
    one.items = stored(found.verdicts)
    one.kept, one.standard = found.kept, standard


def stored(verdicts: Iterable[rubric.Verdict]) -> dict[str, list[Any]]:
    """Return verdicts as a reading keeps them."""
    return {one.item: [one.result, list(one.turns)] for one in verdicts}


def turns_of(record_ids: Iterable[int]) -> dict[int, list[talks.Turn]]:
    """Return the turns of conversations in their order, by record."""
    rows = Turn.objects.filter(record_id__in=list(record_ids)).order_by("record_id", "position")
    found: dict[int, list[talks.Turn]] = {}
    for record, role, text, at in rows.values_list("record_id", "role", "text", "at"):
        found.setdefault(record, []).append(talks.Turn(role, text, at))
    return found
