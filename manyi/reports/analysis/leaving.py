"""Flagged answers left out: which ones carry a flag, and that they count nowhere.

Every answer of a survey with the switch on is looked at when it comes in; until then it counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from manyi.accounts.models import Member
from manyi.accounts.permissions import require, scope
from manyi.feedback.models import FeedbackRecord
from manyi.kit.problems import Problem
from manyi.kit.selection import Scope, Selection
from manyi.lake import leaving
from manyi.metrics import guard
from manyi.reports.analysis import careless
from manyi.reports.analysis.flagging import TWICE, flags_of, same_days
from manyi.surveys import actions as surveys
from manyi.surveys import queries
from manyi.surveys.models import Survey

AT_ONCE = 10_000


def switch(*, by: Member, survey: Survey, wanted: bool, now: datetime) -> Survey:
    """Let a survey's flagged answers count nowhere, or count again; the loop sees to it.

    Raises Problem("analysis.flagged_few") where so few anonymous answers carry a flag that the
    figures before and after would tell what these said.
    """
    require(by, "survey.edit", survey.unit)
    if wanted and _tells_of_few(survey, scope(by)):
        least = guard.limits(scope(by)).privacy_n
        raise Problem("analysis.flagged_few", few=least)
    changes: dict[str, Any] = {"leaves_out_flagged": wanted, "judged_to": 0}
    return surveys.update_draft(by=by, survey=survey, now=now, **changes)


def _tells_of_few(survey: Survey, whole: Scope) -> bool:
    found = careless.care(survey, Selection(whole)).any_flag
    if not survey.is_anonymous or found is None or found.value is None:
        return False
    flagged = round(found.value * found.n / 100)
    return 0 < flagged < guard.limits(whole).privacy_n


@dataclass(frozen=True)
class LeftOut:
    """How many answers count nowhere for carrying a flag, and whether some may be anonymous."""

    n: int
    is_anonymous: bool


def left_out_of(selection: Selection) -> LeftOut | None:
    """Return what the surveys asked for, or all of the organisation, leave out; None where none
    leaves anything out."""
    asked = Survey.objects.filter(
        organisation_id=selection.scope.organisation_id, leaves_out_flagged=True
    )
    codes = selection.where.get("survey", ())
    if codes:
        asked = asked.filter(code__in=codes)
    found = dict(asked.values_list("pk", "is_anonymous"))
    if not found:
        return None
    return LeftOut(leaving.left_out(list(found)).count(), any(found.values()))


def leave_out_flagged(now: datetime) -> int:
    """Look at the next answers of each survey with the switch on, and take back those of the
    others; return how many answers were looked at first, left out or taken back."""
    done = sum(
        _look_at_next(survey, now)
        for survey in Survey.objects.filter(leaves_out_flagged=True).select_related("current")
    )
    return done + _take_back()


def _take_back() -> int:
    gone = FeedbackRecord.objects.filter(lake_part=0, survey__leaves_out_flagged=False)
    found: dict[int, list[int]] = {}
    for organisation, pk in gone.values_list("organisation_id", "pk")[:AT_ONCE]:
        found.setdefault(organisation, []).append(pk)
    return sum(leaving.take_back(organisation, ids) for organisation, ids in found.items())


def _look_at_next(survey: Survey, now: datetime) -> int:
    seen, new = leaving.come_since(survey, survey.judged_to, at_most=AT_ONCE)
    looked_at = [*leaving.not_copied(survey, survey.judged_to, at_most=2 * AT_ONCE), *new]
    if not looked_at and seen == survey.judged_to:
        return 0
    flags = flags_of(survey, looked_at).of
    twice = [pk for pk, found in flags.items() if TWICE in found]
    flagged = sorted({*flags, *same_days(survey, twice)})
    left = leaving.leave_out(survey.organisation_id, flagged, now)
    if seen != survey.judged_to:
        mine = Survey.objects.filter(pk=survey.pk, judged_to=survey.judged_to)
        mine.update(judged_to=seen)
        queries.forget(survey.code)
    return len(new) + left
