"""How the columns of a table become feedback records, and each row read by it."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping as Reads
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from manyi.kit.problems import FieldProblem, Problem
from manyi.tabular import names, speakers, talks
from manyi.tabular.guess import ColumnGuess
from manyi.tabular.limits import Cell
from manyi.tabular.moments import as_date
from manyi.tabular.values import as_bool, as_number, is_missing
from manyi.tabular.words import fold

_CUSTOMER = {"customer_ref": "ref", "customer_name": "name", "phone": "phone", "email": "email"}
_PLAIN = ("unit", "touchpoint", "agent", "channel", "kind", "language")
_SEVERAL = re.compile(r"\s*[┋;；|]\s*")
_YEARS = range(1970, 2101)
Record = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """What one column becomes: a role, and what its cells mean there.

    `values` maps a folded word to its number on `scale`, `codes` a folded word to a code of
    the role (a unit, a speaker's side); `order` is dmy or mdy where dates have slashes.
    """

    name: str
    role: str
    scale: tuple[float, float] | None = None
    metric: str | None = None
    item: str | None = None
    values: dict[str, float] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    order: str | None = None


@dataclass(frozen=True)
class Mapping:
    """All columns, and what every record of the file has in common."""

    columns: tuple[Column, ...]
    source: str = "import"
    kind: str = "rating"
    survey: str | None = None
    channel: str | None = None
    unit: str | None = None
    touchpoint: str | None = None
    agent: str | None = None
    language: str | None = None
    occurred_at: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return a dict of JSON values; `from_json` gives the equal mapping back."""
        return json.loads(json.dumps(asdict(self)))  # type: ignore[no-any-return]

    def of(self, role: str) -> tuple[Column, ...]:
        return self._by_role.get(role, ())

    @cached_property
    def _by_role(self) -> dict[str, tuple[Column, ...]]:
        roles = dict.fromkeys(c.role for c in self.columns)
        return {role: tuple(c for c in self.columns if c.role == role) for role in roles}


def from_json(data: Reads[str, Any]) -> Mapping:
    """Read a mapping that `to_json` wrote or a page composed; refuse what is unknown."""
    known = {f.name for f in fields(Mapping)}
    for key in data:
        if key not in known:
            raise Problem("mapping.invalid", key=key, value=data[key])
    try:
        columns = tuple(_column(c) for c in data["columns"])
    except (KeyError, TypeError, ValueError) as error:
        raise Problem("mapping.invalid", key="columns", value=str(error)) from error
    rest = {k: v for k, v in data.items() if k != "columns"}
    for key, value in rest.items():
        if value is not None and not isinstance(value, str):
            raise Problem("mapping.invalid", key=key, value=value)
    return Mapping(columns, **rest)


def _column(data: Reads[str, Any]) -> Column:
    column = Column(**data)
    if column.role not in names.ROLES:
        raise Problem("mapping.invalid", key="role", value=column.role)
    if column.order not in (None, "dmy", "mdy"):
        raise Problem("mapping.invalid", key="order", value=column.order)
    values = {fold(str(k)): float(v) for k, v in column.values.items()}
    codes = {fold(str(k)): str(v) for k, v in column.codes.items()}
    if column.role == "turns" and not set(codes.values()) <= {*speakers.CHOICES}:
        raise Problem("mapping.invalid", key="codes", value=str(column.codes)[:80])
    return replace(column, scale=_ends(column.scale), values=values, codes=codes)


def _ends(scale: Any) -> tuple[float, float] | None:
    if scale is None:
        return None
    worst, best = (float(v) for v in scale)
    if worst == best:
        raise Problem("mapping.invalid", key="scale", value=scale)
    return worst, best


def from_guess(guesses: Sequence[ColumnGuess], *, source: str = "import") -> Mapping:
    """Return the mapping that the guesses propose."""
    n = Counter(g.metric for g in guesses if g.role == "score")
    columns = tuple(
        Column(g.name, g.role, g.scale, g.metric, _item(g, n), {**g.values}, {**g.codes}, g.order)
        for g in guesses
    )
    return Mapping(columns, source=source, kind=_kind(columns))


def _item(found: ColumnGuess, asked: Counter[str | None]) -> str | None:
    """Take a recommendation or effort asked once for the whole: only that is on the Overview."""
    once = found.metric in ("nps", "ces") and asked[found.metric] == 1
    return "overall" if found.role == "score" and once else found.item


def _kind(columns: Sequence[Column]) -> str:
    roles = Counter(c.role for c in columns)
    if roles["answer"] or roles["score"] > 2:
        return "survey"
    if roles["turns"]:
        return "conversation"
    return "review" if roles["text"] else "rating"


def signature(columns: Sequence[str]) -> str:
    """Return the hash by which a file's mapping is remembered, whatever its columns' order."""
    tidied = sorted(names.tidy(c) for c in columns)
    return hashlib.sha256(json.dumps(tidied).encode()).hexdigest()[:32]


def problems(mapping: Mapping) -> list[FieldProblem]:
    """Return why no record can come of this mapping; an empty list means it can be used."""
    found = []
    roles = Counter(c.role for c in mapping.columns)
    if not roles["score"] + roles["answer"] + roles["text"] + roles["turns"]:
        found.append(FieldProblem("columns", "mapping.no_content", {}))
    if not roles["occurred_at"] + roles["turns"] and mapping.occurred_at is None:
        found.append(FieldProblem("occurred_at", "mapping.no_date", {}))
    for role in sorted(names.ONCE):
        if roles[role] > 1:
            found.append(FieldProblem("columns", "mapping.two_columns", {"role": role}))
    return found


def parse_row(
    mapping: Mapping,
    header: Sequence[str],
    cells: Sequence[Cell],
    *,
    zone: ZoneInfo,
    occurrence: int = 0,
) -> tuple[Record, list[FieldProblem]]:
    """Return the feedback record of one row, and what is wrong with it (then do not store it).

    The same row gives the same `source_ref`; `occurrence` tells equal rows of a file apart.
    Blank and "不适用" make no score; 0 is an answer.
    """
    row = dict(zip(header, cells, strict=False))
    wrong: list[FieldProblem] = []
    turns = _turns(mapping, row, zone, wrong)
    record: Record = {
        "source": mapping.source,
        "source_ref": _ref(mapping, row, occurrence),
        "survey": mapping.survey,
        "occurred_at": _occurred_at(mapping, row, zone, wrong, turns),
        **{key: _code(mapping, row, key) for key in _PLAIN},
        "customer": _customer(mapping, row),
        "scores": _scores(mapping, row, wrong),
        "answers": {},
        **({"turns": turns} if turns else {}),
        "verbatim": _verbatim(mapping, row),
        "attributes": _attributes(mapping, row),
    }
    record["answers" if mapping.survey else "attributes"] |= _answers(mapping, row)
    if not wrong and not _says_something(record, mapping, row):
        wrong.append(FieldProblem("", "row.empty", {}))
    return record, wrong


def _says_something(record: Record, mapping: Mapping, row: Reads[str, Cell]) -> bool:
    if record["scores"] or record["verbatim"] or record.get("turns"):
        return True
    return mapping.survey is not None and bool(record["answers"])


def _ref(mapping: Mapping, row: Reads[str, Cell], occurrence: int) -> str:
    for column in mapping.of("source_ref"):
        if given := _text(row.get(column.name)):
            return given
    said = sorted((k, _text(v)) for k, v in row.items() if v is not None)
    content = json.dumps([mapping.occurred_at, said], ensure_ascii=False)
    digest = hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:24]
    return f"row-{digest}-{occurrence + 1}" if occurrence else f"row-{digest}"


def _text(cell: Cell) -> str:
    """Return a cell as people read it: 5.0 is "5", a long number keeps its digits."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _turns(
    mapping: Mapping, row: Reads[str, Cell], zone: ZoneInfo, wrong: list[FieldProblem]
) -> list[dict[str, Any]]:
    """Return the turns of a row's conversation, in the order of their times where all have one."""
    column = next(iter(mapping.of("turns")), None)
    cell = row.get(column.name) if column else None
    if column is None or is_missing(cell):
        return []
    said = speakers.turns(cell, column.codes)
    found = talks.timed(said, _day(mapping, row), zone, _order(column))
    if not found:
        wrong.append(FieldProblem(column.name, "row.turns_invalid", {"value": _text(cell)[:60]}))
    return found


def _day(mapping: Mapping, row: Reads[str, Cell]) -> datetime | None:
    column = next(iter(mapping.of("occurred_at")), None)
    cell = row.get(column.name) if column else mapping.occurred_at
    return None if is_missing(cell) else as_date(cell, _order(column))


def _occurred_at(
    mapping: Mapping,
    row: Reads[str, Cell],
    zone: ZoneInfo,
    wrong: list[FieldProblem],
    turns: Sequence[dict[str, Any]],
) -> str | None:
    column = next(iter(mapping.of("occurred_at")), None)
    cell = row.get(column.name) if column else None
    if column is None or is_missing(cell):
        cell = mapping.occurred_at
    if cell is None and (begun := talks.begun(turns)):
        return begun
    if cell is None:
        wrong.append(FieldProblem(column.name if column else "", "row.date_missing", {}))
        return None
    moment = as_date(cell, _order(column))
    if moment is None or moment.year not in _YEARS:
        pointer = column.name if column else "occurred_at"
        wrong.append(FieldProblem(pointer, "row.date_invalid", {"value": _text(cell)[:60]}))
        return None
    # Of a turn a row the first in the file need not be the first that was said.
    return talks.begun(turns, before=_at(moment, zone)) or _at(moment, zone)


def _order(column: Column | None) -> Any:
    return column.order if column else None


def _at(moment: datetime, zone: ZoneInfo) -> str:
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()


def _code(mapping: Mapping, row: Reads[str, Cell], role: str) -> str | None:
    """Return a unit's, channel's … code: the column's word, mapped, else the common one."""
    for column in mapping.of(role):
        if not is_missing(row.get(column.name)):
            word = _text(row[column.name])
            return column.codes.get(fold(word), word)
    common: str | None = getattr(mapping, role)
    return common


def _customer(mapping: Mapping, row: Reads[str, Cell]) -> dict[str, Any] | None:
    found = {}
    for role, key in _CUSTOMER.items():
        for column in mapping.of(role):
            if text := "" if is_missing(row.get(column.name)) else _text(row[column.name]):
                found[key] = _phone(text) if key == "phone" else text
    return found or None


def _phone(text: str) -> str:
    digits = re.sub(r"[\s\-()（）]", "", text)
    return f"+86{digits}" if re.fullmatch(r"1[3-9]\d{9}", digits) else digits


def _scores(
    mapping: Mapping, row: Reads[str, Cell], wrong: list[FieldProblem]
) -> list[dict[str, Any]]:
    scores = []
    for column in mapping.of("score"):
        cell = row.get(column.name)
        if is_missing(cell):
            continue
        ends = column.scale or (1.0, 5.0)
        value = score_value(column, cell)
        problem = _score_problem(column, cell, value)
        if problem:
            wrong.append(problem)
        else:
            item, metric = column.item or "overall", column.metric or "csat"
            scores.append({"item": item, "metric": metric, "value": value, "scale": list(ends)})
    return scores


def score_value(column: Column, cell: Cell) -> float | None:
    """Return a cell's number on the column's scale, or None where it cannot be read."""
    known = column.values.get(fold(str(cell)))
    if known is not None:
        return known
    read = as_number(cell)
    if read is None or (read.scale and max(read.scale) != max(column.scale or (1.0, 5.0))):
        return None
    return read.value


def _score_problem(column: Column, cell: Cell, value: float | None) -> FieldProblem | None:
    low, high = sorted(column.scale or (1.0, 5.0))
    if value is None:
        return FieldProblem(column.name, "row.score_invalid", {"value": _text(cell)[:60]})
    if low <= value <= high:
        return None
    params = {"value": _text(cell)[:60], "low": f"{low:g}", "high": f"{high:g}"}
    return FieldProblem(column.name, "row.score_off_scale", params)


def _verbatim(mapping: Mapping, row: Reads[str, Cell]) -> str | None:
    """Join the texts of a row, each under its column's name where there are several columns."""
    columns = mapping.of("text")
    said = [(c.name, _text(row.get(c.name))) for c in columns if not is_missing(row.get(c.name))]
    if len(columns) == 1:
        return said[0][1] if said else None
    return "\n".join(f"{names.question(name)[1] or name}: {text}" for name, text in said) or None


def _attributes(mapping: Mapping, row: Reads[str, Cell]) -> dict[str, str]:
    kept = (c for c in mapping.columns if c.role in ("attribute", "label"))
    return {
        _attribute_name(c.name) or c.name: _text(row[c.name])
        for c in kept
        if not is_missing(row.get(c.name))
    }


def _answers(mapping: Mapping, row: Reads[str, Cell]) -> dict[str, Any]:
    """Return answers by question: options in a column each are gathered into one list.

    Without a survey they become attributes, a list as one text.
    """
    found: dict[str, Any] = {}
    for column in mapping.of("answer"):
        cell = row.get(column.name)
        if is_missing(cell):
            continue
        option = names.option(column.name)
        key = _answer_key(mapping, column)
        if option and as_bool(cell) is not None:
            found.setdefault(key, [])
            if as_bool(cell):
                found[key].append(option[1])
        else:
            found[key] = _choices(cell)
    return found if mapping.survey else {k: _joined(v) for k, v in found.items() if v != []}


def _answer_key(mapping: Mapping, column: Column) -> str:
    if mapping.survey:
        return column.item or column.name
    stem = (names.option(column.name) or (column.name,))[0]
    return _attribute_name(stem) or column.item or column.name


def _attribute_name(name: str) -> str:
    """Return a column's name without the number of its question."""
    return names.question(name)[1]


def _choices(cell: Cell) -> Any:
    text = _text(cell)
    return _SEVERAL.split(text) if "┋" in text else text


def _joined(value: Any) -> str:
    return "; ".join(value) if isinstance(value, list) else str(value)
