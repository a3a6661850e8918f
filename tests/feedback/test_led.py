"""What is asked of records that are known: the right ones, each looked up by its id."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet

from manyi.accounts.permissions import scope
from manyi.feedback import search
from manyi.feedback.models import FeedbackRecord, Score
from manyi.feedback.queries import among, completed_count, holds_record, inbox, records
from manyi.feedback.search import index_waiting
from manyi.kit.period import Period
from manyi.kit.selection import Selection
from tests.factories import NOW, House, house
from tests.voices import receive, voice
from tests.web.numbers import answer, publish

pytestmark = [pytest.mark.django_db, pytest.mark.db]
WEEK = Period(NOW.date() - timedelta(days=7), NOW.date())


@pytest.fixture
def home() -> House:
    home = house()
    receive(home.alice, *[voice(unit=unit) for unit in ("N-001", "S-001", "N") * 4])
    publish_of(home)
    return home


def publish_of(home: House) -> None:
    for is_anonymous in (False, True):
        answer(publish(home, is_anonymous=is_anonymous), *[{"overall": 4}] * 3)


def asked_of(home: House) -> list[Selection]:
    survey = FeedbackRecord.objects.exclude(survey=None).first()
    assert survey is not None and survey.survey is not None
    members = (home.alice, home.bob)
    each = [Selection(scope(one), when=when) for one in members for when in (None, WEEK)]
    return each + [one.narrowed(survey=survey.survey.code) for one in each]


def test_records_among_some_are_those_of_the_selection(home: House) -> None:
    ids = list(FeedbackRecord.objects.order_by("pk").values_list("pk", flat=True))[::2]
    told = set()
    for one in asked_of(home):
        mine = set(records(one).filter(pk__in=ids).values_list("pk", flat=True))
        assert set(among(one, ids).values_list("pk", flat=True)) == mine
        told.add(len(mine))
    assert len(told) > 1  # not all see the same


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan is SQLite's")
def test_they_are_looked_up_by_their_ids_alone(home: House) -> None:
    ids = list(FeedbackRecord.objects.values_list("pk", flat=True)) * 100
    for one in asked_of(home):
        plan = plan_of(among(one, ids))
        assert "feedback_inbox" not in plan, plan
        assert "feedback_by_" not in plan, plan
        assert plan.count("(id=?)") >= 2


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan is SQLite's")
def test_rare_words_lead_to_their_records_and_many_to_a_walk(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive(home.alice, *[voice(unit="N-001", verbatim=f"排队第{n}次") for n in range(4)])
    for one in asked_of(home)[:4]:
        assert "feedback_inbox" not in plan_of(inbox(one, words="排队"))
        few = list(inbox(one, words="排队").values_list("pk", flat=True))
        with monkeypatch.context() as patched:
            patched.setattr(search, "RARE", 3)
            index_waiting()
            assert "feedback_inbox" in plan_of(inbox(one, words="排队"))
            assert few == list(inbox(one, words="排队").values_list("pk", flat=True))


def plan_of(rows: QuerySet[FeedbackRecord]) -> str:
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        return "\n".join(str(line[3]) for line in cursor.fetchall())


def test_completed_answers_are_all_but_the_unfinished(home: House) -> None:
    rows = FeedbackRecord.objects.filter(survey__is_anonymous=False)
    first = rows.first()
    assert first is not None and first.survey_id is not None
    all_ = rows.filter(survey_id=first.survey_id).count()
    assert completed_count(first.survey_id) == all_ > 1
    FeedbackRecord.objects.filter(pk=first.pk).update(completed_at=None)
    assert completed_count(first.survey_id) == all_ - 1


def test_rows_of_records_that_a_selection_holds(home: House) -> None:
    told = set()
    for one in asked_of(home):
        mine = Score.objects.filter(record__in=records(one).order_by().values("pk"))
        held = Score.objects.filter(holds_record(one))
        ids = set(held.values_list("pk", flat=True))
        assert ids == set(mine.values_list("pk", flat=True))
        told.add(len(ids))
    assert len(told) > 1
