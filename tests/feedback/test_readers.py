"""Numbers say which model made them; after an upgrade all is read again in the background."""

from __future__ import annotations

import pytest

from manyi.accounts.models import AuditEntry
from manyi.feedback import analysing, outside, readers, rereading
from manyi.feedback.models import FeedbackRecord, Reading
from manyi.kit.problems import Forbidden, Problem
from tests.factories import NOW, House, house, stranger_house
from tests.voices import receive, voice

pytestmark = [pytest.mark.django_db, pytest.mark.db]
OLD = "fast-0.9.0"


@pytest.fixture
def home() -> House:
    home = house()
    receive(home.alice, *(voice(verbatim=f"第{i}次来，排队等了很久") for i in range(30)))
    analysing.analyse_waiting(now=NOW)
    return home


def test_what_an_earlier_model_read_is_said_until_it_is_read_again(home: House) -> None:
    organisation, now = home.organisation.pk, analysing.model()
    assert (readers.models(organisation), readers.outdated(organisation)) == ([now], [])
    old = FeedbackRecord.objects.order_by("pk").values_list("pk", flat=True)[:20]
    Reading.objects.filter(record_id__in=list(old)).update(model=OLD)
    assert readers.models(organisation) == [now, OLD]
    assert readers.outdated(organisation) == [OLD]
    job = readers.again(by=home.alice, now=NOW)
    assert (job.total, readers.outdated(organisation)) == (30, [OLD])
    while rereading.work_on_next(now=NOW):
        pass
    assert readers.models(organisation) == [now]
    assert AuditEntry.objects.filter(action="taxonomy.choose").exists()


def test_another_organisation_and_an_outside_model_are_not_taken_for_an_earlier_one(
    home: House,
) -> None:
    other = stranger_house()
    receive(other.charlie, voice(verbatim="很好", unit=None))
    analysing.analyse_waiting(now=NOW)
    theirs = Reading.objects.filter(record__organisation=other.organisation)
    assert theirs.update(model=OLD) == 1
    Reading.objects.exclude(model=OLD).update(model=outside.name_of("qwen3"))
    assert readers.outdated(home.organisation.pk) == []
    assert readers.outdated(other.organisation.pk) == [OLD]


def test_nothing_read_yet_is_told_of_the_model_that_will(home: House) -> None:
    empty = stranger_house().organisation.pk
    assert readers.models(empty) == [analysing.model()]


def test_who_may_have_all_read_again(home: House) -> None:
    with pytest.raises(Forbidden):
        readers.again(by=home.analyst, now=NOW)
    readers.again(by=home.alice, now=NOW)
    with pytest.raises(Problem, match=r"taxonomy\.under_way"):
        readers.again(by=home.alice, now=NOW)
