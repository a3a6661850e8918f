"""Imports: a file is handed in, watched on its way, and its result read."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from manyi.accounts.permissions import may
from manyi.connectors import actions, lists, queries, wire
from manyi.connectors.models import Import
from manyi.kit.problems import NotFound, Problem
from manyi.tabular.writing import Column, export_name, write_xlsx
from manyi.web.context import language
from manyi.web.downloads import choices, table_response, wanted
from manyi.web.errors import sentences, status_of
from manyi.web.filters import address
from manyi.web.imports import mapping, words
from manyi.web.listing import Head, Listing
from manyi.web.pages import page

DEED = "import.run"
PER_PAGE = 50
HEADS = (
    Head("file", _("File"), sorts=True, fixed=True),
    Head("holds", _("Holds"), sorts=True),
    Head("state", _("State"), sorts=True),
    Head("total", _("Rows"), "num", sorts=True),
    Head("created", pgettext_lazy("rows of an import", "New"), "num", sorts=True),
    Head("updated", _("Changed"), "num", sorts=True),
    Head("unchanged", _("Unchanged"), "num"),
    Head("rejected", _("Rejected"), "num", sorts=True),
    Head("when", _("When"), sorts=True),
)
_COLUMNS = {"file": "file_name", "holds": "what", "when": "pk"}
State, Stage = Import.State, Import.Stage
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@page(DEED)
def index(request: Any) -> HttpResponse:
    listing = Listing(request, "imports", HEADS, order="-when")
    by = _COLUMNS.get(listing.key, listing.key)
    sign = "-" if listing.descends else ""
    rows = queries.imports(request.member).order_by(f"{sign}{by}", "-pk")
    number = _page_number(request)
    found = list(rows[(number - 1) * PER_PAGE : number * PER_PAGE + 1])
    shown = [{"job": j, "state": words.state(j), "what": words.SHORT[j.what]} for j in found]
    context = {
        "rows": shown[:PER_PAGE],
        "number": number,
        "pager": _pager(request, number, len(found)),
    }
    return render(request, "web/imports/index.html", context | {"list": listing})


def _page_number(request: HttpRequest) -> int:
    asked = request.GET.get("page", "1")
    return max(1, int(asked)) if asked.isdecimal() and len(asked) < 8 else 1


def _pager(request: Any, number: int, found: int) -> dict[str, str]:
    return {
        "previous": address(request, page=str(number - 1)) if number > 1 else "",
        "next": address(request, page=str(number + 1)) if found > PER_PAGE else "",
    }


@page(DEED)
def new(request: Any) -> HttpResponseBase:
    allowed = {w: label for w, label in words.WHATS.items() if _may(request, w)}
    what = request.POST.get("what") or request.GET.get("what") or "feedback"
    context: dict[str, Any] = {
        "allowed": allowed,
        "what": what if what in allowed else "feedback",
        "wrong": [],
    }
    if request.method != "POST":
        return render(request, "web/imports/new.html", context)
    sent = request.FILES.get("file")
    try:
        if sent is None:
            raise Problem("import.no_file")
        job = actions.start(
            by=request.member,
            chunks=sent.chunks(),
            file_name=sent.name,
            what=what,
            now=timezone.now(),
        )
    except Problem as problem:
        context["wrong"] = sentences(problem)
        return render(request, "web/imports/new.html", context, status=status_of(problem))
    return redirect("imports-one", job.pk)


def _may(request: Any, what: str) -> bool:
    deed = lists.LISTS[what].deed if what in lists.LISTS else "feedback.receive"
    return may(request.member, deed)


@require_GET
@page(DEED)
def template(request: Any, what: str) -> HttpResponse:
    if what not in lists.LISTS:
        raise NotFound("not_found")
    response = HttpResponse(content_type=_XLSX)
    response["Content-Disposition"] = f'attachment; filename="manyi-{what}.xlsx"'
    write_xlsx(response, lists.template(what, language()))  # type: ignore[arg-type]
    return response


@require_GET
@page(DEED)
def one(request: Any, pk: int) -> HttpResponse:
    job = queries.import_by_id(request.member, pk)
    if job.stage == Stage.MAPPING and job.state == State.WAITING:
        return mapping.show(request, job)
    return render(request, "web/imports/one.html", shown(request, job))


def shown(request: Any, job: Import) -> dict[str, Any]:
    """Return what the pages of an import say about it."""
    mine = request.member.user_id == job.user_id
    return {
        "job": job,
        "state": words.state(job),
        "what": words.SHORT[job.what],
        "is_open": job.state in (State.WAITING, State.RUNNING),
        "can_resume": job.state == State.FAILED and job.stage == Stage.STORING,
        "wrong": (wire.problem(job, language()) or {}).get("detail", ""),
        "problems": list(queries.first_problems(job, at_most=10)) if job.rejected else [],
        "has_passwords": mine and job.passwords.exists(),
        "inbox": _inbox(job),
        "by": job.user.display_name,
    }


def _inbox(job: Import) -> str:
    """Return the list that was filled; the inbox by the file's source, whatever the age."""
    try:
        inbox = reverse(job.what)
    except NoReverseMatch:
        return ""
    if job.what != "feedback":
        return inbox
    today = timezone.localdate().isoformat()
    return f"{inbox}?source={job.mapping.get('source', '')}&from=1990-01-01&to={today}"


@require_GET
@page(DEED)
def progress(request: Any, pk: int) -> HttpResponse:
    """Answer how far an import is; when there is something else to see, the page loads again."""
    job = queries.import_by_id(request.member, pk)
    is_open = job.state in (State.WAITING, State.RUNNING) and job.stage != Stage.MAPPING
    if not is_open:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "web/imports/_progress.html", {"job": job})


@require_GET
@page(DEED)
def problems(request: Any, pk: int) -> HttpResponseBase:
    job = queries.import_by_id(request.member, pk)
    if wanted(request):
        columns = queries.problem_columns(job, language())
        name = gettext("Problems of %(file)s") % {"file": job.file_name}
        return table_response(request, name, columns, queries.problem_rows(job, language()))
    number = _page_number(request)
    start = (number - 1) * PER_PAGE
    found = list(job.problems.order_by("line", "pk")[start : start + PER_PAGE + 1])
    context = {
        "job": job,
        "problems": found[:PER_PAGE],
        "files": choices(request),
        "pager": _pager(request, number, len(found)),
        "total": job.problems.count(),
        "shown": start + len(found[:PER_PAGE]),
    }
    return render(request, "web/imports/problems.html", context)


@require_POST
@page(DEED)
def cancel(request: Any, pk: int) -> HttpResponse:
    job = queries.import_by_id(request.member, pk)
    actions.cancel(by=request.member, job=job, now=timezone.now())
    messages.info(request, gettext("The import was cancelled. Rows already stored stay."))
    return redirect("imports-one", pk)


@require_POST
@page(DEED)
def resume(request: Any, pk: int) -> HttpResponse:
    job = queries.import_by_id(request.member, pk)
    actions.resume(by=request.member, job=job, now=timezone.now())
    return redirect("imports-one", pk)


@require_POST
@page("member.edit")
def passwords(request: Any, pk: int) -> HttpResponse:
    """Hand out the first passwords, once."""
    job = queries.import_by_id(request.member, pk)
    rows = actions.take_passwords(by=request.member, job=job)
    columns = [
        Column("login", gettext("Log-in"), "code", 24),
        Column("name", gettext("Name")),
        Column("password", gettext("First password"), "code", 24),
    ]
    response = HttpResponse(content_type=_XLSX, headers={"Cache-Control": "no-store"})
    name = export_name("first-passwords", timezone.now(), "xlsx")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    sheet = lists.Sheet(gettext("First passwords"), columns, rows)
    write_xlsx(response, [sheet])  # type: ignore[arg-type]
    return response
