"""All groups and themes of a table are refused and guarded as each one by itself."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from manyi.kit.selection import Selection
from manyi.lake.mentions import ASPECT, VOICE
from manyi.lake.spoken import spoken
from manyi.metrics import guard, said_at_once
from manyi.metrics.differencing import Watch
from manyi.metrics.telling import guarded
from tests.metrics.test_differencing import periods
from tests.metrics.test_differencing_words import speak

pytestmark = [pytest.mark.django_db, pytest.mark.db]
DAYS = 9


def questions(home_of: Selection, rng: random.Random) -> Iterator[Selection]:
    for by in ((), ("channel",), ("unit",), ("channel", "unit")):
        whole = home_of.split(*by)
        yield whole
        for when in rng.sample(periods(DAYS), 2):
            yield whole.during(when)
            yield whole.during(when).narrowed(polarity="negative")
    yield home_of.split("unit").narrowed(channel=("app", "sms"))
    yield home_of.split("channel").narrowed(aspect="service")
    yield home_of.split("unit").narrowed(aspect="service.speed", channel="app")


def watching(selection: Selection) -> Watch:
    return Watch(selection, None, None, guard.limits(selection.scope), facet=ASPECT)


def one_by_one(selection: Selection, table: said_at_once.Table, watch: Watch) -> list[bool]:
    found = [False] * len(table.people)
    for theme in range(len(table.themes)):
        own = [at for at, of in enumerate(table.theme.tolist()) if of == theme]
        people = {table.keys[int(table.group[at])]: int(table.people[at]) for at in own}
        code = table.themes[theme]
        refused = [key for key in people if watch.refuses(key, selection.when, code)]
        hide = guarded(selection, people, watch, refused)
        for at in own:
            found[at] = table.keys[int(table.group[at])] in hide
    return found


@pytest.mark.parametrize("seed", range(1))
def test_at_once_and_one_by_one_hide_the_same(seed: int) -> None:
    rng = random.Random(seed)
    said = speak(rng, 90, DAYS)
    hidden = shown = 0
    for selection in questions(said.home.selection(), rng):
        lines = spoken(selection, ASPECT)
        keys = [(*codes, None) for codes in lines.codes]
        people = lines.anonymous()
        table = said_at_once.Table(keys, lines.aspects, lines.group, lines.aspect, people)
        own = said_at_once.hidden(selection, table, watching(selection))
        wanted = one_by_one(selection, table, watching(selection))
        assert own.tolist() == wanted, selection.query()
        hidden, shown = hidden + sum(wanted), shown + len(wanted) - sum(wanted)
    assert hidden > 20
    assert shown > 5


def test_nobody_is_hidden_where_nobody_is_anonymous() -> None:
    said = speak(random.Random(1), 5, 3)
    lines = spoken(said.home.selection(channel="none"), VOICE)
    table = said_at_once.Table([], lines.aspects, lines.group, lines.aspect, lines.anonymous())
    watch = watching(said.home.selection())
    assert not said_at_once.hidden(said.home.selection(), table, watch).any()
