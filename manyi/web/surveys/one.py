"""One survey: its settings, its questions, its versions, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import content_disposition_header
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from manyi.accounts.permissions import may
from manyi.kit.problems import NotFound
from manyi.questionnaire.effort import count_questions, estimate_seconds
from manyi.questionnaire.read import load
from manyi.questionnaire.write import dump
from manyi.surveys import actions, queries, wire
from manyi.surveys.models import Survey
from manyi.tabular.writing import export_name
from manyi.web.context import language
from manyi.web.filters import carried
from manyi.web.forms import LANGUAGE_NAMES
from manyi.web.pages import page
from manyi.web.settings.editing import attempt
from manyi.web.surveys import rows, shown
from manyi.web.surveys.editing import Edit

TABS: tuple[tuple[str, str | Promise, str], ...] = (
    ("surveys-one", _("Settings"), "survey.edit"),
    ("surveys-preview", _("Questions"), "survey.read"),
    ("surveys-share", pgettext_lazy("pass on", "Share"), "survey.read"),
    ("surveys-versions", _("Versions"), "survey.read"),
)


@page("survey.read")
def settings(request: Any, code: str) -> HttpResponseBase:
    """Edit the draft; who may not is shown the questions."""
    survey = queries.by_ref(request.scope, code)
    if not may(request.member, "survey.edit", survey.unit):
        return redirect(reverse("surveys-preview", args=[survey.code]) + carried(request))
    edit = Edit(request, survey)
    if edit.saved():
        messages.success(request, gettext("Saved."))
        return redirect("surveys-one", survey.code)
    shown_there = edit.context()
    status = 422 if shown_there["has_problems"] else 200
    return render_survey(request, survey, "settings", status=status, **shown_there)


@page("survey.read")
def preview(request: Any, code: str) -> HttpResponseBase:
    """Show every question of the draft at once, in one of its languages."""
    survey = queries.by_ref(request.scope, code)
    q = load(survey.definition)
    asked = request.GET.get("lang", "")
    tongue = asked if asked in q.languages else _nearest(q.languages)
    tongues = [
        {"label": LANGUAGE_NAMES.get(tag, tag), "href": f"?lang={tag}", "active": tag == tongue}
        for tag in q.languages
    ]
    pages = shown.pages(q, tongue)
    return render_survey(
        request, survey, "preview", q=q, pages=pages, tongue=tongue, tongues=tongues
    )


def _nearest(languages: tuple[str, ...]) -> str:
    return language() if language() in languages else languages[0]


@page("survey.read")
def versions(request: Any, code: str) -> HttpResponseBase:
    """List what was published, and when, and by whom."""
    survey = queries.by_ref(request.scope, code)
    found = [
        {"version": v, "questions": count_questions(load(v.definition))}
        for v in survey.versions.order_by("-number")
    ]
    return render_survey(request, survey, "versions", versions=found)


@page("survey.read")
def definition(request: Any, code: str) -> HttpResponseBase:
    """Send the definition of the draft, or of `?version=`, as a JSON file."""
    survey = queries.by_ref(request.scope, code)
    number = request.GET.get("version", "")
    found = survey.definition
    if number:
        version = queries.version(survey, int(number)) if _is_version(number) else None
        if version is None:
            raise NotFound("not_found")
        found = version.definition
    response = JsonResponse(found, json_dumps_params={"ensure_ascii": False, "indent": 2})
    mark = f"{survey.title_in(language())}-{'v' + number if number else 'draft'}"
    name = export_name(mark, timezone.now(), "json")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


@dataclass(frozen=True)
class Deed:
    act: Callable[..., Any]
    done: str | Promise
    then: str


DEEDS = {
    "publish": Deed(actions.publish, _("Published. It takes answers now."), "surveys-share"),
    "close": Deed(actions.close, _("Closed. It takes no more answers."), "surveys-share"),
    "reopen": Deed(actions.reopen, _("Open again."), "surveys-share"),
    "duplicate": Deed(actions.duplicate, _("Here is the copy, a draft of its own."), "surveys-one"),
    "delete": Deed(actions.delete, _("Deleted."), "surveys"),
}  # fmt: skip


@page("survey.read")
@require_POST
def act(request: Any, code: str, deed: str) -> HttpResponseBase:
    """Publish, close, reopen, copy or delete the survey."""
    survey = queries.by_ref(request.scope, code)
    chosen = DEEDS[deed]
    made: list[Any] = []
    here = reverse("surveys-one", args=[survey.code])
    response = attempt(
        request,
        lambda: made.append(chosen.act(by=request.member, survey=survey, now=timezone.now())),
        chosen.done,
        here,
    )
    if not made:
        return response
    if deed == "delete":
        return redirect(chosen.then)
    return redirect(chosen.then, made[0].code if deed == "duplicate" else survey.code)


def render_survey(
    request: Any, survey: Survey, template: str, status: int = 200, **context: Any
) -> HttpResponseBase:
    """Render a page of one survey: its head, its tabs, and what the page adds."""
    stored = queries.by_ref(request.scope, survey.code)
    return render(
        request,
        f"web/surveys/{template}.html",
        {**_head(request, stored), **context},
        status=status,
    )


def _head(request: Any, survey: Survey) -> dict[str, Any]:
    now, q = timezone.now(), load(survey.definition)
    return {
        "survey": survey,
        "heading": survey.title_in(language()),
        "badge": rows.badge(survey, now),
        "state": rows.state(survey, now),
        "progress": rows.counted(request.scope, survey),
        "count": count_questions(q),
        "seconds": estimate_seconds(q, language()),
        "tabs": tabs(request, survey),
        "results": rows.results_link(survey),
        "link": wire.address(survey) if survey.current else "",
        "is_changed": is_changed(survey),
        "lacks_notice": not survey.is_anonymous and not q.consent_notice,
        "may_edit": may(request.member, "survey.edit", survey.unit),
        "may_publish": may(request.member, "survey.publish", survey.unit),
    }


def tabs(request: Any, survey: Survey) -> list[dict[str, Any]]:
    """Return the pages of a survey that the member may open."""
    return [
        {
            "label": label,
            "href": (href := reverse(name, args=[survey.code])) + carried(request),
            "active": request.path == href,
        }
        for name, label, deed in TABS
        if may(request.member, deed, survey.unit)
    ]


def is_changed(survey: Survey) -> bool:
    """Whether the draft says something else than respondents see now."""
    current = survey.current
    if current is None:
        return False
    same = current.definition == dump(load(survey.definition))
    return not same or current.is_anonymous != survey.is_anonymous


def _is_version(text: str) -> bool:
    return text.isdecimal() and len(text) < 8
