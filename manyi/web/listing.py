"""How a list is sorted and which of its columns stand in it: the address says, else the member."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from django.urls import reverse
from django.utils.functional import Promise

from manyi.accounts.queries import views

Row = TypeVar("Row")
KEPT = "columns"
"""The `page` under which a member's choice of columns is kept among the saved views."""


@dataclass(frozen=True)
class Head:
    """A column of a list; `sorts` where the list may be sorted by it."""

    key: str
    label: str | Promise
    css: str = ""
    sorts: bool = False
    fixed: bool = False
    at_first: bool = True


class Listing:
    """A list's order and columns, as the address and the member have them."""

    def __init__(self, request: Any, name: str, heads: Sequence[Head], *, order: str = "") -> None:
        self.request, self.name, self.default = request, name, order
        self.heads = {head.key: head for head in heads}

    @property
    def action(self) -> str:
        """Return the address that keeps a choice of columns."""
        return reverse("lists-columns", args=[self.name])

    @cached_property
    def order(self) -> str:
        """Return `key` or `-key`: what the address asks for where the list can do it."""
        asked = str(self.request.GET.get("sort", ""))
        head = self.heads.get(asked.removeprefix("-"))
        return asked if head is not None and head.sorts else self.default

    @property
    def key(self) -> str:
        return self.order.removeprefix("-")

    @property
    def descends(self) -> bool:
        return self.order.startswith("-")

    @property
    def is_sorted(self) -> bool:
        """Whether the list stands in another order than its own."""
        return self.order != self.default

    @cached_property
    def show(self) -> dict[str, bool]:
        """Return of each column whether it stands in the list."""
        chosen = self._chosen()
        if chosen is None:
            return {head.key: head.fixed or head.at_first for head in self.heads.values()}
        return {head.key: head.fixed or head.key in chosen for head in self.heads.values()}

    def _chosen(self) -> set[str] | None:
        if "cols" in self.request.GET:
            return set(str(self.request.GET["cols"]).split(","))
        kept = views(self.request.member, KEPT).filter(name=self.name).first()
        return None if kept is None else set(kept.query.split(","))

    @property
    def choices(self) -> list[dict[str, Any]]:
        """Return the columns that can be taken out of the list."""
        return [
            {"key": h.key, "label": h.label, "shown": self.show[h.key]}
            for h in self.heads.values()
            if not h.fixed
        ]

    @property
    def sorts(self) -> list[dict[str, Any]]:
        """Return each order of the list with its address, for where there are no heads to press."""
        return [
            {
                "label": head.label,
                "descends": bool(sign),
                "href": self.address(f"{sign}{head.key}"),
                "active": self.order == f"{sign}{head.key}",
            }
            for head in self.heads.values()
            if head.sorts
            for sign in ("", "-")
        ]

    def address(self, order: str) -> str:
        """Return this page in another order, from its beginning."""
        params = self.request.GET.copy()
        for gone in ("cursor", "page", "format", "sort"):
            params.pop(gone, None)
        if order != self.default:
            params["sort"] = order
        return f"?{params.urlencode()}" if params else str(self.request.path)

    @property
    def carried(self) -> list[tuple[str, str]]:
        """Return order and columns of the address, for the forms that search the list."""
        given = self.request.GET
        return [(name, given[name]) for name in ("sort", "cols") if given.get(name)]

    @property
    def query(self) -> str:
        """Return the address's query without columns, for the form that chooses them."""
        params = self.request.GET.copy()
        for gone in ("cursor", "page", "format", "cols"):
            params.pop(gone, None)
        return str(params.urlencode())

    def in_order(self, rows: Iterable[Row], keys: Mapping[str, Callable[[Row], Any]]) -> list[Row]:
        """Return rows in the order asked for; what has no value comes last either way."""
        found = list(rows)
        by = keys.get(self.key)
        if by is None:
            return found
        known = [row for row in found if by(row) not in (None, "")]
        empty = [row for row in found if by(row) in (None, "")]
        return sorted(known, key=lambda row: by(row), reverse=self.descends) + empty
