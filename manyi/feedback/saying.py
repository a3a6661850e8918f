"""What a selection asks of the words, answered by the database as the lake answers it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from manyi.feedback import taxonomy
from manyi.feedback.models import Finding, Reading
from manyi.kit.selection import Selection

SENSES = {"negative": -1, "neutral": 0, "positive": 1}
Ids = QuerySet[Any, Any]


def admitting(selection: Selection) -> list[Q]:
    """Return the conditions on what a record says.

    What its reading says is looked up record by record: a list walks the newest first, and would
    else wait until all readings of an installation have been gone through.
    """
    where, organisation = selection.where, selection.scope.organisation_id
    if not where.keys() & {"aspect", "polarity", "emotion", "intent"}:
        return []
    number = taxonomy.number(organisation)
    read = Reading.objects.filter(record_id=OuterRef("pk"), generation=number)
    senses = [SENSES[p] for p in where.get("polarity", ()) if p in SENSES]
    found: list[QuerySet[Reading]] = []
    said: list[Q] = []
    if "aspect" in where:
        codes = admitted(organisation, where["aspect"])
        rows = _mentioning(organisation, number, codes, where, senses)
        said.append(Q(pk__in=rows.values("record_id")))
    elif "polarity" in where:
        found.append(read.filter(polarity__in=senses))
    if "emotion" in where:
        found.append(read.filter(emotion__in=where["emotion"]))
    if "intent" in where:
        found.append(read.filter(_any_intent(where["intent"])))
    return [*said, *(Q(Exists(rows), analysed_at__isnull=False) for rows in found)]


def admitted(organisation: int, codes: Iterable[str]) -> list[str]:
    """Return the aspects that codes admit: a group admits all that is below it."""
    known = taxonomy.current(organisation).taxonomy.aspects
    wanted = set(codes)
    below = {one.code for one in known if taxonomy.group_of(one.code) in wanted}
    return sorted(wanted | below)


def _any_intent(codes: Iterable[str]) -> Q:
    found = Q(pk__in=[])
    for code in codes:
        found |= Q(intents__contains=f" {code} ")
    return found


def _mentioning(
    organisation: int, number: int, codes: list[str], where: Any, senses: list[int]
) -> Ids:
    """Several clauses on one aspect count as the sign of their sum, as in the lake."""
    found = Finding.objects.filter(
        aspect__in=codes,
        generation=number,
        record__organisation_id=organisation,
        record__analysed_at__isnull=False,
    )
    if "polarity" not in where:
        return found
    wanted = Q(pk__in=[])
    for sense in senses:
        wanted |= {-1: Q(total__lt=0), 0: Q(total=0), 1: Q(total__gt=0)}[sense]
    summed = found.order_by().values("record_id", "aspect").annotate(total=Sum("polarity"))
    return summed.filter(wanted)
