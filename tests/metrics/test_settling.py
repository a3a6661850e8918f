"""What was found of anonymous answers stands while they do, and never longer."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from manyi.accounts.models import Organisation, Unit
from manyi.base import once
from manyi.kit.period import Period
from manyi.kit.selection import Selection
from manyi.lake import kept, snapshot
from manyi.lake.queries import anonymous_by_day
from manyi.lake.tallies import Tally, joined
from manyi.lake.writing import append_new
from manyi.metrics import settling, telling
from manyi.metrics.measured import measure, measure_sides
from tests.factories import NOW
from tests.lake.records import record
from tests.metrics.test_apart import CHANNELS, DAYS, Crowd, crowd
from tests.metrics.test_differencing import START

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db]
WHOLE = Period(START - timedelta(days=20), START + timedelta(days=30))
CHOICE = {"choice": ("yes",)}


def questions(people: Crowd) -> Iterator[Selection]:
    plain = people.home.selection().during(WHOLE)
    yield plain
    yield plain.split("unit")
    yield plain.narrowed(channel=("sms",))
    yield plain.narrowed(channel=("web", "sms"), unit=(people.home.north.code,))
    yield plain.narrowed(survey=(people.code(0),)).split("channel")
    yield Selection(plain.scope, {}, CHOICE, WHOLE)


def told(people: Crowd) -> list[Any]:
    """Everything that is told of each question, over all days and side by side."""
    sides = [Period(START, START + timedelta(days=n)) for n in (5, DAYS)]
    found: list[Any] = []
    for asked in questions(people):
        each = [measure(asked, "mean", "overall", level=0.95, depth=1)]
        each += measure_sides(asked, sides, "mean", "overall", level=0.95)[0]
        found += [
            (one.selection, one.hidden, one.partly, [one.row(key) for key in one.keys])
            for one in each
        ]
    return found


def anew(people: Crowd) -> list[Any]:
    settling._kept.clear()
    kept._kept.clear()
    snapshot._shared.clear()
    snapshot._local.__dict__.clear()
    once.forget()
    return told(people)


def another(people: Crowd, rng: random.Random) -> None:
    at = rng.choice((0, 1, 2, None))
    record(
        people.home.organisation,
        START + timedelta(days=rng.randrange(DAYS)),
        scores=(("overall", "score", 0, 400, rng.randrange(400)),),
        answers=(("choice", "", rng.choice(("yes", "no")), None),),
        survey=None if at is None else people.surveys[at],
        is_anonymous=at is not None,
        channel=rng.choice(CHANNELS),
        unit=rng.choice((people.home.north_1, people.home.south_1)),
    )


@pytest.mark.parametrize("seed", range(2))
def test_it_is_what_would_be_found_anew(seed: int) -> None:
    rng = random.Random(seed)
    people = crowd(rng)
    append_new(now=NOW)
    told(people)
    for at in range(6):
        if at == 2:
            Organisation.objects.update(privacy_n=7)
        if at == 3:
            Unit.objects.filter(pk=people.home.north_1.pk).update(parent=people.home.south)
            path = f"{people.home.south.path}{people.home.north_1.pk}/"
            Unit.objects.filter(pk=people.home.north_1.pk).update(path=path)
        another(people, rng)
        if at == 4:
            append_new(now=NOW + timedelta(days=at))
        found = told(people)
        assert found == anew(people)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The surveys whose groups were looked at for what they give away."""
    found: list[Any] = []
    look = telling.refused_of

    def refused_of(watch: Any, asked: Any) -> Any:
        found.append(watch.selection.where.get("survey"))
        return look(watch, asked)

    monkeypatch.setattr(telling, "refused_of", refused_of)
    return found


def test_only_the_survey_that_was_answered_is_looked_at_again(looks: list[Any]) -> None:
    people = crowd(random.Random(1))
    append_new(now=NOW)
    asked = people.home.selection().during(WHOLE).split("unit")
    measure(asked, "mean", "overall", level=0.95)
    assert {one for one in looks if one} == {(people.code(at),) for at in range(3)}
    for survey, again in ((None, set()), (people.surveys[1], {(people.code(1),)})):
        looks.clear()
        record(
            people.home.organisation,
            START,
            scores=(("overall", "score", 0, 400, 7),),
            survey=survey,
            is_anonymous=survey is not None,
            channel="app",
            unit=people.home.north_1,
        )
        measure(asked, "mean", "overall", level=0.95)
        assert set(looks) == again


def test_what_is_kept_goes_by_the_names_of_now() -> None:
    people = crowd(random.Random(1))
    append_new(now=NOW)
    asked = people.home.selection().during(WHOLE).split("unit")
    before = anonymous_by_day(asked, None, None)
    Unit.objects.filter(pk=people.home.north_1.pk).update(code="N-900")
    after = anonymous_by_day(asked, None, None)
    assert people.home.north_1.code in before.values["unit"]
    renamed = {people.home.north_1.code: "N-900"}
    assert after.values["unit"] == [renamed.get(str(c), c) for c in before.values["unit"]]


def test_joined_tallies_hold_the_lines_of_both() -> None:
    ones = np.array([0, 1, 0], np.int64)
    first = Tally({"unit": [None, "a", None]}, {"unit": ones + 1}, ones + 5, ones + 1)
    more = Tally({"unit": ["b", "a"]}, {"unit": ones}, ones + 9, ones + 3)
    assert joined(first, None) is first

    def lines(*each: Tally) -> list[tuple[str | None, int, int]]:
        return [
            (one.values["unit"][code], int(day), int(n))
            for one in each
            for code, day, n in zip(one.codes["unit"], one.days, one.n, strict=True)
        ]

    both = joined(first, more)
    assert lines(both) == lines(first, more)
    assert set(both.values["unit"]) == {None, "a", "b"}
