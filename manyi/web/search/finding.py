"""What words find, group by group: only what the member may open, a few of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from manyi.accounts.models import Member, Unit
from manyi.accounts.permissions import may
from manyi.accounts.queries import level_name
from manyi.customers import queries as customers
from manyi.feedback import queries as feedback
from manyi.feedback.queries import customers_heard
from manyi.kit.selection import Selection
from manyi.surveys import queries as surveys
from manyi.web.context import language
from manyi.web.customers import rows as customer_rows
from manyi.web.feedback import cards
from manyi.web.pages import STEPS
from manyi.web.search.places import PLACES

FEW = 5
EVER = "2000-01-01"


@dataclass(frozen=True)
class Item:
    """One hit: what it is called, what tells it from others, and where it leads."""

    title: Any
    href: str
    hint: str = ""


@dataclass(frozen=True)
class Group:
    """Hits of one kind; `more` leads to all of them."""

    name: str
    icon: str
    items: list[Item]
    more: str = ""


def groups(request: Any, words: str) -> list[Group]:
    """Return the groups in which something was found."""
    found = (
        Group(_("Pages"), "layout-grid", list(_few(pages(request.member, words)))),
        _surveys(request, words),
        _units(request, words),
        _customers_found(request, words),
        _feedback(request, words),
    )
    return [group for group in found if group is not None and group.items]


def _few(items: Iterable[Item]) -> Iterator[Item]:
    for item, _n in zip(items, range(FEW + 1), strict=False):
        yield item


def pages(member: Member, words: str) -> Iterator[Item]:
    """Yield the pages that the words name, in either language."""
    for step in (*STEPS, *PLACES):
        if may(member, step.deed) and _names(str(words), step.label):
            yield Item(str(step.label), reverse(step.name))


def _names(words: str, label: Any) -> bool:
    said = []
    for tongue in ("zh-hans", "en"):
        with translation.override(tongue):
            said.append(str(label).lower())
    return any(words.lower() in one for one in said)


def _surveys(request: Any, words: str) -> Group | None:
    if not may(request.member, "survey.read"):
        return None
    low = words.lower()
    found = [
        Item(s.title_in(language()), reverse("surveys-one", args=[s.code]), s.code)
        for s in surveys.surveys(request.scope)
        if low in s.code.lower() or any(low in t.lower() for t in s.title.values())
    ]
    more = f"{reverse('surveys')}?{urlencode({'q': words})}" if len(found) > FEW else ""
    return Group(_("Surveys"), "forms", found[:FEW], more)


def _units(request: Any, words: str) -> Group | None:
    if not may(request.member, "unit.read"):
        return None
    low, mine = words.lower(), request.member.organisation
    seen = Unit.objects.visible_to(request.scope).filter(closed_at__isnull=True).order_by("path")
    found = [
        unit
        for unit in seen.only("code", "name", "depth", "path")
        if low in unit.code.lower() or any(low in name.lower() for name in unit.name.values())
    ]
    items = [
        Item(u.name_in(language()), _unit_href(request, u), level_name(mine, u.depth, language()))
        for u in found[:FEW]
    ]
    more = f"{reverse('units')}?{urlencode({'q': words})}" if len(found) > FEW else ""
    return Group(_("Units"), "sitemap", items, more)


def _unit_href(request: Any, unit: Unit) -> str:
    if may(request.member, "metric.read"):
        return reverse("standings-unit", args=[unit.code])
    return f"{reverse('units')}?{urlencode({'q': unit.code})}"


def _customers_found(request: Any, words: str) -> Group | None:
    if not may(request.member, "customer.read"):
        return None
    heard = customers_heard(request.scope)
    found = list(customers.search(request.scope, words, heard)[: FEW + 1])
    items = [_customer(row) for row in customer_rows.rows(request.scope, found[:FEW])]
    more = f"{reverse('customers')}?{urlencode({'q': words})}" if len(found) > FEW else ""
    return Group(_("Customers"), "users", items, more)


def _customer(row: dict[str, Any]) -> Item:
    one = row["customer"]
    told = (one.ref or "", row["phone"] or row["email"])
    hint = " · ".join(filter(None, told))
    return Item(row["name"], reverse("customers-one", args=[one.pk]), hint)


def _feedback(request: Any, words: str) -> Group | None:
    """Voices of all times; external analysts are refused the inbox, and so these."""
    outside = request.member.role == Member.Role.EXTERNAL_ANALYST
    if outside or not may(request.member, "feedback.read"):
        return None
    rows = feedback.inbox(Selection(request.scope), words=words)
    found = list(rows[: FEW + 1])
    shown = cards.rows(request.scope, found[:FEW], words)
    items = [voice(row) for row in shown]
    asked = urlencode({"q": words, "from": EVER})
    more = f"{reverse('feedback')}?{asked}" if len(found) > FEW else ""
    return Group(_("Feedback"), "inbox", items, more)


def voice(row: dict[str, Any]) -> Item:
    """Return a voice as a hit."""
    record = row["record"]
    told = (record.day.isoformat(), row["title"], row["unit"], row["channel"])
    hint = " · ".join(filter(None, told))
    return Item(row["said"] or _("No words"), reverse("feedback-one", args=[record.pk]), hint)
