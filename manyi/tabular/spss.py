"""Rows of an SPSS file. Runs in the child process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from manyi.kit.problems import Problem
from manyi.tabular.header import tidy
from manyi.tabular.limits import Cell, Limits

_CHUNK = 5_000


def table(path: Path, limits: Limits) -> tuple[list[str], Iterator[tuple[int, list[Cell]]]]:
    """Return the columns (name / label) and the rows; nominal codes become their labels."""
    try:
        import pyreadstat
    except ImportError as error:
        raise Problem("file.no_sav") from error
    try:
        _, meta = pyreadstat.read_sav(path, metadataonly=True, output_format="dict")
    except pyreadstat.ReadstatError as error:
        raise Problem("file.unreadable") from error
    if len(meta.column_names) > limits.columns:
        raise Problem("file.too_many_columns", limit=limits.columns)
    names = [_name(n, meta.column_names_to_labels) for n in meta.column_names]
    return [*tidy(names)], _rows(path, meta)


def _name(name: str, labels: Mapping[str, str | None]) -> str:
    label = (labels.get(name) or "").strip()
    return f"{name} / {label}" if label and label != name else name


def _rows(path: Path, meta: Any) -> Iterator[tuple[int, list[Cell]]]:
    import pyreadstat

    labels = {
        n: values
        for n, values in meta.variable_value_labels.items()
        if meta.variable_measure.get(n) == "nominal"
    }
    number = 0
    for data, _ in pyreadstat.read_file_in_chunks(
        pyreadstat.read_sav, path, chunksize=_CHUNK, output_format="dict"
    ):
        columns = [[_cell(v, labels.get(n, {})) for v in data[n]] for n in meta.column_names]
        for cells in zip(*columns, strict=True):
            number += 1
            yield number, list(cells)


def _cell(value: Any, labels: Mapping[Any, str]) -> Cell:
    if value in labels:
        return labels[value]
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, str):
        return value.replace("\x00", "").strip() or None
    if value is None or value != value:
        return None
    number = float(value)
    return int(number) if number.is_integer() else number
