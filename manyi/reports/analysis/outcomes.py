"""What customers' attributes tell of leaving: which of them may tell it, and what each says."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
from django.db.models import TextField
from django.db.models.functions import Cast

from manyi.base.planning import beside_index
from manyi.customers.models import Customer

LEAST_PEOPLE = 20
MOST_WORDS = 12
_AT_ONCE = 5000
_LEAVING = re.compile(
    r"churn|left|leav|lost|cancel|terminat|clos|quit|gone|lapse|attrit|inactive|流失|离|退|销户|注销|解约|终止"
)
_YES = re.compile(
    r"^(1|true|yes|y|是|churn(ed)?|left|lost|gone|cancel(l?ed)?|closed|inactive|已?流失|已?离开|已?退.*|已?注销)$"
)
Kind = Literal["date", "word"]


@dataclass(frozen=True)
class Outcome:
    """An attribute of customers that may tell who left: a date of leaving (blank: still there),
    or one of `values` that means leaving."""

    name: str
    kind: Kind
    values: tuple[str, ...] = ()

    @property
    def sounds(self) -> bool:
        """Whether its name or its values sound like leaving."""
        return any(_LEAVING.search(words.lower()) for words in (self.name, *self.values))

    @property
    def word(self) -> str:
        """The one of its values that sounds most like having left."""
        return next((one for one in self.values if _YES.match(one.lower())), self.values[0])


@dataclass(frozen=True)
class Customers:
    """Customers in the order of their ids, and the attributes of each."""

    ids: np.ndarray
    attributes: Sequence[Mapping[str, Any]]

    def told(self, name: str) -> list[str]:
        """Return what an attribute says of each customer, as text: blank for nothing."""
        return [_written(own.get(name)) for own in self.attributes]

    def places(self, ids: np.ndarray) -> np.ndarray:
        """Return where each of some customers stands, -1 for one who is not among them."""
        if not len(self.ids):
            return np.full(len(ids), -1)
        at = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return np.where(self.ids[at] == ids, at, -1)


def customers(organisation_id: int, ids: Sequence[int]) -> Customers:
    """Return the customers of an organisation who have these ids, which ascend."""
    found: list[tuple[int, str]] = []
    for at in range(0, len(ids), _AT_ONCE):
        # SQLite takes an organisation's customers for fewer than these.
        mine = Customer.objects.alias(_whose=beside_index("organisation_id"))
        rows = mine.filter(_whose=organisation_id, pk__in=ids[at : at + _AT_ONCE]).order_by("pk")
        found += rows.values_list("pk", Cast("attributes", TextField()))
    # Read as one text: a text of each takes five times as long.
    whole = ",".join(text for _, text in found)
    return Customers(np.array([pk for pk, _ in found], np.int64), json.loads(f"[{whole}]"))


def _written(value: Any) -> str:
    """Return an attribute's value as text: blank for none, true and false as words."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def ordinals(texts: Sequence[str]) -> np.ndarray:
    """Return the days that texts begin with, as date.toordinal; NaN where one begins with none."""
    days = {text: day_of(text) for text in set(texts)}
    known = {text: float(day.toordinal()) for text, day in days.items() if day is not None}
    return np.array([known.get(text, np.nan) for text in texts], float)


def day_of(value: str) -> date | None:
    """Return the day that a text begins with, written as 2026-11-22, 2026/11/22 or 20261122."""
    found = re.match(r"(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})(?!\d)", value)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[3]), int(found[4]))
    except ValueError:
        return None


def outcomes(all_: Iterable[Mapping[str, Any]]) -> tuple[Outcome, ...]:
    """Return the attributes that may tell who left, those that sound like it first.

    Of words only those that twenty customers share are ever shown.
    """
    counts: dict[str, Counter[str]] = {}
    for own in all_:
        for name, value in own.items():
            text = _written(value)
            if text:
                counts.setdefault(name, Counter())[text] += 1
    found = [one for name, told_ in counts.items() if (one := _outcome(name, told_)) is not None]
    return tuple(sorted(found, key=lambda one: (not one.sounds, one.kind, one.name)))


def _outcome(name: str, counts: Counter[str]) -> Outcome | None:
    whole = counts.total()
    days = sum(n for text, n in counts.items() if day_of(text) is not None)
    if whole >= LEAST_PEOPLE and days >= 0.9 * whole:
        return Outcome(name, "date")
    if not 2 <= len(counts) <= MOST_WORDS:
        return None
    values = tuple(sorted(text for text, n in counts.items() if n >= LEAST_PEOPLE))
    return Outcome(name, "word", values) if len(values) > 1 else None
