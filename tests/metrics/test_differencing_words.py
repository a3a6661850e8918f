"""The attacker also asks by what people speak of: themes, and numbers of those who speak of one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from manyi.feedback.models import Finding, Reading
from manyi.kit.period import Period
from manyi.kit.selection import Selection
from manyi.metrics import guard, queries
from manyi.metrics.rows import SUPPRESSED
from manyi.metrics.themes import themes
from tests.factories import NOW, House, house
from tests.lake.records import record
from tests.metrics.test_differencing import LEAST, START, looked_at

pytestmark = [pytest.mark.django_db, pytest.mark.db]
ASPECTS = ("service.attitude", "service.speed", "price.fair", "place.noise")
WEIGHTS = (0.5, 0.12, 0.25, 0.06)
CHANNELS = ("app", "sms", "web")
# What each question needs of a voice: "aspect", "channel" and so on with the value asked for.
Asked = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Voice:
    day: date
    channel: str
    polarity: str
    aspects: frozenset[str]

    def fits(self, asked: Asked) -> bool:
        return all(value in self._of(name) for name, value in asked)

    def _of(self, name: str) -> frozenset[str]:
        if name == "aspect":
            return self.aspects | {a.partition(".")[0] for a in self.aspects}
        return frozenset((self.channel if name == "channel" else self.polarity,))


@dataclass(frozen=True)
class Told:
    asked: Asked
    when: Period
    who: frozenset[int]

    def holds(self, other: Told) -> bool:
        """Whether everybody in `other` is known to be in here."""
        inside = self.when.first <= other.when.first and other.when.last <= self.when.last
        below = {("aspect", v.partition(".")[0]) for n, v in other.asked if n == "aspect"}
        return inside and self.asked <= other.asked | below


@dataclass
class Speaking:
    home: House
    voices: list[Voice]

    def told(self, asked: Asked, when: Period) -> Told:
        fits = (
            at
            for at, one in enumerate(self.voices)
            if when.first <= one.day <= when.last and one.fits(asked)
        )
        return Told(asked, when, frozenset(fits))


SENSES = {"negative": -1, "neutral": 0, "positive": 1}


def speak(rng: random.Random, n: int, days: int) -> Speaking:
    """Store anonymous voices that have been read, some aspects and channels rarer than others."""
    home, voices = house(), []
    for _ in range(n):
        one = Voice(
            START + timedelta(days=min(rng.randrange(days), rng.randrange(days + 3))),
            rng.choices(CHANNELS, (8, 4, 1))[0],
            rng.choices(list(SENSES), (5, 1, 8))[0],
            frozenset(a for a, w in zip(ASPECTS, WEIGHTS, strict=True) if rng.random() < w),
        )
        voices.append(one)
        store(home, one, rng.randint(1, 5))
    return Speaking(home, voices)


def store(home: House, one: Voice, csat: int) -> None:
    row = record(
        home.organisation,
        one.day,
        csat=csat,
        is_anonymous=True,
        channel=one.channel,
        analysed_at=NOW,
        mentions_due=True,
    )
    sense = {"polarity": SENSES[one.polarity], "score": 0.0, "generation": 0}
    Reading.objects.create(record=row, model="test", **sense)
    for aspect in one.aspects:
        Finding.objects.create(record=row, aspect=aspect, start=0, end=1, **sense)


def few(told: list[Told]) -> list[tuple[Told, Told]]:
    """Return every pair whose difference tells of one to LEAST - 1 people."""
    same = list({(one.when, one.asked): one for one in told}.values())
    alone = [(one, one) for one in same if 0 < len(one.who) < LEAST]
    return alone + [
        (one, other)
        for one in same
        for other in same
        if other.who and 0 < len(one.who) - len(other.who) < LEAST and one.holds(other)
    ]


def of_themes(people: Speaking, selection: Selection, asked: Asked) -> Iterator[Told]:
    """Yield whom the themes that are shown count."""
    found = themes(selection)
    for one in found.rows:
        group = {(name, code) for name, code in one.group.items() if code is not None}
        about = asked | group
        if one.net.status != SUPPRESSED:
            mine = people.told(about | {("aspect", one.aspect)}, looked_at(selection, one.net))
            assert len(mine.who) == one.net.n
            yield mine
        if one.share.status != SUPPRESSED:
            voices = people.told(about, looked_at(selection, one.share))
            assert len(voices.who) == one.share.n
            yield voices
    if found.voices.status != SUPPRESSED:
        yield people.told(asked, looked_at(selection, found.voices))


def of_scores(people: Speaking, selection: Selection, asked: Asked) -> Iterator[Told]:
    for row in queries.estimate(selection, "csat"):
        if row.status != SUPPRESSED and row.n:
            mine = people.told(asked, looked_at(selection, row))
            assert len(mine.who) == row.n
            yield mine


def words() -> Iterator[dict[str, tuple[str, ...]]]:
    yield {}
    for aspect in (*ASPECTS, "service"):
        yield {"aspect": (aspect,)}
    for sense in SENSES:
        yield {"polarity": (sense,)}


@pytest.mark.parametrize("seed", range(2))
def test_nobody_is_found_by_what_they_speak_of(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(seed)
    people = speak(rng, rng.randint(90, 150), 40)
    first = START - timedelta(days=2)
    spans = [Period(first, first + timedelta(days=n)) for n in (60, 20, 21)]

    def everything(spans: list[Period]) -> list[Told]:
        told: list[Told] = []
        for where in words():
            asked = frozenset((name, value) for name, (value,) in where.items())
            for span in spans:
                mine = people.home.selection(**where).during(span)
                told += of_scores(people, mine, asked)
                if not where:
                    told += of_themes(people, mine, asked)
                    told += of_themes(people, mine.split("channel"), asked)
                    for channel in CHANNELS[1:]:
                        inside = mine.narrowed(channel=channel)
                        told += of_themes(people, inside, asked | {("channel", channel)})
        return told

    told = everything(spans)
    assert any(name == "aspect" for one in told for name, _ in one.asked)
    assert any(len(one.asked) > 1 for one in told)
    assert few(told) == []
    monkeypatch.setattr(guard, "limits", lambda scope: guard.Limits(1, 1))
    assert few(everything(spans[1:]))


def test_several_aspects_at_once_are_not_answered_of_anonymous_people() -> None:
    people = speak(random.Random(7), 120, 10)
    one, two = (people.home.selection(aspect=ASPECTS[:n]) for n in (1, 2))
    assert [queries.estimate(asked, "csat")[0].status for asked in (one, two)] == [
        "ok",
        SUPPRESSED,
    ]


def test_the_last_of_three_feelings_does_not_follow_from_the_others() -> None:
    home = house()
    for sense, n in (("negative", 30), ("neutral", 2), ("positive", 20)):
        for _ in range(n):
            store(home, Voice(START, "app", sense, frozenset()), 3)
    told = {
        sense: queries.estimate(home.selection(polarity=(sense,)), "csat")[0].status
        for sense in SENSES
    }
    assert told["neutral"] == SUPPRESSED
    assert sorted(told.values()) == ["ok", SUPPRESSED, SUPPRESSED]
