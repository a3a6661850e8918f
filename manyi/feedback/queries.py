"""Reads of the one record: everything passes `visible_to(scope)`."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import (
    Count,
    Exists,
    F,
    FloatField,
    Func,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.lookups import Exact, In

from manyi.accounts.models import Organisation, Unit
from manyi.accounts.permissions import beside, sees_few, within
from manyi.base.once import once
from manyi.base.planning import beside_index
from manyi.feedback import saying
from manyi.feedback.models import Answer, FeedbackRecord, Score, Tag
from manyi.feedback.search import held, holding, walked
from manyi.kit.period import Period
from manyi.kit.problems import NotFound
from manyi.kit.selection import ATTRIBUTE, SAID, Scope, Selection, number_in

_CODES = {
    "touchpoint": "touchpoint__code__in",
    "agent": "agent__code__in",
    "channel": "channel__in",
    "source": "source__in",
    "kind": "kind__in",
    "language": "language__in",
}


Keep = Callable[[QuerySet[FeedbackRecord], Scope], QuerySet[FeedbackRecord]]
NEWEST = "-occurred_at", "-pk"
# So many units are named in a question one by one.
_MOST_NAMED = 5_000
_FEW = 2_000
# Local days begin up to 14 hours before those of UTC, and end up to 12 hours after them.
_FURTHEST_EAST, _FURTHEST_WEST = timedelta(days=1), timedelta(days=2)
_TRUTHS = {"true": True, "false": False}


def visible_to(scope: Scope, keep: Keep = within) -> QuerySet[FeedbackRecord]:
    """Return the records that a scope sees, kept `within` or `beside` it.

    Who sees no text is shown the masked one: `wire.words_of` and `wire.content_for` see to it.
    """
    rows = keep(FeedbackRecord.objects.all(), scope)
    if scope.unit_ids is None:
        return rows
    # To show them to who sees few units would name their unit.
    return _without_few(rows, _few(_anonymous(scope), _least(scope)))


def _unnamed(scope: Scope) -> set[tuple[int, int]]:
    return _pooled(_anonymous(scope), _least(scope))


def most_hidden(scope: Scope) -> int:
    """Return how many anonymous answers a list may at most leave out so that no unit is told."""
    counts = _anonymous(scope)
    hidden = _pooled(counts, _least(scope))
    return sum(n for survey, units in counts.items() for u, n in units if (survey, u) in hidden)


def _without_few(
    rows: QuerySet[FeedbackRecord], hidden: set[tuple[int, int]]
) -> QuerySet[FeedbackRecord]:
    """Leave out anonymous answers whose unit must not be told."""
    by_survey: dict[int, list[int]] = defaultdict(list)
    for survey, unit in hidden:
        by_survey[survey].append(unit)
    for survey, units in by_survey.items():
        rows = rows.exclude(is_anonymous=True, survey_id=survey, unit_id__in=units)
    return rows


def records(selection: Selection, keep: Keep = within) -> QuerySet[FeedbackRecord]:
    """Return the records of a selection, newest first, kept `within` or `beside` its scope."""
    rows = visible_to(selection.scope, keep)
    for condition in saying.admitting(selection):
        rows = rows.filter(condition)
    for dimension, codes in selection.where.items():
        if dimension in SAID:
            continue
        rows = rows.filter(_admits(selection.scope, dimension, codes))
    for question, choices in selection.answers.items():
        rows = rows.filter(_answered(question, choices))
    if selection.where.keys() & {"unit", "agent"}:
        rows = _without_few(rows, _unnamed(selection.scope))
    if selection.when:
        rows = _during(rows, selection.when)
    return rows.order_by(*NEWEST)


def among(selection: Selection, ids: Collection[int]) -> QuerySet[FeedbackRecord]:
    """Return those of these records that belong to a selection, in no order.

    Each is looked up by its id: SQLite takes what a survey or a unit has for fewer than they are.
    """
    mine = records(selection, beside).filter(pk=OuterRef("pk")).order_by()
    return FeedbackRecord.objects.filter(Exists(mine), pk__in=ids)


def holds_record(selection: Selection) -> Exists:
    """Admit the rows whose record belongs to a selection, each looked up as its turn comes."""
    return Exists(records(selection, beside).filter(pk=OuterRef("record_id")).order_by())


def _during(rows: QuerySet[FeedbackRecord], when: Period) -> QuerySet[FeedbackRecord]:
    """Keep the records of these local days.

    The moments between which they lie wherever on earth let the database look there alone:
    its index orders records by moment.
    """
    if when.first > date.min + _FURTHEST_EAST:
        first = datetime.combine(when.first, time(), UTC) - _FURTHEST_EAST
        rows = rows.filter(day__gte=when.first, occurred_at__gte=first)
    if when.last < date.max - _FURTHEST_WEST:
        last = datetime.combine(when.last, time(), UTC) + _FURTHEST_WEST
        rows = rows.filter(day__lte=when.last, occurred_at__lt=last)
    return rows


def inbox(
    selection: Selection,
    *,
    words: str = "",
    metric: str = "",
    index_lte: float | None = None,
    index_gte: float | None = None,
    tags: Iterable[str] = (),
) -> QuerySet[FeedbackRecord]:
    """Return the records of a selection that hold `words` and score within bounds (0–100)."""
    rows = _with_words(selection, words) if words.strip() else records(selection)
    if metric or index_lte is not None or index_gte is not None:
        rows = rows.filter(_scored(metric, index_lte, index_gte))
    # A tag may name a person: who sees no text sees none, and finds nothing by one.
    for tag in tags if selection.scope.sees_text else ():
        rows = rows.filter(_tagged(tag))
    return rows


def _with_words(selection: Selection, words: str) -> QuerySet[FeedbackRecord]:
    found = held(words)
    if isinstance(found, Q):
        rows = walked(records(selection)).filter(found)
    else:
        rows = among(selection, found).order_by(*NEWEST)
    return rows if selection.scope.sees_text else holding(rows, words)


def _tagged(label: str) -> Q:
    """Admit the records with a tag, where they are few one by one: people give tags by hand."""
    few = list(Tag.objects.filter(label=label).values_list("record_id", flat=True)[: _FEW + 1])
    return Q(pk__in=few) if len(few) <= _FEW else Q(tags__label=label)


def record(scope: Scope, pk: int | str) -> FeedbackRecord:
    """Return one record, or raise NotFound where the scope does not see it."""
    try:
        return visible_to(scope).get(pk=int(pk))
    except (FeedbackRecord.DoesNotExist, ValueError, OverflowError):
        raise NotFound("not_found") from None


def in_order(ids: Sequence[int]) -> list[FeedbackRecord]:
    """Return the records of ids that a scope was asked for, in their order."""
    found = FeedbackRecord.objects.in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def _admits(scope: Scope, dimension: str, codes: tuple[str, ...]) -> Q:
    if dimension == "unit":
        return Q(unit_id__in=_subtrees(scope, codes))
    if dimension == "survey":
        ids = [int(c) for c in codes if c.isdecimal() and len(c) < 19]
        return Q(survey__code__in=codes) | Q(survey_id__in=ids)
    if dimension.startswith(ATTRIBUTE):
        return _with_attribute(dimension.removeprefix(ATTRIBUTE), codes)
    return Q(**{_CODES[dimension]: codes})


def _subtrees(scope: Scope, codes: tuple[str, ...]) -> Collection[int] | QuerySet[Unit, int]:
    """Return the units with these codes and all below them.

    They are named one by one: the database then knows how many they are, and takes the records
    of a few by their unit and those of many by their moment.
    """
    mine = Unit.objects.filter(organisation_id=scope.organisation_id)
    below = Q(pk__in=[])
    for path in mine.filter(code__in=codes).values_list("path", flat=True):
        below |= Q(path__startswith=path)
    found = mine.filter(below).values_list("pk", flat=True)
    few = list(found[: _MOST_NAMED + 1])
    return few if len(few) <= _MOST_NAMED else found


def _with_attribute(name: str, values: tuple[str, ...]) -> Q:
    wanted = _contained if connection.vendor == "postgresql" else _extracted
    return wanted(name, values)


def _contained(name: str, values: tuple[str, ...]) -> Q:
    admitted = Q(pk__in=[])
    for text in values:
        for value in (text, _TRUTHS.get(text), _number(text)):
            if value is not None:
                admitted |= Q(attributes__contains={name: value})
    return admitted


def _extracted(name: str, values: tuple[str, ...]) -> Q:
    # Django's own transform reads a name of digits as a place in a list.
    at = F("attributes"), Value(f"$.{json.dumps(name)}")
    shape = Func(*at, function="JSON_TYPE", output_field=TextField())
    text = Func(*at, function="JSON_EXTRACT", output_field=TextField())
    number = Func(*at, function="JSON_EXTRACT", output_field=FloatField())
    numbers = [n for n in map(_number, values) if n is not None]
    truths = [v for v in values if v in _TRUTHS]
    admitted = Q(Exact(shape, "text")) & Q(In(text, values))
    if truths:
        admitted |= Q(In(shape, truths))
    if numbers:
        admitted |= Q(In(shape, ("integer", "real"))) & Q(In(number, numbers))
    return admitted


def _number(text: str) -> float | None:
    """Return the number whose setting in the lake is `text`, or None."""
    try:
        number = float(text)
    except ValueError:
        return None
    said = str(int(number)) if number.is_integer() else str(number)
    return number if said == text and math.isfinite(number) else None


def _answered(question: str, choices: tuple[str, ...]) -> Q:
    numbers = [n for n in map(number_in, choices) if n is not None]
    name, _, row = question.partition(".")
    mine = Answer.objects.filter(record_id=OuterRef("pk"), question=name)
    if row:
        mine = mine.filter(row=row)
    return Q(Exists(mine.filter(Q(code__in=choices) | Q(number__in=numbers))))


def _scored(metric: str, index_lte: float | None, index_gte: float | None) -> Q:
    mine = Score.objects.filter(record_id=OuterRef("pk"))
    if metric:
        mine = mine.filter(metric=metric)
    mine = mine.annotate(
        index=(F("value") - F("worst")) * 100.0 / (F("best") - F("worst")),
    )
    if index_lte is not None:
        mine = mine.filter(index__lte=index_lte)
    if index_gte is not None:
        mine = mine.filter(index__gte=index_gte)
    return Q(Exists(mine))


def responses_of(scope: Scope, survey_id: int) -> QuerySet[FeedbackRecord]:
    """Return the answers to a survey, partial ones included, newest first."""
    return visible_to(scope).filter(survey_id=survey_id).order_by("-occurred_at", "-pk")


def completed_count(survey_id: int) -> int:
    """Return how many respondents finished a survey."""
    # An index alone counts all, and another one the few that are unfinished.
    mine = FeedbackRecord.objects.filter(survey_id=survey_id)
    return mine.count() - mine.filter(completed_at=None).count()


def of_customer(scope: Scope, customer_id: int) -> QuerySet[FeedbackRecord]:
    mine = visible_to(scope, beside).filter(customer_id=customer_id)
    return mine.order_by("-occurred_at", "-pk")


def customers_heard(scope: Scope) -> QuerySet[FeedbackRecord, Any]:
    """Return the ids of the customers whose voices a scope sees."""
    named = FeedbackRecord.objects.filter(customer__isnull=False)
    rows = within(named, scope) if sees_few(scope) else beside(named, scope)
    return rows.values_list("customer_id", flat=True)


def not_in_lake(scope: Scope) -> QuerySet[FeedbackRecord]:
    """Return the organisation's records that the lake never tells of: those under way, and those
    that are left out."""
    mine = FeedbackRecord.objects.alias(_whose=beside_index("organisation_id"))
    mine = mine.filter(_whose=scope.organisation_id)
    under_way = mine.filter(lake_part=None, completed_at=None, is_partial=False)
    return under_way.order_by().union(mine.filter(lake_part=0).order_by(), all=True)


def few_answers(scope: Scope, survey_ids: set[int], minimum: int) -> set[tuple[int, int]]:
    """Return the (survey, unit) pairs of anonymous answers whose unit must not be named.

    Those are units with too few answers, and with a single one of them its neighbour too: of
    the answers without a unit all but one unit's could be told by elimination.
    """
    return _pooled(_anonymous(scope, survey_ids), minimum)


Counts = Mapping[int, Sequence[tuple[int, int]]]


def _anonymous(scope: Scope, survey_ids: Iterable[int] | None = None) -> Counts:
    """Return of each survey its units with their anonymous answers, the fewest first."""
    rows = FeedbackRecord.objects.filter(
        organisation_id=scope.organisation_id,
        survey__isnull=False,
        is_anonymous=True,
        unit__isnull=False,
    )
    if survey_ids is None:
        return once(("anonymous", scope.organisation_id), lambda: _by_survey(rows))
    return _by_survey(rows.filter(survey_id__in=survey_ids))


def _by_survey(rows: QuerySet[FeedbackRecord]) -> Counts:
    counted = rows.order_by().values_list("survey_id", "unit_id").annotate(n=Count("*"))
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for survey, unit, n in counted.order_by("n", "unit_id"):
        found[survey].append((unit, n))
    return found


def _few(counts: Counts, minimum: int) -> set[tuple[int, int]]:
    return {(s, unit) for s, units in counts.items() for unit, n in units if n < minimum}


def _pooled(counts: Counts, minimum: int) -> set[tuple[int, int]]:
    found = _few(counts, minimum)
    for survey, units in counts.items():
        few = [n for _, n in units if n < minimum]
        if few and sum(few) < minimum and len(units) > len(few):
            found.add((survey, units[len(few)][0]))
    return found


def _least(scope: Scope) -> int:
    rows = Organisation.objects.values_list("privacy_n", flat=True)
    return rows.get(pk=scope.organisation_id)


def latest(selection: Selection, *, at_most: int) -> list[FeedbackRecord]:
    """Return the newest records with something said."""
    said = records(selection).exclude(verbatim="").exclude(completed_at=None)
    if not selection.scope.sees_text:
        said = said.exclude(masked=None)
    return list(said[:at_most])
