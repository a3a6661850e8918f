"""Cold and hot rows counted apart give what counting them at once gives."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from manyi.kit.period import Period
from manyi.kit.selection import Scope, Selection
from manyi.lake import engine, kept, question, tidying, writing
from manyi.lake.expressions import compiled
from manyi.lake.question import Question
from manyi.lake.rolling import Upwards
from manyi.lake.tables import ANSWERS, RECORDS, SCORES
from tests.factories import NOW, House, house
from tests.lake.records import record
from tests.lake.test_agreement import live_a_while

pytestmark = pytest.mark.django_db
COUNTS = ("n", "n_anonymous", "n_known")
MEASURES = {
    SCORES: ("cells", "cells_by_cluster", "people", "values", "anonymous"),
    RECORDS: ("records", "values"),
    ANSWERS: ("answers", "answers_by_cluster", "asked", "asked_by_cluster", "people"),
}
SPLITS: tuple[dict[str, Any], ...] = (
    {"interval": "month"},
    {"by": ("unit",), "interval": "day"},
    {"by": ("attribute:tier", "channel"), "interval": "week"},
    {"where": {"channel": ("app",)}, "interval": "day"},
    {"where": {"attribute:tier": ("gold",)}, "by": ("unit",), "interval": "month"},
    {"answers": {"why": ("queue",)}, "interval": "month"},
)
SIDES = (Period(date(2026, 9, 1), date(2026, 9, 30)), Period(date(2026, 9, 15), date(2026, 10, 9)))


def lines(table: Any) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """Return the counts of each line; lines that are alike add up."""
    found: dict[tuple[Any, ...], tuple[int, ...]] = {}
    for row in table.to_pylist():
        key = tuple(row[name] for name in sorted(row.keys() - set(COUNTS)))
        counts = [row[name] for name in COUNTS if name in row]
        found[key] = tuple(map(sum, zip(counts, found.get(key, [0] * len(counts)), strict=True)))
    return found


def at_once(asked: Question, measure: str) -> dict[tuple[Any, ...], tuple[int, ...]]:
    shape = replace(asked.shape, measure=measure)
    return lines(engine.run(compiled(shape), values=asked.values, tables=asked.tables))


def compared(home: House) -> int:
    """Ask everything both ways; return how many questions were asked."""
    asked_of = 0
    for split in SPLITS:
        selection = Selection(Scope(home.organisation.pk, None), **split)
        for table, measures in MEASURES.items():
            now = question.read(selection, table)
            asked = question.question(selection, table, now)
            assert asked is not None
            for measure in measures:
                assert lines(asked.ask(measure)) == at_once(asked, measure), (split, measure)
                asked_of += 1
        now = question.read(selection, SCORES)
        plain = selection.split(*selection.by)
        sided = question.question(plain, SCORES, now, sides=SIDES)
        assert sided is not None
        for measure in ("people_by_sides", "cells"):
            assert lines(sided.ask(measure)) == at_once(sided, measure), (split, measure)
    _compare_apart(Selection(Scope(home.organisation.pk, None)))
    return asked_of


def _compare_apart(whole: Selection) -> None:
    now = question.read(whole, SCORES)
    for by, sides in (((), ()), ((), SIDES), (("unit",), ())):
        asked = question.question(whole.split(*by), SCORES, now, sides=sides, apart=True)
        assert asked is not None
        for measure in ("cells_by_cluster", "people_by_sides" if sides else "people"):
            assert lines(asked.ask(measure)) == at_once(asked, measure), (by, sides, measure)

    _compare_levels(whole.split("unit"))


def _compare_levels(by_unit: Selection) -> None:
    """Compare what is summed up the tree with what is asked of each level."""
    now = question.read(by_unit, SCORES)
    for details in ({"apart": True}, {"fixed": {"anonymous": False}}):
        below = question.question(by_unit, SCORES, now, **details)  # type: ignore[arg-type]
        for depth in (0, 1):
            level = question.question(by_unit, SCORES, now, depth=depth, **details)  # type: ignore[arg-type]
            assert below is not None and level is not None
            up = Upwards("g0", now.codes.above(depth))
            for measure in ("cells", "cells_by_cluster"):
                assert lines(up.table(below.ask(measure))) == at_once(level, measure), depth
            assert lines(below.ask_people_rolled(up)) == at_once(level, "people"), depth


def test_what_is_rolled_up_is_not_counted_again_in_files() -> None:
    home, rng = house(), random.Random(5)
    live_a_while(home, rng)
    writing.append(home.organisation.pk, NOW)
    by_unit = home.selection().split("unit")
    now = question.read(by_unit, SCORES)
    below = question.question(by_unit, SCORES, now, apart=True)
    assert below is not None
    below.ask("people")
    before = len(below._frames)
    assert before
    below.ask_people_rolled(Upwards("g0", now.codes.above(1)))
    assert len(below._frames) == before


def test_halves_agree_with_the_whole() -> None:
    home, rng = house(), random.Random(3)
    for turn in range(2):
        live_a_while(home, rng)
        record(home.organisation, csat=turn, answers=(("why", "", "queue", None),))
        assert compared(home) == 72
    writing.append(home.organisation.pk, NOW)
    assert compared(home) == 72


def test_what_is_kept_is_carried_along(monkeypatch: pytest.MonkeyPatch) -> None:
    home, rng = house(), random.Random(5)
    ways = watched(monkeypatch)
    for turn in range(4):
        monkeypatch.setattr(kept, "_FEW_ROWS", 20_000 * (turn % 2))
        live_a_while(home, rng, turns=9)
        if turn == 2:
            tidying.compact(NOW + timedelta(hours=70))
            tidying.sweep(NOW + timedelta(days=30))
        assert compared(home) == 72
    record(home.organisation, csat=2)
    writing.append(home.organisation.pk, NOW)
    assert compared(home) == 72
    assert ways["carried"] > 100
    assert ways["moved"] > 10
    assert ways["few"] > 10


def watched(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Return a counter of the ways in which what is kept is made to fit the lake of now."""
    ways: Counter[str] = Counter()

    def watch(name: str) -> None:
        own = getattr(kept, name)

        def told(*given: Any) -> Any:
            found = own(*given)
            ways[name.removeprefix("_")] += bool(found)
            return found

        monkeypatch.setattr(kept, name, told)

    for name in ("_carried", "_moved", "_few"):
        watch(name)
    return ways


def test_a_merge_counts_nothing_again(monkeypatch: pytest.MonkeyPatch) -> None:
    home = house()
    for _ in range(tidying.MANY):
        record(home.organisation, csat=4)
        writing.append(home.organisation.pk, NOW)
    whole = Selection(Scope(home.organisation.pk, None), interval="month")
    before = asked_of(whole).ask("cells").to_pylist()
    runs = Counter[str]()
    own = engine.run
    monkeypatch.setattr(engine, "run", lambda sql, **given: runs.update("q") or own(sql, **given))
    assert tidying.compact(NOW) >= tidying.MANY
    assert asked_of(whole).ask("cells").to_pylist() == before
    assert not runs


def asked_of(selection: Selection) -> Question:
    found = question.question(selection, SCORES, question.read(selection, SCORES))
    assert found is not None
    return found


def test_a_person_who_answers_again_counts_once() -> None:
    from manyi.customers.models import Customer

    home = house()
    known = Customer.objects.create(
        id=7, organisation=home.organisation, created_at=NOW, updated_at=NOW
    )
    record(home.organisation, csat=5, customer_id=known.pk)
    writing.append(home.organisation.pk, NOW)
    record(home.organisation, csat=3, customer_id=known.pk)
    record(home.organisation, csat=4)
    selection = Selection(Scope(home.organisation.pk, None))
    asked = question.question(selection, SCORES, question.read(selection, SCORES))
    assert asked is not None
    (people,) = asked.ask("people").to_pylist()
    assert (people["n"], people["n_known"]) == (2, 1)


def test_what_is_kept_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    home = house()
    record(home.organisation, csat=5)
    writing.append(home.organisation.pk, NOW)
    monkeypatch.setattr(kept, "_MOST", 3)
    kept._kept.clear()
    compared(home)
    assert len(kept._kept) <= 3
