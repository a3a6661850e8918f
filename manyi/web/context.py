"""What every staff page's frame needs, looked up only where a frame is drawn."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, gettext

from manyi.accounts.models import Member, Unit
from manyi.accounts.permissions import may
from manyi.accounts.queries import level_name, memberships, tree
from manyi.kit.period import Period
from manyi.kit.problems import Problem
from manyi.web import filters
from manyi.web.once import new_mark
from manyi.web.pages import STEPS

MOST_UNITS = 60


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return rail and frame of the page, what its links carry on, and its forms' mark."""
    return {
        "rail": SimpleLazyObject(lambda: rail(request)),
        "frame": SimpleLazyObject(lambda: frame(request)),
        "keep": SimpleLazyObject(lambda: filters.carried(request)),
        "once": SimpleLazyObject(new_mark),
    }


def language() -> str:
    """Return the BCP 47 tag of the language that this request is answered in."""
    return "zh-Hans" if (get_language() or "en").startswith("zh") else "en"


def rail(request: Any) -> list[dict[str, Any]]:
    """Return the steps that have a page which the member may open."""
    member = getattr(request, "member", None)
    if member is None:
        return []
    kept = filters.carried(request)
    found = [(s, href) for s in STEPS if may(member, s.deed) and (href := _href(s.name))]
    return [
        {
            "label": step.label,
            "icon": step.icon,
            "href": href + kept,
            "phone": step.phone,
            "end": step.end,
            "active": _is_at(request, step.name, href),
        }
        for step, href in found
    ]


def _is_at(request: Any, name: str, href: str) -> bool:
    """Whether a page belongs to a step: the results of a survey to Results, not to Surveys."""
    at = getattr(request.resolver_match, "url_name", None) or ""
    if at in ("results-one", "results-question"):
        return name == "results"
    return request.path == href or (href != "/" and request.path.startswith(href))


@cache
def _href(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def frame(request: Any) -> dict[str, Any]:
    """Return the top bar: organisation, unit, period, person."""
    common = {"language_url": reverse("language")}
    member = getattr(request, "member", None)
    if member is None:
        return common
    shown = {
        "now": timezone.now(),
        "organisation": member.organisation.name_in(language()),
        "organisations": _organisations(member),
        "person": _person(member),
        "search": {
            "action": reverse("search"),
            "here": getattr(request, "searches_itself", False),
        },
    }
    if getattr(request, "shows_selection", False):
        shown |= _units(request, member) | {"period": _period(request)}
    return common | shown


def _organisations(member: Member) -> list[dict[str, Any]]:
    return [
        {
            "label": other.organisation.name_in(language()),
            "href": reverse("organisation-switch", args=[other.organisation.code]),
            "active": other.pk == member.pk,
        }
        for other in memberships(member.user)
    ]


def _person(member: Member) -> dict[str, Any]:
    items = [
        ("account_change_password", gettext("Change password"), "key"),
        ("mfa_index", gettext("Two-step log-in"), "shield-lock"),
        ("tokens", gettext("API tokens"), "api"),
        ("methods", gettext("How it is computed"), "help"),
    ]
    return {
        "name": member.user.display_name,
        "email": member.user.email or member.user.phone or member.user.username,
        "items": [
            {"label": words, "href": href, "icon": i} for n, words, i in items if (href := _href(n))
        ],
        "log_out": reverse("account_logout"),
    }


def _units(request: Any, member: Member) -> dict[str, Any]:
    chosen = filters.chosen_unit(request)
    branches = _branches(request, chosen)
    if len(branches) < 2:
        return {}
    whole = gettext("Everything I see") if member.unit_id else gettext("Whole organisation")
    everything = {
        "label": whole,
        "href": filters.address(request, unit=None),
        "depth": 0,
        "active": chosen is None,
    }
    units = [
        {
            "label": unit.name_in(language()),
            "href": filters.address(request, unit=unit.code),
            "depth": min(depth + 1, 3),
            "active": chosen is not None and unit.pk == chosen.pk,
        }
        for unit, depth in branches
    ]
    label = chosen.name_in(language()) if chosen else whole
    return {"unit": label, "units": [everything, *units]}


def _branches(request: Any, chosen: Unit | None) -> list[tuple[Unit, int]]:
    """Return the whole tree where it is small, else the way to the chosen unit and its children."""
    seen = Unit.objects.visible_to(request.scope).filter(closed_at__isnull=True)
    if seen[: MOST_UNITS + 1].count() <= MOST_UNITS:
        return [(b.unit, b.level) for b in tree(request.scope) if b.unit.closed_at is None]
    top = seen.order_by("depth").values_list("depth", flat=True).first() or 0
    if chosen is None:
        near = seen.filter(depth=top)
        if near.count() == 1:  # the head office alone is no choice
            near = seen.filter(depth__lte=top + 1)
    else:
        way = [int(part) for part in chosen.path.strip("/").split("/")]
        near = seen.filter(pk__in=way) | seen.filter(parent_id=chosen.pk)
    return [(unit, unit.depth - top) for unit in near.order_by("path")[:MOST_UNITS]]


def _period(request: Any) -> dict[str, Any]:
    when = _when(request)
    choices = filters.presets(timezone.localdate())
    label = next((c.label for c in choices if c.period == when), None)
    return {
        "label": label or _span(when),
        "first": when.first,
        "last": when.last,
        "choices": [
            {
                "label": c.label,
                "active": c.period == when,
                "href": filters.address(
                    request, from_=c.period.first.isoformat(), to=c.period.last.isoformat()
                ),
            }
            for c in choices
        ],
        "keep": [
            (k, v)
            for k, values in request.GET.lists()
            for v in values
            if k not in {"from", "to", "cursor"}
        ],
    }


def _when(request: Any) -> Period:
    try:
        return filters._read(request).when or filters.default_period()
    except Problem:
        return filters.default_period()


def _span(when: Period) -> str:
    return f"{when.first:%Y-%m-%d} – {when.last:%Y-%m-%d}"


def level_names(member: Member, depths: int) -> list[str]:
    """Return what the organisation calls the levels of its tree, from the top."""
    return [level_name(member.organisation, depth, language()) for depth in range(depths)]


def sends_mail() -> bool:
    """Whether this installation can send mail."""
    return not settings.EMAIL_BACKEND.endswith("dummy.EmailBackend")
