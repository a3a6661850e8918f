"""Flagged answers left out: they count nowhere, come back whole, and tell of nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from manyi.accounts.models import AuditEntry
from manyi.base.ids import new_id
from manyi.customers.models import Customer
from manyi.feedback.models import FeedbackRecord
from manyi.kit.problems import Forbidden, Problem
from manyi.kit.selection import Selection
from manyi.lake import checking, queries, writing
from manyi.lake.hot import LEFT_OUT
from manyi.metrics.queries import estimate
from manyi.reports.analysis import leaving
from manyi.reports.analysis.careless import care
from manyi.surveys.models import Survey, SurveyVersion
from tests.factories import NOW, House, house
from tests.reports.test_careless import _hurry, filled, voted
from tests.web.numbers import answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> House:
    return house()


def again(version: SurveyVersion) -> Survey:
    return Survey.objects.get(pk=version.survey.pk)


def switch(home: House, version: SurveyVersion, *, wanted: bool) -> None:
    leaving.switch(by=home.alice, survey=again(version), wanted=wanted, now=NOW)


def counted(home: House, version: SurveyVersion) -> tuple[int, int, float | None]:
    """Return the records, the n of the main number and its value, on the survey's pages."""
    mine = home.selection().narrowed(survey=version.survey.code)
    row = estimate(mine, "csat_index")[0]
    return sum(one.records for one in queries.counts(mine)), row.estimate.n, row.estimate.value


@pytest.mark.db
@pytest.mark.parametrize("is_copied", [False, True])
def test_flagged_answers_count_nowhere_and_come_back_whole(home: House, *, is_copied: bool) -> None:
    version = filled(home)
    if is_copied:
        writing.append(home.organisation.pk, NOW)
    before, care_before = counted(home, version), care(version.survey, home.selection())
    switch(home, version, wanted=True)
    assert leaving.leave_out_flagged(NOW) == 40 + 14
    assert leaving.leave_out_flagged(NOW) == 0
    without = counted(home, version)
    assert without[:2] == (26, 26)
    assert without[2] == pytest.approx(care_before.careful.value)  # type: ignore[union-attr]
    writing.append(home.organisation.pk, NOW)
    assert counted(home, version) == without
    assert checking.recount_one(home.organisation.pk) == []
    switch(home, version, wanted=False)
    assert leaving.leave_out_flagged(NOW) == 14
    assert leaving.leave_out_flagged(NOW) == 0
    assert counted(home, version) == before
    writing.append(home.organisation.pk, NOW)
    assert counted(home, version) == before
    assert checking.recount_one(home.organisation.pk) == []


@pytest.mark.db
def test_the_lake_made_again_holds_none_of_them(home: House) -> None:
    version = filled(home)
    switch(home, version, wanted=True)
    leaving.leave_out_flagged(NOW)
    writing.rebuild(NOW)
    assert counted(home, version)[0] == 26
    assert checking.recount_one(home.organisation.pk) == []


def test_quality_still_sees_all_of_them(home: House) -> None:
    version = filled(home)
    before = care(version.survey, home.selection())
    switch(home, version, wanted=True)
    leaving.leave_out_flagged(NOW)
    after = care(again(version), home.selection())
    assert after.any_flag == before.any_flag
    assert after.whole is not None and before.whole is not None
    assert after.whole.value == pytest.approx(before.whole.value)
    assert after.careful == before.careful
    assert (before.left_out, after.left_out) == (0, 14)


def test_an_answer_that_comes_later_is_looked_at_too(home: House) -> None:
    version = filled(home)
    switch(home, version, wanted=True)
    leaving.leave_out_flagged(NOW)
    answer(version, voted(4, straight=True), voted(3), tag="later")
    assert counted(home, version)[0] == 28
    assert leaving.leave_out_flagged(NOW) == 2 + 1
    assert counted(home, version)[0] == 27


def test_one_sent_again_is_looked_at_again(home: House) -> None:
    version = filled(home)
    switch(home, version, wanted=True)
    leaving.leave_out_flagged(NOW)
    gone = FeedbackRecord.objects.filter(lake_part=LEFT_OUT).first()
    assert gone is not None
    FeedbackRecord.objects.filter(pk=gone.pk).update(lake_part=None, revision=2)
    assert leaving.leave_out_flagged(NOW + timedelta(seconds=5)) == 1
    assert counted(home, version)[0] == 26


def test_a_known_customer_who_answers_again_takes_the_first_answer_along(home: House) -> None:
    version = filled(home)
    someone = Customer.objects.create(
        id=new_id(), organisation=home.organisation, ref="C-1", created_at=NOW, updated_at=NOW
    )
    mine = FeedbackRecord.objects.filter(survey=version.survey).order_by("pk")
    calm = [pk for pk in mine.values_list("pk", flat=True) if pk not in _flagged(version)][:2]
    mine.filter(pk=calm[0]).update(customer=someone)
    switch(home, version, wanted=True)
    leaving.leave_out_flagged(NOW)
    assert counted(home, version)[0] == 26
    mine.filter(pk=calm[1]).update(customer=someone, lake_part=None)
    leaving.leave_out_flagged(NOW)
    assert counted(home, version)[0] == 24


def _flagged(version: SurveyVersion) -> set[int]:
    from manyi.reports.analysis.flagging import flags_of

    ids = list(FeedbackRecord.objects.filter(survey=version.survey).values_list("pk", flat=True))
    return set(flags_of(version.survey, ids).of)


def test_few_anonymous_answers_are_not_left_out(home: House) -> None:
    version = filled(home, is_anonymous=True, straight=0)
    _hurry(home, 2)
    with pytest.raises(Problem, match="flagged_few"):
        switch(home, version, wanted=True)
    assert not again(version).leaves_out_flagged


def test_the_switch_is_recorded_and_designers_alone_turn_it(home: House) -> None:
    version = filled(home)
    switch(home, version, wanted=True)
    told = AuditEntry.objects.filter(action="survey.update").order_by("-pk").first()
    assert told is not None and "leaves_out_flagged" in told.detail["changed"]
    with pytest.raises(Forbidden):
        leaving.switch(by=home.bob, survey=again(version), wanted=False, now=NOW)
    others = Selection(home.selection().scope, {"survey": ("none-such",)})
    assert leaving.left_out_of(others) is None
