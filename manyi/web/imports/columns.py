"""The mapping page's form: one row a column, and what the whole file has in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from manyi.connectors import drafting, lists
from manyi.connectors.models import Import
from manyi.kit.problems import FieldProblem, Problem
from manyi.tabular import reading, speakers
from manyi.tabular.limits import Cell
from manyi.tabular.mapping import Column, from_json, score_value
from manyi.tabular.values import column_scale, is_missing
from manyi.tabular.words import fold

COMMON = ("source", "kind", "survey", "channel", "unit", "touchpoint", "language", "occurred_at")
CODED = ("channel", "kind", "language")
MOST_WORDS = 12
_LONGEST_KEY = 40
Sample = Sequence[Sequence[Cell]]
Json = dict[str, Any]


@dataclass
class Word:
    """One word of a column's cells and what it stands for; `key` names its fields."""

    key: str
    word: str
    value: str
    n: int


@dataclass
class ColumnRow:
    """One column as the page shows it."""

    n: int
    name: str
    role: str
    examples: list[str]
    column: Json = field(default_factory=dict)
    words: list[Word] = field(default_factory=list)
    speakers: list[speakers.Speaker] = field(default_factory=list)

    @property
    def worst(self) -> str:
        return _number((self.column.get("scale") or [None, None])[0])

    @property
    def best(self) -> str:
        return _number((self.column.get("scale") or [None, None])[1])


def _number(value: Any) -> str:
    return "" if value is None else f"{value:g}"


def sample(job: Import) -> Sample:
    """Return rows from all over the file; a page looks at some hundreds."""
    path = drafting.at(job.path)
    if not path.exists():
        raise Problem("import.file_gone")
    return reading.sample(path, 400)


def rows(job: Import, chosen: Json, seen: Sample) -> list[ColumnRow]:
    """Return every column with its role, its examples and its words."""
    if job.what != Import.What.FEEDBACK:
        return [
            ColumnRow(i, name, chosen["columns"].get(name, lists.IGNORE), _examples(seen, i))
            for i, name in enumerate(job.columns)
        ]
    by_name = {c["name"]: c for c in chosen["columns"]}
    return [row(job, i, by_name.get(name), seen) for i, name in enumerate(job.columns)]


def row(job: Import, n: int, column: Json | None, seen: Sample) -> ColumnRow:
    """Return one column of feedback."""
    name = job.columns[n]
    given = column or {"name": name, "role": "ignore"}
    found = ColumnRow(n, name, given["role"], _examples(seen, n), given)
    if given["role"] == "score" or given["role"] in CODED:
        found.words = _words(n, given, seen)
    if given["role"] == "turns":
        found.speakers = speakers.unknown(_cells(seen, n), given.get("codes", {}))
    return found


def _cells(seen: Sample, n: int) -> list[Cell]:
    return [r[n] for r in seen if n < len(r) and not is_missing(r[n])]


def _examples(seen: Sample, n: int) -> list[str]:
    counts = Counter(lists.plain(c)[:60] for c in _cells(seen, n))
    return [word for word, _ in counts.most_common(3)]


def _words(n: int, given: Json, seen: Sample) -> list[Word]:
    """Return the words of a column with their number or code; plain numbers need none."""
    counts = Counter(lists.plain(c)[:80] for c in _cells(seen, n))
    column = from_json({"columns": [given]}).columns[0]
    found: list[Word] = []
    for word, times in counts.most_common():
        value = _value(column, word)
        if value is not None:
            found.append(Word(f"c{n}-{len(found)}", word, value, times))
    return found[:MOST_WORDS]


def _value(column: Column, word: str) -> str | None:
    if column.role != "score":
        return column.codes.get(fold(word), word)
    known = column.values.get(fold(word))
    if known is not None:
        return _number(known)
    read = score_value(column, word)
    return "" if read is None else None


# --- what was sent


def chosen(job: Import, post: Mapping[str, str], seen: Sample) -> Json:
    """Return the mapping that the form holds; a column whose role is new gets its scale guessed."""
    if job.what != Import.What.FEEDBACK:
        known = {*lists.LISTS[job.what].by_code, lists.ATTRIBUTE, lists.IGNORE}
        given = {name: post.get(f"c{i}-role", "") for i, name in enumerate(job.columns)}
        return {"columns": {n: c if c in known else lists.IGNORE for n, c in given.items()}}
    before = {c["name"]: c for c in job.mapping["columns"]}
    columns = [
        _sent(i, before.get(name, {"name": name, "role": "ignore"}), post, seen)
        for i, name in enumerate(job.columns)
    ]
    common = {key: post.get(key, "").strip() or None for key in COMMON}
    common["source"] = common["source"] or drafting.source_of(job.file_name)
    common["kind"] = common["kind"] or "rating"
    return from_json({"columns": columns, **common}).to_json()


def _sent(n: int, before: Json, post: Mapping[str, str], seen: Sample) -> Json:
    role = post.get(f"c{n}-role") or before["role"]
    codes = before.get("codes", {})
    if "turns" in (role, before["role"]) and role != before["role"]:
        codes = {}  # a side is no channel, and a channel no side
    column = {"name": before["name"], "role": role, "codes": codes}
    if role == "score":
        return column | _scored(n, before, post, seen)
    if role == "answer":
        return column | {"item": post.get(f"c{n}-item", before.get("item") or "").strip() or None}
    if role == "occurred_at":
        order = post.get(f"c{n}-order", before.get("order") or "")
        return column | {"order": order if order in ("dmy", "mdy") else None}
    if role in CODED:
        return column | {"codes": {**codes, **_pairs(n, post)}}
    if role == "turns":
        return column | {"codes": {**codes, **_sides(n, post)}}
    return column


def _sides(n: int, post: Mapping[str, str]) -> dict[str, str]:
    """Return the sides that were said of the speakers of a column."""
    found = {}
    for k in range(speakers.MOST):
        key, side = post.get(f"c{n}-{k}-who", ""), post.get(f"c{n}-{k}-side", "")
        if 0 < len(key) <= _LONGEST_KEY and side in speakers.CHOICES:
            found[fold(key)] = side
    return found


def _scored(n: int, before: Json, post: Mapping[str, str], seen: Sample) -> Json:
    if f"c{n}-worst" not in post:
        return _guessed(before, _cells(seen, n))
    scale = [_float(post.get(f"c{n}-{end}", "")) for end in ("worst", "best")]
    if None in scale or scale[0] == scale[1]:
        problem = FieldProblem(f"c{n}-worst", "import.scale_invalid", {"column": before["name"]})
        raise Problem("import.scale_invalid", errors=(problem,), column=before["name"])
    values = {w: v for w, raw in _pairs(n, post).items() if (v := _float(raw)) is not None}
    metric = post.get(f"c{n}-metric", "csat")
    item = "_".join(post.get(f"c{n}-item", "").split())[:90]
    return {
        "scale": scale,
        "metric": metric if metric in ("csat", "nps", "ces", "score") else "csat",
        "item": item or "overall",
        "values": {**before.get("values", {}), **values},
    }


def _guessed(before: Json, cells: Sequence[Cell]) -> Json:
    read = column_scale(cells)
    metric = {"mean": "score"}.get(read.metric, read.metric) if read else "csat"
    item = before.get("item") or lists.tidy(before["name"]).replace(" ", "_")[:60]
    scale = list(read.scale) if read else [1.0, 5.0]
    values = dict(read.values) if read else {}
    return {"scale": scale, "metric": metric, "item": item or "overall", "values": values}


def _pairs(n: int, post: Mapping[str, str]) -> dict[str, str]:
    """Return word → value of one column; an empty value leaves the word as it is."""
    found = {}
    for k in range(MOST_WORDS):
        word, value = post.get(f"c{n}-{k}-word"), post.get(f"c{n}-{k}-value", "").strip()
        if word and value:
            found[fold(word)] = value
    return found


def _float(text: str) -> float | None:
    try:
        value = float(text.strip())
    except ValueError:
        return None
    return value if abs(value) < 1e6 else None
