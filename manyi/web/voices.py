"""Voices behind a number: few words, their score, and where they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from manyi.accounts.models import Unit
from manyi.accounts.permissions import may
from manyi.kit.selection import Selection
from manyi.reports import dashboards
from manyi.web import numbers
from manyi.web.context import language


def may_read(request: Any) -> bool:
    """Whether the member may read what customers wrote, if only without personal data."""
    return may(request.member, "feedback.read")


def voices_shown(
    request: Any, selection: Selection, *, at_most: int = dashboards.VOICES
) -> list[dict[str, Any]] | None:
    """Return the latest voices of a selection; None to those who may not read them."""
    if not may_read(request):
        return None
    found = dashboards.voices(selection, at_most=at_most)
    codes = {one["unit"] for one in found if one["unit"]}
    units = Unit.objects.visible_to(request.scope).filter(code__in=codes)
    names = {unit.code: unit.name_in(language()) for unit in units}
    return [_voice(one, names) for one in found]


def _voice(one: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    score = _overall(one["scores"])
    return {
        "words": one["verbatim"],
        "day": one["day"],
        "unit": names.get(one["unit"], ""),
        "channel": numbers.group("channel", one["channel"]) if one["channel"] else "",
        "score": f"{score['value']:g}" if score else "",
        "step": _step(score) if score else 0,
        "is_low": score is not None and _index(score) < 50,
        "href": record_href(one["id"]),
        "metric": str(numbers.METRIC_NAMES.get(score["metric"], "")) if score else "",
        "said": _("%(score)s of %(best)s")
        % {"score": f"{score['value']:g}", "best": f"{score['scale'][1]:g}"}
        if score
        else "",
    }


def _overall(scores: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    mine = [one for one in scores if one["item"] == "overall"]
    return next((one for one in mine if one["metric"] == "csat"), mine[0] if mine else None)


def _index(score: Mapping[str, Any]) -> float:
    worst, best = score["scale"]
    return float((score["value"] - worst) / (best - worst) * 100)


def _step(score: Mapping[str, Any]) -> int:
    """Return the place on the five-step ramp."""
    return min(int(_index(score) // 20) + 1, 5)


def record_href(record: str) -> str:
    """Return the address of a record, or nothing where there is no such page."""
    try:
        return reverse("feedback-one", args=[record])
    except NoReverseMatch:
        return ""
