"""Looks each week for themes that nobody named. A loop step.

All work is done outside any transaction; a short one then stores what was found, unless the
same week has been looked at meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from manyi.accounts.models import Organisation
from manyi.feedback import taxonomy
from manyi.feedback.models import FeedbackRecord
from manyi.text import meaning, unnamed
from manyi.text.gathering import Clauses, all_clauses, loose_clauses
from manyi.text.unnamed import Found, Heard
from manyi.themes import shelf
from manyi.themes.models import Choice, Look, UnnamedTheme

WEEKS = 9
WEEK = timedelta(days=7)
# A sample of so many texts is read; a theme of one in a thousand is still found in it.
MOST = 20_000
FEWEST = 200
KEPT = 60
# What has not been found for so long is another theme when it comes back.
REMEMBERED = 8 * WEEK
_CHUNK = 2_000
_SEED = 20_261_122

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Texts:
    """What was said in the weeks: records, masked texts, people, weeks, who is anonymous."""

    records: list[int]
    masked: list[str]
    people: Ints
    week: Ints
    anonymous: NDArray[np.bool_]


def look_due(now: datetime) -> int:
    """Look where a week has ended since the last look; return how many organisations."""
    done = 0
    for organisation in Organisation.objects.order_by("pk"):
        week = last_week(organisation, now)
        mine = Look.objects.filter(organisation=organisation)
        if not mine.filter(week__gte=week).exists():
            done += look(organisation, week, now)
    return done


def last_week(organisation: Organisation, now: datetime) -> date:
    """Return the Monday of the last week that is over where the organisation is."""
    today = now.astimezone(ZoneInfo(organisation.time_zone)).date()
    return today - timedelta(days=today.weekday()) - WEEK


def look(organisation: Organisation, week: date, now: datetime) -> int:
    """Look for themes in the weeks up to `week` and store them; 0 where somebody was faster."""
    weeks = [week - WEEK * k for k in reversed(range(WEEKS))]
    texts = _texts(organisation.pk, weeks)
    is_whole = Choice.objects.filter(organisation=organisation, is_whole=True).exists()
    known = taxonomy.current(organisation.pk).taxonomy
    clauses = (all_clauses if is_whole else loose_clauses)(texts.masked, known)
    old = list(_remembered(organisation.pk, week))
    least = max(unnamed.LEAST, organisation.precision_n, organisation.privacy_n)
    found = _found(texts, clauses, old, least) if len(texts.records) >= FEWEST else []
    heard = _heard(texts)
    made = Look(
        organisation=organisation,
        week=week,
        at=now,
        weeks=[one.isoformat() for one in weeks],
        voices=[_told(texts, np.flatnonzero(texts.week == k), organisation) for k in range(WEEKS)],
        texts=len(texts.records),
        clauses=len(clauses),
        is_whole=is_whole,
    )
    rows = [_figures(one, texts, clauses, heard, organisation) for one in found]
    return _store(made, texts, clauses, found, rows, old)


def _texts(organisation: int, weeks: Sequence[date]) -> Texts:
    """Return a fair sample of what was said in these weeks."""
    mine = FeedbackRecord.objects.filter(
        organisation_id=organisation,
        day__gte=weeks[0],
        day__lt=weeks[-1] + WEEK,
        masked__isnull=False,
    ).exclude(masked="")
    first = datetime.combine(weeks[0], datetime.min.time(), ZoneInfo("UTC")) - timedelta(days=2)
    ids = np.array(mine.filter(occurred_at__gte=first).values_list("pk", flat=True), np.int64)
    ids.sort()
    if len(ids) > MOST:
        ids = np.sort(np.random.default_rng(_SEED).permutation(ids)[:MOST])
    rows: list[Any] = []
    for at in range(0, len(ids), 500):
        some = FeedbackRecord.objects.filter(pk__in=ids[at : at + 500].tolist()).order_by("pk")
        fields = ("pk", "masked", "customer_id", "day", "is_anonymous")
        rows += [row for row in some.values_list(*fields) if row[1]]
    keys = np.array([-row[0] if row[2] is None else row[2] for row in rows], np.int64)
    return Texts(
        [row[0] for row in rows],
        [row[1] for row in rows],
        np.unique(keys, return_inverse=True)[1],
        np.array([(row[3] - weeks[0]).days // 7 for row in rows], np.int64),
        np.array([row[4] for row in rows], bool),
    )


def _heard(texts: Texts) -> Heard:
    pairs = np.unique(np.stack([texts.week, texts.people]), axis=1)
    return Heard(texts.people, texts.week, np.bincount(pairs[0], minlength=WEEKS))


def _remembered(organisation: int, week: date) -> Any:
    mine = UnnamedTheme.objects.filter(organisation_id=organisation, model=meaning.version())
    return mine.filter(last_week__gte=week - REMEMBERED).order_by("-last_week", "number")


def _found(texts: Texts, said: Clauses, old: Sequence[UnnamedTheme], least: int) -> list[Found]:
    return unnamed.find(
        said,
        _heard(texts),
        before=np.array([centre_of(one) for one in old], np.float32).reshape(-1, 64),
        rng=np.random.default_rng(_SEED),
        least=least,
    )


def centre_of(theme: UnnamedTheme) -> NDArray[np.float32]:
    return np.frombuffer(bytes(theme.centre), np.float32)


def _told(texts: Texts, members: Ints, organisation: Organisation) -> int | None:
    """Return how many people these texts are of, unless anonymous ones are few among them."""
    hidden = len(np.unique(texts.people[members[texts.anonymous[members]]]))
    if 0 < hidden < organisation.privacy_n:
        return None
    return len(np.unique(texts.people[members]))


def _figures(
    one: Found, texts: Texts, said: Clauses, heard: Heard, organisation: Organisation
) -> dict[str, Any]:
    """Return people by week and by sense, and how the theme rose, as far as may be told."""
    text = said.text[one.members]
    weeks = [
        _told(texts, np.unique(text[texts.week[text] == k]), organisation) for k in range(WEEKS)
    ]
    rise = one.rise if None not in weeks else None
    return {
        "weeks": weeks,
        "senses": _senses(texts, said, one.members, organisation),
        "rise": rise and {**vars(rise), "p": round(rise.p, 6)},
    }


def _senses(
    texts: Texts, said: Clauses, members: Ints, organisation: Organisation
) -> list[int] | None:
    """Return how many people speak ill, neither, and well of it; None where few may be told."""
    people = texts.people[said.text[members]]
    sums = np.sign(np.bincount(people, said.sense[members])[np.unique(people)])
    whole = _told(texts, np.unique(said.text[members]), organisation)
    return None if whole is None else [int((sums == sense).sum()) for sense in (-1, 0, 1)]


def _store(
    made: Look,
    texts: Texts,
    said: Clauses,
    found: Sequence[Found],
    figures: Sequence[dict[str, Any]],
    old: Sequence[UnnamedTheme],
) -> int:
    before = np.array([centre_of(one) for one in old], np.float32).reshape(-1, 64)
    centres = np.array([one.centre for one in found], np.float32).reshape(-1, 64)
    continued = unnamed.matched(before, centres)
    voices = [_voices(one, texts, said) for one in found]
    with transaction.atomic():
        mine = {"organisation_id": made.organisation_id}
        if Look.objects.filter(**mine, week__gte=made.week).exists():
            return 0
        made.save()
        number = _next_number(made.organisation_id)
        for k, (one, told, place) in enumerate(zip(found, figures, continued, strict=True)):
            theme = old[place] if place is not None else _new(made, number + k)
            theme.name = list(one.name)
            theme.centre = one.centre.astype(np.float32).tobytes()
            theme.last_week, theme.position, theme.figures = made.week, k, told
            theme.voices = voices[k]
            theme.save()
    return 1


def _next_number(organisation: int) -> int:
    mine = UnnamedTheme.objects.filter(organisation_id=organisation).order_by("-number")
    return 1 + (mine.values_list("number", flat=True).first() or 0)


def _new(made: Look, number: int) -> UnnamedTheme:
    return UnnamedTheme(
        organisation_id=made.organisation_id,
        number=number,
        model=meaning.version(),
        first_week=made.week,
    )


def _voices(one: Found, texts: Texts, said: Clauses) -> list[tuple[int, int, int, int]]:
    """Return the most typical clauses, one of each record."""
    seen: dict[int, tuple[int, int, int, int]] = {}
    for k in one.members.tolist():
        text = int(said.text[k])
        if text not in seen and len(seen) < KEPT:
            mark = shelf.mark(texts.masked[text])
            seen[text] = (texts.records[text], mark, int(said.start[k]), int(said.end[k]))
    return list(seen.values())
