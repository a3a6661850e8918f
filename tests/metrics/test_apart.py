"""Each anonymous survey is guarded by itself: no other survey changes what it tells."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations

import pytest

from manyi.feedback.models import Finding, Reading
from manyi.kit.period import Period
from manyi.kit.selection import Selection
from manyi.lake import queries as lake
from manyi.lake import writing
from manyi.lake.mentions import VOICE
from manyi.metrics import queries
from manyi.metrics.counted import counted, records
from manyi.metrics.measured import measure, measure_sides
from manyi.metrics.telling import records_told
from manyi.metrics.themes import themes
from manyi.surveys.models import Survey
from tests.factories import NOW, House, house
from tests.lake.records import record
from tests.mentioning import mentions
from tests.metrics.test_differencing import LEAST, START, periods
from tests.voices import made

pytestmark = [pytest.mark.django_db, pytest.mark.db]
DAYS = 12
WHOLE = Period(START - timedelta(days=20), START + timedelta(days=30))
CHANNELS = ("app", "sms", "web")
SIZES = (60, 20, 3)


@dataclass(frozen=True)
class Told:
    """Who of one survey was counted, and by which conditions but the survey."""

    asked: frozenset[tuple[str, str]]
    who: frozenset[int]


@dataclass
class Crowd:
    home: House
    surveys: list[Survey]
    of: dict[int, int | None]

    def code(self, at: int) -> str:
        return self.surveys[at].code

    def parts(self, asked: frozenset[tuple[str, str]], who: frozenset[int]) -> Iterator[Told]:
        for at in range(len(self.surveys)):
            mine = frozenset(one for one in who if self.of[one] == at)
            if mine:
                yield Told(asked, mine)


def crowd(rng: random.Random) -> Crowd:
    """Store anonymous answers to three surveys, and some by name; each has a score of its own."""
    home = house()
    made_ones = [made(home.alice) for _ in SIZES]
    of: dict[int, int | None] = {}
    for at, survey in enumerate([*made_ones, None]):
        for _ in range(SIZES[at] if survey else 30):
            one = len(of)
            of[one] = at if survey else None
            record(
                home.organisation,
                START + timedelta(days=rng.randrange(DAYS)),
                scores=(("overall", "score", 0, 400, one),),
                survey=survey,
                is_anonymous=survey is not None,
                channel=rng.choices(CHANNELS, (8, 4, 1))[0],
                unit=rng.choices((home.north_1, home.north_2, home.south_1), (6, 3, 2))[0],
            )
    return Crowd(home, made_ones, of)


def questions(people: Crowd, rng: random.Random) -> Iterator[Selection]:
    codes = [one.code for one in people.surveys]
    asked: list[dict[str, tuple[str, ...]]] = [{}, *({"survey": (one,)} for one in codes)]
    asked += [{"survey": pair} for pair in combinations(codes, 2)]
    for where in asked:
        plain = people.home.selection(**where).during(WHOLE)
        yield plain
        yield from (plain.during(one) for one in rng.sample(periods(DAYS), 3))
        yield from (plain.narrowed(channel=one) for one in CHANNELS[:2])
        yield plain.narrowed(unit="N-001")
        yield plain.narrowed(unit="S-001", channel="app")
    whole = people.home.selection().during(WHOLE)
    for names in (("survey",), ("survey", "channel"), ("channel",), ("unit",)):
        yield whole.split(*names)
    yield whole.split("survey", interval="week")
    yield whole.split(interval="day")


def learnt(people: Crowd, selection: Selection) -> Iterator[Told]:
    """Yield who is counted in the numbers that are shown, seen by their scores."""
    found = measure(selection, "mean", "overall", level=0.95)
    for key in found.keys:
        if found.row(key).n:
            group = dict(zip(selection.by, key, strict=False))
            asked = {k: v[0] for k, v in selection.where.items()} | group
            asked.pop("survey", None)
            who = frozenset(int(value) for value in found.moments(key).values)
            assert len(who) == found.row(key).n
            yield from people.parts(frozenset(asked.items()), who)


def unguarded(people: Crowd, selection: Selection) -> Iterator[Told]:
    """Yield who would be counted if only groups of a few were hidden."""
    asked = {k: v[0] for k, v in selection.where.items() if k != "survey"}
    for one in lake.moments(selection, "score"):
        group = {k: v or "" for k, v in one.group.items() if k != "survey"}
        who = frozenset(int(value) for value in one.moments.values)
        for part in people.parts(frozenset({**asked, **group}.items()), who):
            if len(part.who) >= LEAST:
                yield part


def few(told: set[Told]) -> list[tuple[Told, Told]]:
    """Return what tells of one to LEAST - 1 people of a survey, alone or by a difference."""
    alone = [(one, one) for one in told if len(one.who) < LEAST]
    return alone + [
        (one, other)
        for one in told
        for other in told
        if one.asked <= other.asked and other.who < one.who
        if len(one.who - other.who) < LEAST
    ]


@pytest.mark.parametrize("seed", range(2))
def test_no_two_figures_tell_of_a_few_of_any_survey(seed: int) -> None:
    people = crowd(random.Random(seed))
    asked = list(questions(people, random.Random(seed)))
    told = {one for question in asked for one in learnt(people, question)}
    assert len(told) > 20
    assert few(told) == []
    assert few({one for question in asked for one in unguarded(people, question)})


@pytest.fixture
def home() -> House:
    return house()


def answered(home: House, survey: Survey | None, n: int, **values: object) -> None:
    for at in range(n):
        row = record(
            home.organisation,
            START + timedelta(days=at % DAYS),
            csat=1 + at % 5,
            survey=survey,
            is_anonymous=survey is not None,
            analysed_at=NOW,
            mentions_due=True,
            **{"channel": CHANNELS[at % 2], "unit": home.north_1, **values},
        )
        sense = {"polarity": 1, "score": 0.0, "generation": 0}
        Reading.objects.create(record=row, model="test", **sense)
        for aspect in ("service.attitude", "service.speed")[: 1 + at % 2]:
            Finding.objects.create(record=row, aspect=aspect, start=0, end=1, **sense)


def figures(selection: Selection) -> list[object]:
    """Return everything that is told of a selection."""
    return [
        queries.estimate(selection, "csat"),
        queries.estimate(selection.split("channel"), "csat"),
        queries.estimate(selection.split("unit"), "csat"),
        queries.trend(selection, "mean", "overall", interval="week"),
        queries.compare(selection, "csat"),
        queries.completion(selection),
        dict(counted(selection, "channel")),
    ]


def test_another_survey_changes_no_figure_of_the_first(home: House) -> None:
    first, second = made(home.alice), made(home.alice)
    answered(home, first, 160)
    selection = home.selection(survey=(first.code,)).during(WHOLE)
    alone = figures(selection)
    assert alone[0][0].ok  # type: ignore[index]
    answered(home, second, 3)
    assert figures(selection) == alone
    assert records_told(selection) == selection


def test_a_figure_over_all_is_the_sum_of_what_may_be_told(home: House) -> None:
    first, second = made(home.alice), made(home.alice)
    answered(home, first, 60)
    answered(home, None, 40)
    whole = home.selection().during(WHOLE)
    (before,) = queries.estimate(whole, "csat")
    done = queries.completion(whole)[0]
    answered(home, second, 1)
    (row,) = queries.estimate(whole, "csat")
    assert [note.code for note in row.estimate.warnings] == ["anonymous_left_out"]
    assert (row.n, row.estimate.value) == (100, before.estimate.value)
    assert (row.estimate.low, row.estimate.high) == (before.estimate.low, before.estimate.high)
    (after,) = queries.completion(whole)
    assert (after.n, after.estimate.value) == (done.n, done.estimate.value)
    assert queries.compare(whole, "csat")[0].current.n == 100
    answered(home, second, 11)
    (row,) = queries.estimate(whole, "csat")
    assert (row.n, row.estimate.warnings) == (112, ())


def test_a_group_of_which_nothing_may_be_told_stays_in_its_place(home: House) -> None:
    first, second = made(home.alice), made(home.alice)
    answered(home, first, 60)
    answered(home, second, 2, channel="kiosk", unit=home.south_1)
    whole = home.selection().during(WHOLE)
    by_survey = {
        row.group["survey"]: row for row in queries.estimate(whole.split("survey"), "csat")
    }
    assert [by_survey[one.code].status for one in (first, second)] == ["ok", "suppressed"]
    by_channel = {
        row.group["channel"]: row for row in queries.estimate(whole.split("channel"), "csat")
    }
    assert list(by_channel) == ["app", "kiosk", "sms"]
    assert [row.status for row in by_channel.values()] == ["ok", "suppressed", "ok"]
    assert by_channel["kiosk"].n is None
    assert counted(whole, "channel") == {"app": 30, "kiosk": None, "sms": 30}


def test_a_new_survey_of_one_answer_is_hidden_and_not_empty(home: House) -> None:
    answered(home, made(home.alice), 1)
    (row,) = queries.estimate(home.selection().during(WHOLE), "csat")
    assert row.status == "suppressed"
    answered(home, made(home.alice), 2)
    assert queries.estimate(home.selection().during(WHOLE), "csat")[0].status == "suppressed"


def test_the_few_of_the_only_anonymous_survey_hide_nobody_known(home: House) -> None:
    answered(home, None, 30)
    whole = home.selection().during(WHOLE)
    (before,) = queries.estimate(whole, "csat")
    answered(home, made(home.alice), 2)
    (after,) = queries.estimate(whole, "csat")
    assert (after.status, after.n, after.estimate.value) == ("ok", 30, before.estimate.value)
    assert [note.code for note in after.estimate.warnings] == ["anonymous_left_out"]
    assert [one.records for one in records(whole).rows] == [30]


def test_people_shared_by_two_periods_are_those_with_a_name(home: House) -> None:
    answered(home, made(home.alice), 60)
    answered(home, made(home.alice), 2)
    sides = [Period(START, START + timedelta(days=DAYS)), WHOLE]
    found, shared = measure_sides(home.selection(), sides, "csat", None, level=0.95)
    assert [one.row((None,)).n for one in found] == [60, 60]
    assert not any(sum(pairs.values()) for pairs in shared.values())


def test_themes_leave_out_a_small_survey_whole(home: House) -> None:
    first, second = made(home.alice), made(home.alice)
    answered(home, first, 60)
    whole = home.selection().during(WHOLE)
    before = themes(whole)
    answered(home, second, 3)
    after = themes(whole)
    assert after.voices.n == before.voices.n == 60
    pairs = list(zip(after.rows, before.rows, strict=True))
    assert pairs and all(a.share.n == b.share.n and a.n == b.n for a, b in pairs)
    assert all(a.share.estimate.value == b.share.estimate.value for a, b in pairs)
    assert "anonymous_left_out" in [note.code for note in after.rows[0].share.estimate.warnings]
    mine = home.selection(survey=(first.code,)).during(WHOLE)
    assert [one.share for one in themes(mine).rows] == [one.share for one in before.rows]


@pytest.mark.parametrize("cold", ["hot", "half", "cold"])
def test_those_with_and_without_a_name_are_all(home: House, cold: str) -> None:
    survey = made(home.alice)
    answered(home, survey, 12)
    if cold == "half":
        writing.append(home.organisation.pk, NOW)
    answered(home, None, 7)
    if cold == "cold":
        writing.append(home.organisation.pk, NOW)
    for selection in (home.selection(), home.selection().split("channel")):
        for whole in (selection.during(WHOLE), selection):
            # Of the first the whole is asked last: its parts are then counted by themselves.
            sizes = {lake.Part(survey.code): 12, lake.Part(None): 7, None: 19}
            for part in sizes if whole.when else reversed(sizes):
                found = lake.moments(whole, "csat", part=part)
                assert sum(one.moments.count for one in found) == sizes[part]
                assert sum(one.n_anonymous for one in found) == (part != lake.Part(None)) * 12
        counts = [lake.counts(selection, anonymous=one) for one in (True, False)]
        assert [sum(one.records for one in found) for found in counts] == [12, 7]
        voiced = [mentions(selection, VOICE, anonymous=one) for one in (True, False)]
        assert [sum(one.moments.count for one in found) for found in voiced] == [12, 7]
