"""The voices that mean what was typed, in whatever words."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from manyi.accounts.models import Member
from manyi.accounts.permissions import may
from manyi.kit.selection import Selection
from manyi.themes import similar
from manyi.web.feedback import cards
from manyi.web.search.finding import Group, voice

MEANING = "meaning"


def may_ask(member: Member) -> bool:
    """Whether a member may look through what customers wrote; outsiders are refused the inbox."""
    outside = member.role == Member.Role.EXTERNAL_ANALYST
    return may(member, "feedback.read") and not outside


def asked(request: Any) -> bool:
    return request.GET.get("how") == MEANING and may_ask(request.member)


def choices(request: Any, words: str) -> list[dict[str, Any]]:
    """Return the two ways to search as tabs, where there are two."""
    if not words or not may_ask(request.member):
        return []
    by_meaning = asked(request)
    return [
        {
            "label": _("Exact words"),
            "href": f"?{urlencode({'q': words})}",
            "active": not by_meaning,
        },
        {
            "label": _("By meaning"),
            "href": f"?{urlencode({'q': words, 'how': MEANING})}",
            "active": by_meaning,
        },
    ]


def groups(request: Any, words: str) -> list[Group]:
    """Return the voices that are most like the words, the likest first."""
    mine = Selection(request.scope)
    found = similar.in_order(mine, similar.similar(mine, words))
    items = [voice(row) for row in cards.rows(request.scope, found, words)]
    return [Group(_("Voices that say something like it"), "inbox", items)] if items else []
