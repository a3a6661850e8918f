"""The page on which a person says what a file's columns mean."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from manyi.accounts.models import Member, Unit
from manyi.accounts.permissions import may
from manyi.accounts.queries import Branch, level_name, touchpoints, tree, unit_by_code
from manyi.connectors import actions, drafting, lists, queries
from manyi.connectors.models import Import
from manyi.kit.localtext import pick
from manyi.kit.problems import FieldProblem, Problem
from manyi.surveys.models import Survey
from manyi.web.context import language
from manyi.web.errors import sentences, status_of
from manyi.web.imports import columns, words
from manyi.web.pages import page

DEED = "import.run"
MOST_UNITS = 500
TOP = "/"  # the code of no unit


def show(
    request: Any,
    job: Import,
    *,
    chosen: dict[str, Any] | None = None,
    problem: Problem | None = None,
) -> HttpResponse:
    """Show the mapping as it stands, or as it was just sent, with what is wrong with it."""
    mapping = chosen or job.mapping
    seen = columns.sample(job)
    wrong = sentences(problem) if problem else []
    rows = columns.rows(job, mapping, seen)
    context = {
        "job": job,
        "state": words.state(job),
        "what": words.SHORT[job.what],
        "rows": rows,
        "is_undated": _is_undated(job, mapping, rows) and not wrong,
        "mapping": mapping,
        "wrong": wrong,
        "notes": [FieldProblem(**n) for n in job.shape.get("notes", [])],
        "unknown_units": queries.unknown_units(job, mapping),
        "can_create_units": may(request.member, "unit.edit"),
        **_choices(request, job),
        **_previewed(request, job, mapping),
    }
    status = status_of(problem) if problem else 200
    return render(request, "web/imports/mapping.html", context, status=status)


def _is_undated(job: Import, mapping: dict[str, Any], rows: list[columns.ColumnRow]) -> bool:
    """Whether no row could be stored because nothing says when it happened."""
    given = mapping.get("occurred_at") or any(row.role == "occurred_at" for row in rows)
    return job.what == Import.What.FEEDBACK and not given


def _choices(request: Any, job: Import) -> dict[str, Any]:
    """Return what the selects of the form offer."""
    if job.what != Import.What.FEEDBACK:
        return {"roles": words.fields(job.what, language()).items()}
    tongue = language()
    branches = tree(request.scope)[:MOST_UNITS]
    mine = Survey.objects.filter(organisation_id=job.organisation_id, current__isnull=False)
    return {
        "roles": words.ROLES.items(),
        "metrics": words.METRICS.items(),
        "kinds": words.KINDS.items(),
        "orders": words.ORDERS.items(),
        "sides": words.SIDES.items(),
        "units": [(b.unit.code, _indented(b)) for b in branches],
        "parents": _parents(request.member, branches),
        "touchpoints": [(t.code, t.name_in(tongue)) for t in touchpoints(request.scope)],
        "surveys": [(s.code, s.title_in(tongue)) for s in mine.order_by("-pk")[:200]],
    }


def _indented(branch: Branch) -> str:
    return "\u2003" * branch.level + branch.unit.name_in(language())


def _parents(by: Member, branches: list[Branch]) -> list[tuple[str, str]]:
    """Return where new units may stand, each with what the organisation would call them."""

    def said(place: str, depth: int) -> str:
        level = level_name(by.organisation, depth, language())
        return gettext("%(place)s (new: %(level)s)") % {"place": place, "level": level}

    below = [(b.unit.code, said(_indented(b), b.unit.depth + 1)) for b in branches]
    if by.unit_id is not None:
        return below
    top = (TOP, said(gettext("At the top"), 0))
    # Who has no units yet, or one, is not asked what can only be answered in one way.
    return [*below, top] if len(below) <= 1 else [("", gettext("Choose")), *below, top]


def _previewed(request: Any, job: Import, mapping: dict[str, Any]) -> dict[str, Any]:
    found = queries.preview(job, request.member, mapping, now=timezone.now())
    if job.what == Import.What.FEEDBACK:
        return {"previews": found}
    labels = words.fields(job.what, language())
    codes = [c for c in labels if c in {*mapping["columns"].values()} and c != "ignore"]
    lines = [(p.line, [(labels[c], _said(p.record, c)) for c in codes]) for p in found]
    return {"heads": [labels[c] for c in codes], "lines": lines}


def _said(record: dict[str, Any], code: str) -> str:
    if code == "attribute":
        return " · ".join(f"{k}: {v}" for k, v in record.get("attributes", {}).items())
    value = record.get(code)
    if code == "role" and value in lists.ROLE_NAMES:
        return pick(lists.ROLE_NAMES[value], language())
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return "" if value is None else str(value)


def _open(request: Any, pk: int) -> Import:
    job = queries.import_by_id(request.member, pk)
    if job.stage != Import.Stage.MAPPING or job.state != Import.State.WAITING:
        raise Problem("import.under_way")
    return job


@require_POST
@page(DEED)
def save(request: Any, pk: int) -> HttpResponse:
    """Store the mapping; then check, import, or show it again."""
    job, now, by = _open(request, pk), timezone.now(), request.member
    chosen = None
    try:
        chosen = columns.chosen(job, request.POST, columns.sample(job))
        actions.choose(by=by, job=job, mapping=chosen, now=now)
        if request.POST.get("do") == "check":
            actions.check(by=by, job=job, now=now)
        elif request.POST.get("do") == "run":
            actions.run(by=by, job=job, now=now)
    except Problem as problem:
        return show(request, job, chosen=chosen, problem=problem)
    return redirect("imports-one", pk)


@require_POST
@page(DEED)
def preview(request: Any, pk: int) -> HttpResponse:
    """Answer the first records as the form now would store them."""
    job = _open(request, pk)
    try:
        chosen = columns.chosen(job, request.POST, columns.sample(job))
        wrong = [FieldProblem(p.pointer, p.code, p.params) for p in drafting.problems(job, chosen)]
        context = {"job": job, "mapping_problems": wrong, **_previewed(request, job, chosen)}
    except Problem as problem:
        context = {"job": job, "mapping_problems": list(problem.errors) or [problem]}
    return render(request, "web/imports/_preview.html", context)


@require_POST
@page(DEED)
def column(request: Any, pk: int, n: int) -> HttpResponse:
    """Answer one row of the form after its role has changed."""
    job = _open(request, pk)
    seen = columns.sample(job)
    if not 0 <= n < len(job.columns):
        raise Problem("import.column_unknown", value=str(n))
    chosen = columns.chosen(job, request.POST, seen)
    given = chosen["columns"]
    if job.what == Import.What.FEEDBACK:
        row = columns.row(job, n, given[n], seen)
    else:
        row = columns.rows(job, chosen, seen)[n]
    return render(
        request, "web/imports/_column.html", {"row": row, "job": job, **_choices(request, job)}
    )


@require_POST
@page(DEED)
def sheet(request: Any, pk: int) -> HttpResponse:
    job = _open(request, pk)
    name = request.POST.get("sheet", "")[:100]
    actions.choose_sheet(by=request.member, job=job, sheet=name, now=timezone.now())
    return redirect("imports-one", pk)


@require_POST
@page(DEED)
def units(request: Any, pk: int) -> HttpResponse:
    """Make units of the words that the file has for them, or say which units they mean."""
    job = _open(request, pk)
    sent = [(w, request.POST.get(f"u{i}-as", "")) for i, w in enumerate(_words(request))]
    made = [w for w, as_ in sent if as_ == "create"]
    meant = {w: as_ for w, as_ in sent if as_ not in ("", "create")}
    for code in meant.values():
        unit_by_code(request.scope, code)
    if made and not request.POST.get("parent"):
        return show(request, job, problem=Problem("import.parent_needed"))
    if made:
        _create(request, job, made)
    if meant:
        actions.name_units(by=request.member, job=job, words=meant, now=timezone.now())
        messages.success(request, gettext("The words were matched with units."))
    return redirect("imports-one", pk)


def _create(request: Any, job: Import, made: list[str]) -> None:
    code = request.POST["parent"]
    parent = None if code == TOP else unit_by_code(request.scope, code)
    n = actions.create_units(
        by=request.member, job=job, words=made, parent=parent, now=timezone.now()
    )
    messages.success(request, _created(request.member, n, parent))


def _created(by: Member, n: int, parent: Unit | None) -> str:
    if parent is None:
        said = ngettext(
            "%(n)s unit was created at the top (%(level)s).",
            "%(n)s units were created at the top (%(level)s).",
            n,
        )
        return said % {"n": n, "level": level_name(by.organisation, 0, language())}
    said = ngettext(
        "%(n)s unit was created below “%(place)s” (%(level)s).",
        "%(n)s units were created below “%(place)s” (%(level)s).",
        n,
    )
    level = level_name(by.organisation, parent.depth + 1, language())
    return said % {"n": n, "place": parent.name_in(language()), "level": level}


def _words(request: Any) -> list[str]:
    count = request.POST.get("count", "0")
    n = min(int(count), 200) if count.isdecimal() and len(count) < 5 else 0
    return [request.POST.get(f"u{i}", "")[:200] for i in range(n)]
