"""Feedback as a file: a small one at once, a large one written in the background."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from manyi.kit.problems import NotFound, Problem
from manyi.kit.say import say
from manyi.reports import actions
from manyi.reports.exporting import AT_ONCE, FORMS, Exporting
from manyi.reports.models import Export
from manyi.tabular.writing import export_name
from manyi.web import filters
from manyi.web.context import language
from manyi.web.pages import page

DEED = "feedback.export"
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/x-ndjson",
    "sav": "application/x-spss-sav",
    "sss": "application/zip",
}


@page(DEED)
def new(request: Any) -> HttpResponseBase:
    """Answer a small file; offer to prepare a large one; prepare it when asked."""
    form = request.GET.get("format", "xlsx")
    if form not in FORMS:
        raise Problem("export.format_unknown", value=form[:20])
    selection = filters.selection(request)
    tongue = language()
    if request.method == "POST":
        job = actions.start(
            by=request.member,
            selection=selection,
            form=form,
            language=tongue,
            now=timezone.now(),
        )
        return redirect("imports-export-one", job.pk)
    export = Exporting(request.member, selection, language=tongue)
    n = export.count()
    if n > AT_ONCE:
        return render(request, "web/imports/export_new.html", {"n": n, "form": form})
    actions.note(by=request.member, selection=selection, form=form, n=n, now=timezone.now())
    return _at_once(export, form)


def _at_once(export: Exporting, form: str) -> HttpResponseBase:
    name = export_name(gettext("feedback"), timezone.now(), actions.suffix(form))
    headers = {"Content-Disposition": content_disposition_header(True, name) or ""}  # noqa: FBT003
    if form not in ("csv", "json"):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "export"
            export.write(path, form)
            return HttpResponse(path.read_bytes(), content_type=TYPES[form], headers=headers)
    lines = export.csv() if form == "csv" else export.json_lines()
    return StreamingHttpResponse(lines, content_type=TYPES[form], headers=headers)


@require_GET
@page(DEED)
def one(request: Any, pk: int) -> HttpResponse:
    job = actions.export_by_id(request.member, pk)
    wrong = say(job.problem["code"], language(), job.problem["params"]) if job.problem else ""
    return render(request, "web/imports/export.html", {"job": job, "wrong": wrong})


@require_GET
@page(DEED)
def progress(request: Any, pk: int) -> HttpResponse:
    job = actions.export_by_id(request.member, pk)
    if job.state not in (Export.State.WAITING, Export.State.RUNNING):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "web/imports/_export_progress.html", {"job": job})


@require_GET
@page(DEED)
def file(request: Any, pk: int) -> FileResponse:
    """Hand the file to whoever asked for it, and to nobody else."""
    job = actions.export_by_id(request.member, pk)
    if job.state != Export.State.DONE or not actions.path_of(job).exists():
        raise NotFound("export.file_gone")
    return FileResponse(
        actions.path_of(job).open("rb"),
        as_attachment=True,
        filename=job.file_name,
        content_type=TYPES[job.form],
        headers={"Cache-Control": "no-store"},
    )
