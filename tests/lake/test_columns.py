"""Columns beside files: what they count is what the engine counts, and nothing depends on them."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from manyi.feedback.models import FeedbackRecord
from manyi.kit.period import Period
from manyi.kit.selection import Scope, Selection
from manyi.lake import engine, queries, question, reading, tidying, writing
from manyi.lake.columns import layout
from manyi.lake.columns.copies import held
from manyi.lake.columns.counting import count
from manyi.lake.columns.frame import NotLaidOut
from manyi.lake.columns.mixing import Mixed
from manyi.lake.columns.words import lexicon
from manyi.lake.expressions import compiled, mixed
from manyi.lake.models import LakeFile
from manyi.lake.people import People
from manyi.lake.question import Question
from manyi.lake.tables import ANSWERS, RECORDS, SCORES
from tests.factories import NOW, house
from tests.lake.records import record
from tests.lake.test_agreement import live_a_while
from tests.lake.test_halves import lines

pytestmark = pytest.mark.django_db
OVERLAPPING = (
    Period(date(2026, 8, 1), date(2026, 9, 30)),
    Period(date(2026, 9, 10), date(2026, 10, 20)),
    Period(date(2026, 9, 20), date(2026, 9, 25)),
)


def asked(selection: Selection, **details: Any) -> Question:
    found = question.question(selection, SCORES, question.read(selection, SCORES), **details)
    assert found is not None
    return found


def both_ways(one: Question, measure: str) -> tuple[Any, Any]:
    shape = replace(one.shape, measure=measure)
    own = count(shape, one.values, one.tables, {})
    engines = engine.run(compiled(shape), values=one.values, tables=one.tables)
    return lines(own.answer if isinstance(own, People) else own), lines(engines)


@pytest.mark.parametrize("seed", range(2))
def test_columns_count_what_the_engine_counts(seed: int) -> None:
    home, rng = house(), random.Random(seed)
    live_a_while(home, rng)
    for by in ((), ("unit",), ("attribute:tier", "channel")):
        whole = Selection(Scope(home.organisation.pk, None), by=by)
        apart = {"sides": OVERLAPPING, "apart": True}
        for details in ({}, {"sides": OVERLAPPING}, {"fixed": {"item": "overall"}}, apart):
            one = asked(whole, **details)
            people = "people_by_sides" if "sides" in details else "people"
            for measure in (people, "cells", "cells_by_cluster"):
                own, engines = both_ways(one, measure)
                assert own == engines, (by, details, measure)
                assert own


@pytest.mark.parametrize("seed", range(2))
def test_columns_give_the_rows_that_the_engine_gives(seed: int) -> None:
    home, rng = house(), random.Random(seed)
    live_a_while(home, rng)
    mine = Selection(Scope(home.organisation.pk, None))
    own = ("record", "customer", "anonymous", "day", "unit", "channel", "week", "part")
    scores = (*own, "item", "metric", "worst", "best", "value")
    for table, columns in ((RECORDS, own), (SCORES, scores)):
        one = question.question(mine, table, question.read(mine, table))
        assert one is not None
        every = len(one.ask("rows", columns=("record",), at_most=10**6))
        places = mixed(one.ask("rows", columns=("record",), at_most=10**6)["record"].to_numpy())
        assert every > 20
        for many in (every + 1, every, 7, 1):
            given = replace(one, shape=replace(one.shape, columns=columns, at_most=many))
            found, engines = both_ways(given, "rows")
            assert sorted(found, key=repr) == sorted(engines, key=repr)
            assert len(found) == min(many, every)
            order = mixed(np.array(one.rows(("record",), at_most=many)["record"].to_pylist()))
            assert (np.diff(order) >= 0).all()
        for cut in (10**6, int(np.median(places)), -1):
            shape = replace(one.shape, columns=columns)
            given = replace(one, shape=shape, values={**one.values, "cut": str(cut)})
            found, engines = both_ways(given, "rows")
            assert sorted(found, key=repr) == sorted(engines, key=repr)
            assert len(found) == int((places <= cut).sum())


def test_columns_know_the_copies_that_the_engine_finds() -> None:
    home, rng = house(), random.Random(4)
    live_a_while(home, rng)
    mine = home.organisation.pk
    files = LakeFile.objects.filter(table=RECORDS, replaced_at=None).values_list("path", flat=True)
    paths = [str(engine.folder() / path) for path in files]
    wanted = [7, *FeedbackRecord.objects.order_by("pk").values_list("pk", flat=True)[::2]]
    found = held(RECORDS, paths, wanted, lexicon(str(mine)))
    rows = reading._scanned(mine, wanted, paths, RECORDS)
    assert found == {(row["record"], row["part"], f"{row['month']:%Y-%m}") for row in rows}
    assert len(found) > 9


def test_columns_count_answers_as_the_engine_does() -> None:
    home, rng = house(), random.Random(5)
    live_a_while(home, rng)
    for code, number in (("queue", None), ("", 3.0), ("na", None), ("queue", None)):
        record(home.organisation, answers=(("why", "", code, number), ("why", "x", "b", None)))
    writing.append(home.organisation.pk, NOW)
    for by in ((), ("unit",)):
        mine = Selection(Scope(home.organisation.pk, None), by=by)
        now = question.read(mine, ANSWERS)
        one = question.question(mine, ANSWERS, now, fixed={"question": "why"})
        assert one is not None
        for measure in ("answers_by_cluster", "asked", "asked_by_cluster", "people"):
            own, engines = both_ways(one, measure)
            assert own == engines, (by, measure)
            assert own


def test_without_columns_the_engine_answers_and_the_loop_lays_them_out() -> None:
    home = house()
    record(home.organisation, csat=4)
    writing.append(home.organisation.pk, NOW)
    before = queries.moments(home.selection(), "csat")
    paths = [engine.folder() / path for path in LakeFile.objects.values_list("path", flat=True)]
    moved = [path.rename(path.with_name(f"again-{path.name}")) for path in paths]
    for path, to in zip(paths, moved, strict=True):
        layout.beside(path).unlink()
        file = LakeFile.objects.get(path=path.relative_to(engine.folder()).as_posix())
        file.path = to.relative_to(engine.folder()).as_posix()
        file.save()
    with pytest.raises(NotLaidOut):
        both_ways(asked(home.selection()), "cells")
    after = queries.moments(home.selection(), "csat")
    assert [one.moments.n.tolist() for one in after] == [one.moments.n.tolist() for one in before]
    assert tidying.lay_out() == len(paths)
    own, engines = both_ways(asked(home.selection()), "cells")
    assert own == engines


def test_attributes_with_too_many_settings_are_left_to_the_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(layout, "MOST_SETTINGS", 2)
    home = house()
    for at in range(4):
        attributes = {"order": f"A-{at}", "tier": "gold"}
        record(home.organisation, csat=4, attributes=attributes)
    writing.append(home.organisation.pk, NOW)
    by_tier = home.selection().split("attribute:tier")
    assert both_ways(asked(by_tier), "cells")[0]
    by_order = home.selection().split("attribute:order")
    with pytest.raises(NotLaidOut):
        both_ways(asked(by_order), "cells")
    assert len(queries.moments(by_order, "csat")) == 4


def test_a_file_without_columns_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        layout.read(tmp_path / "none.parquet")


def test_mixed_columns_come_apart_again() -> None:
    rng = np.random.default_rng(5)
    widths = {"a": 7, "b": 90_000, "c": 40_000, "d": 64}
    columns = {name: rng.integers(0, many, 500) for name, many in widths.items()}
    mixed = Mixed(500)
    mixed.always("e", 3)
    for name, many in widths.items():
        mixed.add(name, columns[name], many)
    codes, n = mixed.counted()
    told = mixed.told(codes)
    found = sorted(zip(*(told[name].tolist() for name in widths), strict=True))
    assert found == sorted(set(zip(*(columns[name].tolist() for name in widths), strict=True)))
    assert n.sum() == 500
    assert set(told["e"].tolist()) == {3}
