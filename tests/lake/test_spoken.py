"""Who mentions what is counted at once as part by part, and by columns as by the engine."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from manyi.feedback import analysing
from manyi.kit.selection import Selection
from manyi.lake import engine, question, remembering, writing
from manyi.lake.columns.counting import count
from manyi.lake.expressions import compiled
from manyi.lake.mentions import THEME, VOICE, anonymous_by_day, anonymous_of
from manyi.lake.people import People
from manyi.lake.spoken import Part, Spoken, spoken
from manyi.lake.tables import MENTIONS
from manyi.lake.tallies import Tally, nobody, part_of
from tests.factories import NOW, House, house
from tests.lake.test_halves import lines
from tests.mentioning import mentions
from tests.voices import published, receive, voice

pytestmark = [pytest.mark.django_db, pytest.mark.db]
TEXTS = (
    "服务员态度很好，排队太久",
    "服务员态度很差，太贵了",
    "很干净，价格实惠",
    "等了太久",
    "态度真的很好",
)
FACETS = ("aspect", "intent", "voice")
SPLITS = ((), ("unit",), ("channel",), ("survey", "unit"), ("agent",))


@pytest.fixture
def home() -> House:
    home, rng = house(), random.Random(7)
    hidden = [
        published(home.alice, code, is_anonymous=True).survey.code for code in ("csat", "nps")
    ]
    for _ in range(60):
        survey = rng.choice([*hidden, None, None])
        told = {
            "survey": survey,
            "customer": None if survey else {"ref": f"C-{rng.randrange(12)}"},
            "unit": rng.choice(("N-001", "N-002", "S-001", None)),
            "channel": rng.choice(("app", "sms")),
            "occurred_at": (NOW - timedelta(days=rng.randrange(60))).isoformat(),
        }
        known = {name: value for name, value in told.items() if value is not None}
        receive(home.alice, voice(verbatim=rng.choice(TEXTS), **known))
    analysing.analyse_waiting(now=NOW)
    return home


def surveys(home: House) -> list[str]:
    found = {one.group["survey"] for one in mentions(home.selection().split("survey"), "voice")}
    return sorted(code for code in found if code is not None)


def parts(home: House, selection: Selection) -> list[tuple[Part | None, list[Any], str]]:
    """Return each part with what is asked of it alone."""
    found: list[tuple[Part | None, list[Any], str]] = []
    for facet in FACETS:
        found.append((None, mentions(selection, facet), facet))
        found.append((Part(None), mentions(selection, facet, anonymous=False), facet))
        for code in surveys(home):
            own = mentions(selection.narrowed(survey=code), facet, anonymous=True)
            found.append((Part(code), own, facet))
    return found


def by_line(found: Spoken, counts: Any) -> dict[Any, Any]:
    return {key: counts[line].tolist() for key, line in found.lines.items() if counts[line].any()}


@pytest.mark.parametrize("is_cold", [False, True])
def test_at_once_as_part_by_part(home: House, *, is_cold: bool) -> None:
    if is_cold:
        writing.append(home.organisation.pk, NOW)
        remembering.append(home.organisation.pk, NOW)
    for by in SPLITS:
        selection = home.selection().split(*by)
        for part, wanted, facet in parts(home, selection):
            found = spoken(selection, facet)
            senses = {(one.codes, one.aspect): _senses(one) for one in wanted}
            assert by_line(found, found.senses(part)) == senses
            people = {(one.codes, one.aspect): one.people for one in wanted}
            if part is None or part.survey is not None:
                assert by_line(found, found.people(part)) == people
            for one in wanted:
                _compare(found, one, part)


def _senses(one: Any) -> list[int]:
    own = one.moments
    return [int(own.n[own.values == value].sum()) for value in (-1.0, 0.0, 1.0)]


def _compare(found: Spoken, one: Any, part: Part | None) -> None:
    narrow = found.details([one.aspect], [one.codes])
    for details in (narrow, found.details()):
        own = details.moments(one.codes, one.aspect, part)
        assert own.n_customers == one.n_customers
        for name in ("values", "n", "w", "by_group"):
            assert np.array_equal(getattr(own, name), getattr(one.moments, name))


def test_places_are_found_in_another_one(home: House) -> None:
    whole = spoken(home.selection().split("unit"))
    part = spoken(home.selection(unit="N-001").split("unit"))
    groups, places = part.places_in(whole)
    assert [whole.codes[at] for at in groups.tolist()] == list(part.codes)
    assert [list(whole.lines)[at] for at in places.tolist()] == list(part.lines)
    assert (whole.places_in(part)[1] < 0).any()


@pytest.mark.parametrize("by", SPLITS)
def test_columns_count_what_the_engine_counts(home: House, by: tuple[str, ...]) -> None:
    writing.append(home.organisation.pk, NOW)
    remembering.append(home.organisation.pk, NOW)
    selection = home.selection().split(*by)
    now = question.read(selection, MENTIONS)
    asked = question.question(selection, MENTIONS, now, fixed={"facet": "aspect"}, apart=True)
    assert asked is not None
    units = [one for one, code in now.codes.by_id("unit").items() if code.startswith("N-")]
    narrow = asked.among("aspect", ["service.attitude", "none"]).among("unit", units)
    for one in (asked, narrow, asked.having(anonymous=True)):
        for measure in ("said", "mentioned", "mentioning"):
            shape = replace(one.shape, measure=measure)
            own = count(shape, one.values, one.tables, {})
            own = own.answer if isinstance(own, People) else own
            engines = engine.run(compiled(shape), values=one.values, tables=one.tables)
            assert lines(own) == lines(engines)
            assert lines(own)


@pytest.mark.parametrize("written", [False, True])
def test_anonymous_voices_are_counted_once_in_each_group_of_aspects(
    home: House, *, written: bool
) -> None:
    if written:
        remembering.append(home.organisation.pk, NOW)
    for by in ((), ("unit",), ("survey", "channel")):
        for where in ({}, {"unit": ("N",)}, {"intent": ("complaint",)}):
            whole = replace(home.selection(), where=where).split(*by)
            for group in ("service", "price", "environment", "nothing"):
                asked = whole.narrowed(aspect=group)
                found = anonymous_of(asked, VOICE, "")
                assert by_day(found) == by_day(asked_plainly(asked)), (by, where, group)


def asked_plainly(selection: Selection) -> Tally:
    """Count the anonymous voices with a condition on what they mention."""
    return part_of(anonymous_by_day(selection, VOICE), THEME, "") or nobody(selection)


def by_day(tally: Tally) -> Counter[Any]:
    names = list(tally.values)
    columns = [[tally.values[n][at] for at in tally.codes[n].tolist()] for n in names]
    found: Counter[Any] = Counter()
    for *key, n in zip(*columns, tally.days.tolist(), tally.n.tolist(), strict=True):
        found[tuple(key)] += n
    return found


def test_groups_of_aspects_are_counted_by_columns_as_by_the_engine(home: House) -> None:
    remembering.append(home.organisation.pk, NOW)
    selection = home.selection().split("unit", interval="day")
    now = question.read(selection, MENTIONS)
    asked = question.question(selection, MENTIONS, now, fixed={"facet": "aspect"})
    assert asked is not None
    shape = replace(asked.shape, measure="anonymous_by_aspect_group")
    own = count(shape, asked.values, asked.tables, {})
    engines = engine.run(compiled(shape), values=asked.values, tables=asked.tables)
    assert lines(own) == lines(engines)
    assert {"service", "price"} <= set(own["aspect_group"].to_pylist())
