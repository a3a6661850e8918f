"""What the inbox is asked for: the address read once, and all that is built on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from manyi.accounts.permissions import require
from manyi.feedback import queries
from manyi.feedback.models import FeedbackRecord
from manyi.kit.problems import FieldProblem, Problem
from manyi.kit.selection import Selection
from manyi.lake import queries as lake
from manyi.web import filters
from manyi.web.feedback.cards import least_named
from manyi.web.pages import View, page

# Bounds on 0–100 that part 1–5, 1–7 and 0–10 as people read them: 3, 4 and 5–6 are middling.
BANDS: dict[str, tuple[float | None, float | None, str | Promise]] = {
    "low": (None, 40.0, pgettext_lazy("a score", "Low")),
    "middle": (40.0001, 69.9999, pgettext_lazy("a score", "Middle")),
    "high": (70.0, None, pgettext_lazy("a score", "High")),
}
OWN = ("q", "metric", "score", "tag", "text", "index_gte", "index_lte")
_CHUNK = 500
# The database finds the records of these by an index; of others it names so many one by one.
_INDEXED = frozenset({"unit", "survey"})
_FEW = 2_000


@dataclass(frozen=True)
class Asked:
    """A selection, and what the inbox adds to it."""

    selection: Selection
    words: str = ""
    metric: str = ""
    band: str = ""
    low: float | None = None
    high: float | None = None
    tags: tuple[str, ...] = ()
    has_text: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether the selection says it all, as exports and numbers know it."""
        return self == Asked(self.selection)

    @property
    def _is_narrow(self) -> bool:
        """Whether no index finds what is asked for."""
        return bool(self.selection.answers or self.selection.where.keys() - _INDEXED)

    def are_more_than(self, n: int) -> bool:
        """Whether the lake knows that there are more: to count them the database would look
        through all, where one in a hundred belongs to them."""
        if not (self.is_plain and self._is_narrow):
            return False
        told = sum(one.records for one in lake.counts(self.selection.split()))
        return told > n and told - queries.most_hidden(self.selection.scope) > n

    def records(self) -> QuerySet[FeedbackRecord]:
        """Return the records, newest first."""
        rows = queries.inbox(
            self.selection,
            words=self.words,
            metric=self.metric,
            index_gte=self.low,
            index_lte=self.high,
            tags=self.tags,
        )
        if self.has_text:
            rows = rows.exclude(verbatim="")
        named = self._few()
        if named is not None:
            rows = rows.filter(pk__in=named)
        return self._without_few(rows)

    def _few(self) -> list[int] | None:
        """Return the ids that it is certainly among, where the lake knows that they are few: by
        their moment the database would look through all for them."""
        asked = self.selection
        if not self._is_narrow:
            return None
        few = lake.few_records(asked, _FEW)
        if few is None:
            return None
        others = queries.not_in_lake(asked.scope).values_list("pk", flat=True)[: _FEW + 1]
        return [*few, *others] if len(others) <= _FEW else None

    def _without_few(self, rows: QuerySet[FeedbackRecord]) -> QuerySet[FeedbackRecord]:
        """Leave out anonymous answers whose unit must not be named: the filter would name it."""
        if "unit" not in self.selection.where:
            return rows
        least = least_named(self.selection.scope.organisation_id)
        alike = FeedbackRecord.objects.filter(
            organisation_id=self.selection.scope.organisation_id,
            survey_id=OuterRef("survey_id"),
            unit_id=OuterRef("unit_id"),
            is_anonymous=True,
        ).order_by()
        enough = Exists(alike.values("pk")[least - 1 : least])
        return rows.filter(Q(is_anonymous=False) | Q(survey_id=None) | enough)


def read(request: Any) -> Asked:
    """Return what the address asks for; a Problem names what cannot be read."""
    selection = filters.selection(request)
    band = request.GET.get("score", "")
    low, high, _label = BANDS.get(band, (None, None, ""))
    return Asked(
        selection,
        words=request.GET.get("q", "").strip()[:200],
        metric=request.GET.get("metric", "")[:12],
        band=band if band in BANDS else "",
        low=_number(request, "index_gte", low),
        high=_number(request, "index_lte", high),
        tags=tuple(t for t in request.GET.getlist("tag") if t)[:5],
        has_text=request.GET.get("text") == "1",
    )


def _number(request: Any, name: str, otherwise: float | None) -> float | None:
    given = request.GET.get(name, "")
    if not given:
        return otherwise
    try:
        found = float(given)
    except ValueError:
        found = float("nan")
    if not 0 <= found <= 100:
        error = FieldProblem(name, "number_out_of_range", {"low": 0, "high": 100})
        raise Problem("selection.invalid", errors=(error,))
    return found


def inbox_page(view: View) -> View:
    """Open a view to who may read feedback."""

    @wraps(view)
    def opened(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require(request.member, "feedback.read")
        return view(request, *args, **kwargs)

    return page()(opened)


# --- a place in the list, told by a record's id: the time of an anonymous answer is nobody's


def older(rows: QuerySet[FeedbackRecord], than: FeedbackRecord) -> QuerySet[FeedbackRecord]:
    """Keep what comes after `than` in the list."""
    later = Q(occurred_at=than.occurred_at, pk__lt=than.pk)
    return rows.filter(Q(occurred_at__lt=than.occurred_at) | later)


def newer(rows: QuerySet[FeedbackRecord], than: FeedbackRecord) -> QuerySet[FeedbackRecord]:
    """Keep what comes before `than` in the list, the nearest first."""
    later = Q(occurred_at=than.occurred_at, pk__gt=than.pk)
    found = rows.filter(Q(occurred_at__gt=than.occurred_at) | later)
    return found.order_by("occurred_at", "pk")


def back(rows: QuerySet[FeedbackRecord], than: FeedbackRecord) -> QuerySet[FeedbackRecord]:
    """Keep what comes before `than` in a list from the oldest, the nearest first."""
    return older(rows, than).order_by("-occurred_at", "-pk")


def walk(
    rows: QuerySet[FeedbackRecord], at_most: int, then: Callable[[list[FeedbackRecord]], Any]
) -> Any:
    """Yield what `then` makes of the rows, chunk by chunk, up to `at_most` of them."""
    last: FeedbackRecord | None = None
    left = at_most
    while left > 0:
        chunk = list((rows if last is None else older(rows, last))[: min(_CHUNK, left)])
        yield from then(chunk)
        if len(chunk) < min(_CHUNK, left):
            return
        last, left = chunk[-1], left - len(chunk)
