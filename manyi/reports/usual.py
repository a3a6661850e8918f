"""What the pages of numbers show of a whole organisation unless something else is asked: worked
out beside the first requests of a process, it is there for all of them."""

from __future__ import annotations

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
from manyi.reports.dashboards import attempt
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


def _of_period(selection: Selection) -> None:
    whole = selection.scope
    one = dashboards.asked(whole)[0]
    attempt(lambda: dashboards.headlines(selection))
    attempt(lambda: dashboards.alone(one, selection))
    attempt(lambda: dashboards.trend(one, selection))
    attempt(lambda: dashboards.by_group(one, selection, "channel"))
    attempt(lambda: dashboards.completion(selection))
    depths = Unit.objects.visible_to(whole).filter(closed_at=None).order_by("depth")
    levels = list(depths.values_list("depth", flat=True).distinct())
    attempt(lambda: by_depth(one, selection, levels))
    if LakeFile.objects.filter(organisation_id=whole.organisation_id, table=MENTIONS).exists():
        attempt(lambda: themes(selection))
        attempt(lambda: themes(selection.split("unit")))
