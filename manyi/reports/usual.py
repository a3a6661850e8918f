"""What the pages of numbers show of a whole organisation unless something else is asked: worked
out beside the first requests of a process, it is there for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count

from manyi.accounts.models import Member, Unit
from manyi.accounts.permissions import Role, scope
from manyi.kit.period import Period
from manyi.kit.selection import Scope, Selection
from manyi.lake.models import LakeFile
from manyi.lake.tables import MENTIONS, SCORES
from manyi.metrics.themes import themes
from manyi.reports import dashboards
from manyi.reports.dashboards import Asked, attempt
from manyi.reports.standings import by_depth

DAYS = 90
_MOST = 3


def usual_period(today: date) -> Period:
    """Return the last 90 days, today included."""
    return Period(today - timedelta(days=DAYS - 1), today)


def reckon(now: datetime) -> int:
    """Work out the usual numbers of the organisations with most in the lake; return of how many."""
    many = LakeFile.objects.filter(table=SCORES, replaced_at=None).values_list("organisation_id")
    largest = [one for one, _ in many.annotate(n=Count("pk")).order_by("-n")[:_MOST]]
    owners = Member.objects.filter(role=Role.OWNER, organisation_id__in=largest, is_active=True)
    first = {one.organisation_id: one for one in owners.select_related("organisation")}
    for member in first.values():
        zone = ZoneInfo(member.organisation.time_zone)
        of_all(scope(member), now.astimezone(zone).date())
    return len(first)


def of_all(whole: Scope, today: date) -> None:
    """Work out the usual numbers of all that a scope holds, of the usual days and of a year; what
    fails is told by the page."""
    year = Period(today - timedelta(days=364), today)
    for when in (usual_period(today), year):
        _of_period(Selection(whole).during(when))
    _of_a_part(Selection(whole).during(usual_period(today)))


def _of_period(selection: Selection) -> None:
    whole = selection.scope
    one = dashboards.asked(whole)[0]
    _of_page(one, selection)
    attempt(lambda: dashboards.alone(one, selection))
    attempt(lambda: dashboards.completion(selection))
    depths = Unit.objects.visible_to(whole).filter(closed_at=None).order_by("depth")
    levels = list(depths.values_list("depth", flat=True).distinct())
    _compared(one, selection, levels)
    if LakeFile.objects.filter(organisation_id=whole.organisation_id, table=MENTIONS).exists():
        attempt(lambda: themes(selection))
        attempt(lambda: themes(selection.split("unit")))


def _of_a_part(selection: Selection) -> None:
    """Work out the numbers of one unit and of one channel: what is guarded with them is the same
    for all others."""
    one = dashboards.asked(selection.scope)[0]
    units = Unit.objects.visible_to(selection.scope).filter(closed_at=None).order_by("-depth")
    lowest = list(units.values_list("code", "depth")[:1])
    channels = attempt(lambda: dashboards.by_group(one, selection, "channel")).value or ()
    largest = [str(row.group["channel"]) for row in channels[:1] if row.group.get("channel")]
    for code, _ in lowest:
        _of_page(one, selection.narrowed(unit=code))
    for part in [selection.narrowed(channel=channel) for channel in largest]:
        _of_page(one, part)
        _compared(one, part, [depth for _, depth in lowest])


def _of_page(one: Asked, selection: Selection) -> None:
    attempt(lambda: dashboards.headlines(selection))
    attempt(lambda: dashboards.trend(one, selection))
    attempt(lambda: dashboards.by_group(one, selection, "channel"))


def _compared(one: Asked, selection: Selection, levels: Sequence[int]) -> None:
    attempt(lambda: by_depth(one, selection, levels))
