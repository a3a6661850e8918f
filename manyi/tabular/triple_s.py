"""Triple-S 3.0: a definition in XML and the answers as CSV, which survey packages exchange.

Standard: “Triple-S Survey Interchange Standard, version 3.0”. Ticks of one question become one
`multiple` variable whose field holds a 1 or 0 for each answer.
"""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from manyi.tabular.variables import Study, Variable, moment, widths

DEFINITION, ANSWERS = "survey.sss", "survey.csv"
_ANY = '<range from="-999999999999.9999" to="999999999999.9999"/>'
_UNFIT = {c: None for c in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)}


def write_triple_s(path: Path, study: Study) -> int:
    """Write a zip of definition and answers; return how many rows it holds."""
    fields = _fields(study, widths(study, len))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(DEFINITION, _definition(study, fields))
        with archive.open(ANSWERS, "w", force_zip64=True) as raw:
            text = io.TextIOWrapper(raw, encoding="utf-8", newline="")
            total = _answers(text, study, fields)
            text.flush()
            text.detach()
    return total


def unpack(archive: Path, definition: Path) -> Path:
    """Put definition and answers side by side under one name; return where the answers lie."""
    answers = definition.with_suffix(".csv")
    with zipfile.ZipFile(archive) as found:
        text = found.read(DEFINITION).decode()
        text = text.replace(f'href="{ANSWERS}"', f"href={quoteattr(answers.name)}", 1)
        definition.write_text(text, encoding="utf-8")
        with found.open(ANSWERS) as source, answers.open("wb") as target:
            shutil.copyfileobj(source, target)
    return answers


@dataclass(frozen=True)
class _Field:
    """One field of the CSV, made from one variable or from the ticks of one question."""

    variables: tuple[Variable, ...]
    places: tuple[int, ...]
    width: int

    @property
    def first(self) -> Variable:
        return self.variables[0]

    @property
    def is_multiple(self) -> bool:
        return bool(self.first.group)


def _fields(study: Study, sizes: Sequence[int]) -> list[_Field]:
    placed = list(enumerate(study.variables))
    found = []
    for _, members in groupby(placed, key=lambda one: one[1].group or one[0]):
        group = list(members)
        places = tuple(i for i, _ in group)
        found.append(_Field(tuple(v for _, v in group), places, sizes[places[0]]))
    return found


def _definition(study: Study, fields: Sequence[_Field]) -> str:
    at = study.made_at
    variables = "".join(_variable(i, f) for i, f in enumerate(fields, start=1))
    language = quoteattr(study.language)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<sss version="3.0" languages={language}>\n'
        f"<date>{at:%Y-%m-%d}</date>\n<time>{at:%H:%M:%S}</time>\n<origin>Manyi</origin>\n"
        f"<survey>\n<title>{_text(study.title)}</title>\n"
        f'<record ident="A" href="{ANSWERS}" format="csv" skip="1">\n'
        f"{variables}</record>\n</survey>\n</sss>\n"
    )


def _text(text: str) -> str:
    return escape(text.translate(_UNFIT))


def _variable(ident: int, field: _Field) -> str:
    one = field.first
    name = one.group if field.is_multiple else one.name
    label = one.group_label if field.is_multiple else one.label
    return (
        f'<variable ident="{ident}" type="{_type(field)}">'
        f"<name>{_text(name)}</name><label>{_text(label or name)}</label>"
        f'<position start="{ident}"/>{_about(field)}</variable>\n'
    )


def _type(field: _Field) -> str:
    if field.is_multiple:
        return "multiple"
    if field.first.values and all(code >= 0 for code, _ in field.first.values):
        return "single"
    # A moment has no type of its own there; its field is text that sorts.
    return {"number": "quantity", "text": "character", "date": "date"}.get(
        field.first.kind, "character"
    )


def _about(field: _Field) -> str:
    kind = _type(field)
    if kind == "multiple":
        ticks = enumerate(field.variables, start=1)
        return _values((float(i), v.label) for i, v in ticks)
    if kind == "single":
        return _values(iter(field.first.values))
    if kind == "quantity":
        return _values(iter(field.first.values), _ANY)
    return "" if kind == "date" else f"<size>{max(field.width, 19)}</size>"


def _values(values: Iterator[tuple[float, str]], first: str = "") -> str:
    found = "".join(f'<value code="{code:g}">{_text(label)}</value>' for code, label in values)
    return f"<values>{first}{found}</values>"


def _answers(file: io.TextIOWrapper, study: Study, fields: Sequence[_Field]) -> int:
    lines, total = csv.writer(file), 0
    lines.writerow([f.first.group or f.first.name for f in fields])
    for row in study.rows():
        lines.writerow([_cell(f, row) for f in fields])
        total += 1
    return total


def _cell(field: _Field, row: Sequence[Any]) -> str:
    if field.is_multiple:
        ticks = [row[i] for i in field.places]
        if all(t is None for t in ticks):
            return ""
        return "".join("1" if t == 1 else "0" for t in ticks)
    return _plain(row[field.places[0]], field.first.kind)


def _plain(value: Any, kind: str) -> str:
    if value is None:
        return ""
    if isinstance(value, (date, datetime)):
        at = moment(value)
        return f"{at:%Y%m%d}" if kind == "date" else at.isoformat(sep=" ", timespec="seconds")
    if kind == "number":
        return f"{float(value):.15g}"
    return str(value).replace("\0", "")
