"""Of an anonymous answer only the day is kept, and no unit with few of them is told."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from manyi.accounts.models import Agent, Member
from manyi.accounts.permissions import scope
from manyi.base.ids import moment_of
from manyi.feedback import directory, queries
from manyi.feedback.models import FeedbackRecord
from manyi.feedback.submit import Context, submit_all
from manyi.feedback.wire import to_wire
from manyi.kit.selection import Selection
from manyi.surveys.models import SurveyVersion
from tests.factories import NOW, House, house, member, unit
from tests.voices import published, receive, voice

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture
def home() -> House:
    directory.forget()
    return house()


@pytest.fixture
def secret(home: House) -> SurveyVersion:
    return published(home.alice, "csat", is_anonymous=True)


def answer(version: SurveyVersion, n: int, **context: str) -> list[int]:
    """Give n answers, the first choice of everything asked."""
    found = []
    for _ in range(n):
        serial = FeedbackRecord.objects.count()
        sent = {"overall": 4}
        told = submit_all(version, f"{serial:024}", sent, context=Context(**context), now=NOW)
        assert not told.problems, told.problems
        found.append(told.record_id or 0)
    return found


def test_neither_the_id_nor_the_moment_is_kept(home: House, secret: SurveyVersion) -> None:
    made = answer(secret, 40, unit="N-001")
    rows = FeedbackRecord.objects.filter(pk__in=made)
    assert {r.occurred_at.astimezone(ZoneInfo("Asia/Shanghai")).hour for r in rows} == {0}
    hours = {moment_of(pk).hour for pk in made}
    assert len(hours) > 5
    assert made != sorted(made)


def test_an_imported_answer_keeps_no_moment_and_no_customer(
    home: House, secret: SurveyVersion
) -> None:
    given = voice(
        survey=secret.survey.code,
        customer={"ref": "C-1", "attributes": {"room": "801"}, "consent": {"purpose": "x"}},
        turns=[{"role": "customer", "at": "2026-10-30T09:30:00+08:00", "text": "a"}],
    )
    receive(home.alice, given)
    receive(home.alice, {**given, "verbatim": "改了"})
    row = FeedbackRecord.objects.get()
    assert (row.customer, row.attributes, row.consent) == (None, {}, None)
    assert row.occurred_at.astimezone(ZoneInfo("Asia/Shanghai")).hour == 0
    shown = to_wire(scope(home.alice), [row])[0]
    assert shown["turns"][0]["at"] is None


def test_a_filter_by_unit_or_agent_does_not_name_a_small_one(
    home: House, secret: SurveyVersion
) -> None:
    small = unit(home.north, "N-900")
    Agent.objects.create(organisation=home.organisation, unit=small, code="A-900")
    directory.forget()
    answer(secret, 2, unit="N-900", agent="A-900")
    answer(secret, 8, unit="N-001")
    everything = Selection(scope(home.alice))
    shown = to_wire(everything.scope, queries.records(everything))
    assert len(shown) == 10
    # With one small unit alone its neighbour is hidden too: nobody can tell by elimination.
    assert {(r["unit"], r["agent"]) for r in shown} == {(None, None)}
    for named in ({"unit": "N-900"}, {"unit": "N-001"}, {"agent": "A-900"}):
        assert not queries.records(everything.narrowed(**named)).exists()


def test_a_manager_of_a_small_unit_sees_none_of_its_answers(
    home: House, secret: SurveyVersion
) -> None:
    small = unit(home.north, "N-900")
    manager = member(small, Member.Role.UNIT_MANAGER)
    directory.forget()
    answer(secret, 4, unit="N-900")
    assert not queries.visible_to(scope(manager)).exists()
    answer(secret, 1, unit="N-900")
    assert queries.visible_to(scope(manager)).count() == 5


def test_the_day_is_that_of_the_surveys_unit(home: House) -> None:
    far = unit(home.north, "NYC", time_zone="America/New_York")
    version = published(home.alice, "csat", unit=far)
    directory.forget()
    answer(version, 1)
    # One o'clock at night in Greenwich is the evening before in New York.
    assert FeedbackRecord.objects.get().day.isoformat() == "2026-10-31"
    at = datetime(2026, 11, 1, 1, 0, tzinfo=UTC).isoformat()
    receive(home.alice, voice(survey=version.survey.code, occurred_at=at))
    days = FeedbackRecord.objects.values_list("day", flat=True)
    assert {day.isoformat() for day in days} == {"2026-10-31"}


def test_a_viewer_reads_no_reference_of_a_customer(home: House) -> None:
    receive(home.alice, voice(customer={"ref": "C-9", "name": "王芳"}))
    viewer = member(home.organisation, Member.Role.VIEWER)
    shown = to_wire(scope(viewer), FeedbackRecord.objects.all())[0]["customer"]
    assert shown["name"] is None
    assert shown["ref"] != "C-9"
