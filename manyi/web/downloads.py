"""A table as a file: typed XLSX, or CSV that a spreadsheet opens without running anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from tempfile import SpooledTemporaryFile
from typing import Any, cast

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from manyi.accounts.permissions import may
from manyi.kit.problems import FieldProblem, Problem
from manyi.kit.selection import Selection
from manyi.tabular.writing import Column, Sheet, csv_lines, export_name, write_xlsx
from manyi.web.filters import address

Row = Mapping[str, Any] | Sequence[Any]
FORMATS = ("xlsx", "csv")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_IN_MEMORY = 4 * 1024 * 1024


def wanted(request: Any) -> str:
    """Return the format that the address asks for: xlsx, csv, or nothing for a page."""
    asked = request.GET.get("format", "")
    if asked and asked not in FORMATS:
        named = FieldProblem("format", "web.format_unknown", {"value": asked[:20]})
        raise Problem("web.format_unknown", errors=(named,), value=asked[:20])
    return asked


def choices(request: Any) -> list[dict[str, str]]:
    """Return the items of `{% downloads %}` for the page as it is filtered now."""
    names = {"xlsx": "Excel", "csv": "CSV"}
    return [
        {"label": names[f], "href": address(request, format=f), "hint": f".{f}"} for f in FORMATS
    ]


def single_answers(request: Any, mine: Selection) -> list[dict[str, str]]:
    """Return the single answers of a selection as files, with labels, codes and codebook."""
    if not may(request.member, "feedback.export"):
        return []
    offered = (
        ("xlsx", _("Single answers with codebook"), ".xlsx"),
        ("sav", _("Single answers for SPSS"), ".sav"),
        ("sss", _("Single answers as Triple-S"), ".zip"),
    )
    query = mine.query()
    place = f"{reverse('imports-export')}?{query}{'&' if query else ''}format="
    return [{"label": label, "href": place + f, "hint": hint} for f, label, hint in offered]


def table_response(
    request: Any, name: str, columns: Sequence[Column], rows: Iterable[Row]
) -> HttpResponseBase:
    """Return the table as the file that `?format=` asks for, XLSX without it.

    `name` is the title and becomes the file's name; times are written on the organisation's
    clock. The rows are read one by one.
    """
    form = wanted(request) or "xlsx"
    filename = export_name(name, timezone.now(), form)
    local = _on_clock(rows, timezone.get_current_timezone())
    if form == "xlsx":
        return _xlsx(filename, Sheet(name, columns, local))
    response = StreamingHttpResponse(
        csv_lines(columns, local), content_type="text/csv; charset=utf-8"
    )
    disposition = content_disposition_header(as_attachment=True, filename=filename)
    response["Content-Disposition"] = disposition
    return response


def _xlsx(filename: str, sheet: Sheet) -> FileResponse:
    file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the response closes it
    write_xlsx(cast(Any, file), [sheet])
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=filename, content_type=_XLSX)


def _on_clock(rows: Iterable[Row], zone: tzinfo) -> Iterator[Row]:
    for row in rows:
        if isinstance(row, Mapping):
            yield {key: _local(value, zone) for key, value in row.items()}
        else:
            yield [_local(value, zone) for value in row]


def _local(value: Any, zone: tzinfo) -> Any:
    aware = isinstance(value, datetime) and timezone.is_aware(value)
    return timezone.localtime(value, zone) if aware else value
