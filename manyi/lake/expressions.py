"""What is asked of the lake, as Ibis expressions in the subset that every engine shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any

from manyi.kit.selection import ATTRIBUTE
from manyi.lake import engine
from manyi.lake.tables import ANSWERS, ASPECT_GROUP, ATTRIBUTES, MENTIONS, schema

# What stands in `apart` for those who are not anonymous, and for answers to no survey.
OPEN, NO_SURVEY = 0, -1
_NUMBERED = frozenset({"survey", "unit", "touchpoint", "agent", "customer", "record"})


@dataclass(frozen=True)
class Shape:
    """A question but for its values: questions of one shape share their SQL.

    `filters` are the dimensions narrowed; `attributes` and `answers` how many of them are,
    `lines` which of these answers are to one row of a matrix; `said` the columns of mentions
    narrowed, for each condition on what a text says;
    `fixed` the table's own columns that must equal a value, `own` those narrowed; `sources`
    the tables that are there, as "cold_scores" or "hot_scores"; `less` the kinds of outdated
    copies to leave out. A `sided` question is about several periods at once, which may overlap.
    One that comes `apart` is grouped by anonymous survey as well, known people (`OPEN`) by
    themselves. Of "rows" there are `at_most` so many, or those whose records come no later than
    the value of `cut` in the order of `mixed`.
    """

    table: str
    measure: str
    sources: frozenset[str]
    less: frozenset[str] = frozenset()
    filters: frozenset[str] = frozenset()
    fixed: tuple[str, ...] = ()
    own: frozenset[str] = frozenset()
    attributes: int = 0
    answers: int = 0
    lines: tuple[int, ...] = ()
    said: tuple[tuple[str, ...], ...] = ()
    dated: bool = False
    sided: bool = False
    by: tuple[str, ...] = ()
    interval: str | None = None
    apart: bool = False
    rolled: bool = False
    columns: tuple[str, ...] = ()
    at_most: int | None = None


@lru_cache(maxsize=512)
def compiled(shape: Shape) -> str:
    """Return the SQL of a shape, with parameters where its values go."""
    import ibis

    sql = str(ibis.to_sql(expression(shape), dialect="duckdb"))
    files = [name for name in shape.sources if name.startswith("cold_")]
    counted = [f"attribute_{i}" for i in range(shape.attributes)]
    counted += [f"question_{i}" for i in range(shape.answers)]
    counted += [f"by_{i}" for i in range(len(shape.by))]
    values = ["organisation", "first", "last", "generation", "cut", *shape.fixed, *counted]
    return engine.bound(sql, files, values)


def expression(shape: Shape) -> Any:
    """Return the whole question over unbound tables."""
    return MEASURES[shape.measure](_grouped(shape), shape)


def keys(shape: Shape) -> list[str]:
    """Return the names of the columns that an answer is grouped by."""
    split = {"side": shape.sided, "period": shape.interval is not None, "apart": shape.apart}
    return [f"g{i}" for i in range(len(shape.by))] + [name for name in split if split[name]]


def _marker(name: str, to: str | None = None) -> Any:
    import ibis

    text = ibis.literal(engine.marker(name))
    return text.cast(to) if to else text


def _unbound(columns: dict[str, str], name: str) -> Any:
    import ibis

    return ibis.table(columns, name=name)


def _source(shape: Shape, table: str) -> Any:
    """Return the live rows of a table: cold copies that still count, and hot rows."""
    import ibis

    columns = ibis.Schema.from_pyarrow(schema(table))
    parts = []
    if f"cold_{table}" in shape.sources:
        cold = ibis.table(columns, name=f"cold_{table}")
        parts.append(_counting(_admitted(cold, shape), shape, table))
    if f"hot_{table}" in shape.sources:
        parts.append(_admitted(ibis.table(columns, name=f"hot_{table}"), shape))
    return reduce(lambda a, b: a.union(b, distinct=False), parts)


def _admitted(rows: Any, shape: Shape) -> Any:
    # The folder holds one organisation alone; the column is asked again all the same.
    rows = rows.filter(rows.organisation == _marker("organisation", "int32"))
    if shape.dated:
        first, last = _marker("first", "date"), _marker("last", "date")
        rows = rows.filter(rows.day >= first, rows.day <= last)
    for name in sorted(shape.filters):
        kind = "int64" if name in _NUMBERED else "string"
        rows = rows.semi_join(_unbound({name: kind}, f"only_{name}"), name)
    return rows


def _counting(rows: Any, shape: Shape, table: str) -> Any:
    if "superseded" in shape.less:
        gone = _unbound({"record": "int64", "part": "int64"}, "superseded")
        rows = rows.anti_join(gone, ["record", "part"])
    again = "due" if table == MENTIONS else "rehot"
    if again in shape.less:
        rows = rows.anti_join(_unbound({"record": "int64"}, again), "record")
    return rows


def _selected(shape: Shape) -> Any:
    # Copies are looked for in every generation.
    current = shape.table == MENTIONS and shape.measure != "copies"
    rows = _mentions(shape) if current else _source(shape, shape.table)
    for name in shape.fixed:
        kind = str(schema(shape.table).field(name).type)
        rows = rows.filter(rows[name] == _marker(name, "boolean" if kind == "bool" else None))
    for name in sorted(shape.own):
        kind = str(schema(shape.table).field(name).type)
        rows = rows.semi_join(_unbound({name: kind}, f"own_{name}"), name)
    for i in range(shape.attributes):
        having = _source(shape, ATTRIBUTES)
        having = having.filter(having.name == _marker(f"attribute_{i}"))
        having = having.semi_join(_unbound({"setting": "string"}, f"settings_{i}"), "setting")
        rows = rows.semi_join(having, "record")
    for i in range(shape.answers):
        given = _source(shape, ANSWERS)
        given = given.filter(given.question == _marker(f"question_{i}"))
        lines = _unbound({"row": "string"}, f"lines_{i}")
        given = given.semi_join(lines, "row") if i in shape.lines else given
        coded = given.semi_join(_unbound({"code": "string"}, f"codes_{i}"), "code")
        numbered = given.semi_join(_unbound({"number": "float64"}, f"numbers_{i}"), "number")
        either = coded.select("record").union(numbered.select("record"))
        rows = rows.semi_join(either, "record")
    for i, columns in enumerate(shape.said):
        rows = rows.semi_join(_saying(shape, i, columns), "record")
    return rows


def _mentions(shape: Shape) -> Any:
    rows = _source(shape, MENTIONS)
    return rows.filter(rows.generation == _marker("generation", "int32"))


def _saying(shape: Shape, i: int, columns: tuple[str, ...]) -> Any:
    rows = _mentions(shape)
    for name in columns:
        kind = str(schema(MENTIONS).field(name).type)
        rows = rows.semi_join(_unbound({name: kind}, f"said_{i}_{name}"), name)
    return rows


def _grouped(shape: Shape) -> Any:
    """Return the selected rows with their groups in columns g0, g1, … and `period`."""
    rows = _selected(shape)
    if shape.sided:
        # A day may lie in several of the periods: it then counts in each.
        rows = rows.inner_join(_unbound({"day": "date", "side": "int64"}, "sides"), "day")
    for i, dimension in enumerate(shape.by):
        rows = _group(rows, shape, i, dimension)
    if shape.interval:
        rows = rows.mutate(period=_PERIODS[shape.interval](rows))
    return rows.mutate(apart=_apart(rows)) if shape.apart else rows


def _apart(rows: Any) -> Any:
    return rows.anonymous.ifelse(rows.survey.coalesce(NO_SURVEY), OPEN).cast("int64")


def _group(rows: Any, shape: Shape, i: int, dimension: str) -> Any:
    name = f"g{i}"
    if dimension.startswith(ATTRIBUTE):
        settings = _source(shape, ATTRIBUTES)
        settings = settings.filter(settings.name == _marker(f"by_{i}"))
        settings = settings.select(**{f"record_{i}": settings.record, name: settings.setting})
        return rows.left_join(settings, rows.record == settings[f"record_{i}"])
    if dimension == "unit" and shape.rolled:
        above = _unbound({"below": "int64", name: "int64"}, "above")
        return rows.left_join(above, rows.unit == above.below)
    return rows.mutate(**{name: rows[dimension]})


_PERIODS: dict[str, Callable[[Any], Any]] = {
    "day": lambda rows: rows.day,
    "week": lambda rows: rows.week,
    "month": lambda rows: rows.month,
    "quarter": lambda rows: rows.month.truncate("Q"),
    "year": lambda rows: rows.month.truncate("Y"),
}


def scale_keys(shape: Shape) -> list[str]:
    """Return the columns that keep scales (and families, where not given) apart; of answers
    those that keep the rows of a matrix apart."""
    if shape.table == ANSWERS:
        return ["row"]
    return ["worst", "best"] if "metric" in shape.fixed else ["metric", "worst", "best"]


def _cells(rows: Any, shape: Shape) -> Any:
    return _tally(rows, [*keys(shape), *scale_keys(shape), "value"])


def _cells_by_cluster(rows: Any, shape: Shape) -> Any:
    return _tally(rows, [*keys(shape), *scale_keys(shape), "value", "cluster"])


def _tally(rows: Any, by: list[str]) -> Any:
    hidden = rows.anonymous.cast("int64").sum()
    grouped = rows.group_by(by) if by else rows
    return grouped.aggregate(n=rows.count(), n_anonymous=hidden)


def _of_each_and_all(
    count: Callable[[Any, list[str]], Any], rows: Any, names: list[str], shape: Shape
) -> Any:
    """Return people by group and scale."""
    return _each_and_all(count, rows, [*names, *scale_keys(shape)], shape)


def _each_and_all(
    count: Callable[[Any, list[str]], Any], rows: Any, by: list[str], shape: Shape
) -> Any:
    """Return people by group; where groups come apart, those of all together as well."""
    if not shape.apart:
        return count(rows, by)
    import ibis

    each = count(rows, by)
    whole = count(rows, [name for name in by if name != "apart"])
    whole = whole.mutate(apart=ibis.null("int64")).select(*each.columns)
    return each.union(whole, distinct=False)


def _people(rows: Any, shape: Shape) -> Any:
    return _of_each_and_all(_different, rows, keys(shape), shape)


def _different(rows: Any, by: list[str]) -> Any:
    # distinct and count, since nunique is approximate on one engine.
    each = rows.select(*by, "customer").distinct()
    return each.group_by(by).aggregate(n=each.count(), n_known=_known(each))


def _pairs(rows: Any, shape: Shape) -> Any:
    """Count the rows of each customer, so that people can be told from what is put together."""
    by = [*keys(shape), *scale_keys(shape), "customer"]
    return rows.group_by(by).aggregate(n=lambda t: t.count())


def _people_by_sides(rows: Any, shape: Shape) -> Any:
    """Count people by the sum of the sides (1, 2, 4, …) on which they are."""
    names = [name for name in keys(shape) if name != "side"]
    return _of_each_and_all(_different_by_sides, rows, names, shape)


def _different_by_sides(rows: Any, by: list[str]) -> Any:
    each = rows.select(*by, "side", "customer").distinct()
    people = each.group_by([*by, "customer"]).aggregate(sides=each.side.sum())
    return people.group_by([*by, "sides"]).aggregate(n=people.count(), n_known=_known(people))


def _known(people: Any) -> Any:
    return (people.customer > 0).cast("int64").sum()


def _records(rows: Any, shape: Shape) -> Any:
    return _tally(rows, [*keys(shape), "state"])


def _answers(rows: Any, shape: Shape) -> Any:
    return _tally(rows, [*keys(shape), "row", "code", "number"])


def _answers_by_cluster(rows: Any, shape: Shape) -> Any:
    return _tally(rows, [*keys(shape), "row", "code", "number", "cluster"])


def _asked(rows: Any, shape: Shape) -> Any:
    return _records_by(rows, [*keys(shape), "row"])


def _asked_by_cluster(rows: Any, shape: Shape) -> Any:
    return _records_by(rows, [*keys(shape), "row", "cluster"])


def _records_by(rows: Any, by: list[str]) -> Any:
    return rows.select(*by, "record").distinct().group_by(by).aggregate(n=lambda t: t.count())


def _values(rows: Any, shape: Shape) -> Any:
    return _tally(rows, keys(shape))


def _anonymous(rows: Any, shape: Shape) -> Any:
    hidden = rows.filter(rows.anonymous)
    return hidden.group_by(keys(shape)).aggregate(n=hidden.count())


def _anonymous_said(rows: Any, shape: Shape) -> Any:
    hidden = rows.filter(rows.anonymous)
    return hidden.group_by([*keys(shape), "aspect"]).aggregate(n=hidden.count())


def _anonymous_by_aspect_group(rows: Any, shape: Shape) -> Any:
    """Count records by the groups of the aspects that they mention, once in each."""
    by = [*keys(shape), ASPECT_GROUP]
    grouped = rows.filter(rows.anonymous).mutate(**{ASPECT_GROUP: rows.aspect.split(".")[0]})
    each = grouped.select(*by, "record").distinct()
    return each.group_by(by).aggregate(n=each.count())


def _score_sums(rows: Any, shape: Shape) -> Any:
    return rows.group_by(keys(shape)).aggregate(n=rows.count(), total=rows.value.sum())


def _answer_sums(rows: Any, shape: Shape) -> Any:
    return rows.group_by(keys(shape)).aggregate(n=rows.count(), total=rows.number.sum())


def mixed(record: Any) -> Any:
    """Return records' places in an order of their ids that has nothing to do with time."""
    return (record % 1_000_003) * 7919 % 1_000_003


def _rows(rows: Any, shape: Shape) -> Any:
    # The same rows every time, and not the first ones.
    if shape.at_most is None:
        return rows.filter(mixed(rows.record) <= _marker("cut", "int64")).select(*shape.columns)
    ordered = rows.mutate(mixed=mixed(rows.record)).order_by(["mixed", "record"])
    return ordered.limit(shape.at_most).select(*shape.columns)


def _copies(rows: Any, shape: Shape) -> Any:
    wanted = _unbound({"record": "int64"}, "wanted")
    return rows.semi_join(wanted, "record").select("record", "part", "month").distinct()


def _mentioned(rows: Any, shape: Shape) -> Any:
    return _tally(rows, [*keys(shape), "aspect", "polarity", "cluster"])


def _said(rows: Any, shape: Shape) -> Any:
    return _tally(rows, [*keys(shape), "aspect", "polarity"])


def _mentioning(rows: Any, shape: Shape) -> Any:
    return _each_and_all(_different, rows, [*keys(shape), "aspect"], shape)


MEASURES: dict[str, Callable[[Any, Shape], Any]] = {
    "cells": _cells,
    "cells_by_cluster": _cells_by_cluster,
    "people": _people,
    "people_by_sides": _people_by_sides,
    "pairs": _pairs,
    "records": _records,
    "answers": _answers,
    "answers_by_cluster": _answers_by_cluster,
    "asked": _asked,
    "asked_by_cluster": _asked_by_cluster,
    "values": _values,
    "anonymous": _anonymous,
    "anonymous_said": _anonymous_said,
    "anonymous_by_aspect_group": _anonymous_by_aspect_group,
    "score_sums": _score_sums,
    "answer_sums": _answer_sums,
    "rows": _rows,
    "copies": _copies,
    "said": _said,
    "mentioned": _mentioned,
    "mentioning": _mentioning,
}
