"""Customers as the list shows them: who, where, how often heard; phones masked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Count, F, Max, Q
from django.utils.translation import gettext, gettext_lazy, pgettext, pgettext_lazy

from manyi.accounts.permissions import beside
from manyi.customers.models import Customer
from manyi.feedback.queries import visible_to
from manyi.kit.selection import Scope
from manyi.tabular.writing import Column
from manyi.web.context import language
from manyi.web.listing import Head, Listing

_CHUNK = 500
# Sorted by what an index holds: names and phones are sealed, voices counted page by page.
HEADS = (
    Head("name", pgettext_lazy("of a person", "Name"), fixed=True),
    Head("ref", gettext_lazy("Customer number"), sorts=True),
    Head("phone", gettext_lazy("Phone")),
    Head("email", gettext_lazy("E-mail"), at_first=False),
    Head("language", gettext_lazy("Language"), at_first=False),
    Head("places", gettext_lazy("Belongs to")),
    Head("voices", gettext_lazy("Voices"), "num"),
    Head("last", gettext_lazy("Last voice")),
    Head("updated", gettext_lazy("Last changed"), sorts=True, at_first=False),
)


def rows(scope: Scope, found: Sequence[Customer]) -> list[dict[str, Any]]:
    """Return what the list shows of each customer."""
    heard = _heard(scope, [c.pk for c in found])
    return [{**_who(scope, c), **heard.get(c.pk, {"voices": 0, "last": None})} for c in found]


def _heard(scope: Scope, ids: list[int]) -> dict[int, dict[str, Any]]:
    mine = visible_to(scope, beside).filter(customer_id__in=ids).order_by()
    counted = mine.values("customer_id").annotate(voices=Count("pk"), last=Max("day"))
    return {row["customer_id"]: dict(row) for row in counted}


def _who(scope: Scope, c: Customer) -> dict[str, Any]:
    by_kind = {one.kind: one.value for one in c.identities.all()}
    return {
        "customer": c,
        "name": c.name or gettext("Without a name"),
        "phone": masked(by_kind.get("phone", "")),
        "email": masked_mail(by_kind.get("email", "")),
        "places": places(scope, c),
    }


def places(scope: Scope, c: Customer) -> list[str]:
    """Return where the customer belongs, as far as the scope sees: unit, room, relation."""
    return [
        " · ".join(filter(None, [p.unit.name_in(language()), p.room, p.relation]))
        for p in c.places.all()
        if scope.unit_ids is None or p.unit_id in scope.unit_ids
    ]


def masked(phone: str) -> str:
    """Return +8613800000000 as 138****0000; what is too short stays hidden."""
    digits = phone.removeprefix("+86")
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 8 else "****" if digits else ""


def masked_mail(email: str) -> str:
    """Return wang@example.com as w***@example.com."""
    name, _, host = email.partition("@")
    return f"{name[:1]}***@{host}" if host else ""


def older(found: Any, than: Customer) -> Any:
    """Keep what comes after `than` in the list."""
    tied = Q(updated_at=than.updated_at, pk__lt=than.pk)
    return found.filter(Q(updated_at__lt=than.updated_at) | tied)


def in_order(found: Any, listing: Listing) -> Any:
    """Return the customers in the list's order; those without a number come last."""
    if listing.key == "updated":
        sign = "-" if listing.descends else ""
        return found.order_by(f"{sign}updated_at", f"{sign}pk")
    ref = F("ref")
    by = ref.desc(nulls_last=True) if listing.descends else ref.asc(nulls_last=True)
    return found.order_by(by, "pk")


def after(found: Any, than: Customer, listing: Listing) -> Any:
    """Keep what comes after `than` in the list's order."""
    if listing.key == "updated":
        if listing.descends:
            return older(found, than)
        tied = Q(updated_at=than.updated_at, pk__gt=than.pk)
        return found.filter(Q(updated_at__gt=than.updated_at) | tied)
    if than.ref is None:
        return found.filter(ref=None, pk__gt=than.pk)
    side = "ref__lt" if listing.descends else "ref__gt"
    return found.filter(Q(**{side: than.ref}) | Q(ref=None))


# --- the same as a table


def columns() -> list[Column]:
    return [
        Column("ref", gettext("Customer number"), "code"),
        Column("name", pgettext("of a person", "Name")),
        Column("phone", gettext("Phone"), "code"),
        Column("email", gettext("E-mail")),
        Column("language", gettext("Language")),
        Column("places", gettext("Belongs to")),
        Column("voices", gettext("Voices"), "integer"),
        Column("last", gettext("Last voice"), "date"),
    ]


def lines(scope: Scope, found: Any) -> Iterator[dict[str, Any]]:
    """Yield a line of the download for each customer, phones in full."""
    last: Customer | None = None
    while True:
        chunk = list((found if last is None else older(found, last))[:_CHUNK])
        yield from _lines(scope, chunk)
        if len(chunk) < _CHUNK:
            return
        last = chunk[-1]


def _lines(scope: Scope, chunk: Sequence[Customer]) -> Iterable[dict[str, Any]]:
    for row in rows(scope, chunk):
        c = row["customer"]
        known = {one.kind: one.value for one in c.identities.all()}
        yield {
            **row,
            "ref": c.ref or "",
            "name": c.name,
            "phone": known.get("phone", ""),
            "email": known.get("email", ""),
            "language": c.language,
            "places": "; ".join(row["places"]),
        }
