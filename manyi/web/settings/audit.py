"""The audit log: who did what, and whether anybody tampered with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from manyi.accounts import audit as chain
from manyi.accounts.models import AuditEntry
from manyi.accounts.queries import audit_entries, members, units
from manyi.web.context import language
from manyi.web.downloads import Column, choices, table_response, wanted
from manyi.web.filters import address
from manyi.web.pages import page
from manyi.web.settings.editing import show_page
from manyi.web.settings.members import ROLES, role_name

PAGE = 50
DEEDS = {
    "organisation.create": _("Organisation founded"),
    "organisation.change": _("Organisation changed"),
    "organisation.logo": _("Logo changed"),
    "member.add": _("Member added"),
    "member.change": _("Role or unit changed"),
    "member.person": _("Member's details changed"),
    "member.deactivate": _("Member deactivated"),
    "member.reactivate": _("Member let in again"),
    "member.first_password": _("First password set"),
    "member.invite": _("Link to choose a password sent"),
    "member.two_step_off": _("Member's two-step log-in switched off"),
    "password.change": _("Own password changed"),
    "unit.add": _("Unit added"),
    "unit.change": _("Unit changed"),
    "unit.move": _("Unit moved"),
    "unit.close": _("Unit closed"),
    "unit.reopen": _("Unit reopened"),
    "unit.remove": _("Unit removed"),
    "team.add": _("Team added"),
    "team.change": _("Team changed"),
    "team.remove": _("Team removed"),
    "touchpoint.add": _("Touchpoint added"),
    "touchpoint.change": _("Touchpoint changed"),
    "touchpoint.remove": _("Touchpoint removed"),
    "agent.add": _("Person added to the service staff"),
    "agent.change": _("Person of the service staff changed"),
    "agent.remove": _("Person removed from the service staff"),
    "token.create": _("API token made"),
    "token.revoke": _("API token revoked"),
    "survey.create": _("Survey created"),
    "survey.change": _("Survey changed"),
    "survey.publish": _("Survey published"),
    "survey.delete": _("Survey deleted"),
    "survey.close": _("Survey closed"),
    "customer.put": _("Customer stored"),
    "customer.identity": _("Customer's addresses changed"),
    "customer.place": _("Customer moved to another unit"),
    "customer.erase": _("Customer erased"),
    "customer.download": _("Customer's data handed out"),
    "customer.export": _("Customer's data exported"),
    "suppression.lift": _("Contact allowed again"),
    "survey.dispositions": _("Outcomes of contacts entered"),
    "survey.eligibility": _("Eligible share of unknown cases chosen"),
    "survey.update": _("Survey's draft changed"),
    "survey.reopen": _("Survey reopened"),
    "survey.duplicate": _("Survey copied"),
    "indicator.add": _("Indicator added"),
    "indicator.change": _("Indicator changed"),
    "indicator.remove": _("Indicator removed"),
    "target.set": _("Target set"),
    "target.remove": _("Target removed"),
    "import.run": _("File imported"),
    "feedback.export": _("Feedback exported"),
    "feedback.tag": _("Tag put on a record"),
    "feedback.untag": _("Tag taken off a record"),
    "taxonomy.choose": _("Taxonomy chosen"),
    "check.draw": _("Findings drawn to be judged"),
    "standard.choose": _("Standard of service put in force"),
    "feedback.correct": _("Reading of a text corrected or confirmed"),
    "feedback.uncorrect": _("Correction withdrawn"),
    "learning.on": _("Learning from corrections switched on"),
    "learning.off": _("Learning from corrections switched off"),
    "learning.forget": _("What corrections taught forgotten"),
    "llm.choose": _("What the outside model may do changed"),
    "llm.read_since": _("Older texts given to the outside model"),
    "llm.summarise": _("Summary asked of the outside model"),
    "llm.forget": _("What the outside model read undone"),
    "unnamed.among_all": _("Unnamed themes sought among all clauses"),
    "unnamed.among_loose": _("Unnamed themes sought among clauses without a theme"),
    "backup.create": _("Backup made"),
    "suppression.add": _("Contact stopped"),
    "consent.record": _("Consent recorded"),
    "population.put": _("Population stored"),
    "population.remove": _("Population removed"),
}

DETAILS = {
    "code": _("Code"),
    "fields": _("Fields"),
    "parent": _("Below"),
    "removed": _("Removed"),
    "role": _("Role"),
    "unit": _("Unit"),
    "units": _("Units"),
    "metric": _("Metric"),
    "weight": _("Weight"),
    "value": _("Value"),
    "version": _("Version"),
    "selection": _("Selection"),
    "format": _("Format"),
    "n": _("n"),
    "name": _("Name"),
    "title": _("Title"),
    "kind": _("Kind"),
    "what": _("Kind"),
    "file": _("File"),
    "changed": _("Fields"),
}


@page("audit.read")
def audit(request: Any) -> HttpResponseBase:
    entries = audit_entries(by=request.member)
    if wanted(request):
        rows = _lines(request, entries.iterator(1000))
        return table_response(request, gettext("Audit log"), _columns(), rows)
    cursor = request.GET.get("cursor", "")
    if cursor.isdecimal() and len(cursor) < 19:
        entries = entries.filter(number__lt=int(cursor))
    found = list(entries[: PAGE + 1])
    rest = address(request, cursor=str(found[PAGE - 1].number)) if len(found) > PAGE else ""
    rows = list(_lines(request, found[:PAGE]))
    return show_page(
        request, "audit", rows=rows, next=rest, first=bool(cursor), downloads=choices(request)
    )


@page("audit.read")
@require_POST
def verify_audit(request: Any) -> HttpResponse:
    """Walk the whole chain and say whether it holds."""
    verdict = chain.verify(request.member.organisation)
    return render(request, "web/settings/_verdict.html", {"verdict": verdict})


def _columns() -> list[Column]:
    return [
        Column("number", gettext("No."), "integer"),
        Column("at", gettext("Time"), "datetime"),
        Column("actor", gettext("Who")),
        Column("deed", gettext("What")),
        Column("action", gettext("Code"), "code"),
        Column("target", gettext("On"), "code"),
        Column("detail", gettext("Details")),
    ]


def _lines(request: Any, entries: Iterable[AuditEntry]) -> Iterable[dict[str, Any]]:
    names = {f"member:{m.pk}": m.user.display_name for m in members(request.scope)}
    names |= {f"user:{m.user_id}": m.user.display_name for m in members(request.scope)}
    names |= {f"unit:{u.pk}": u.name_in(language()) for u in units(request.scope)}
    names |= {"setup": gettext("Set-up"), "system": gettext("System")}
    for entry in entries:
        yield {
            "number": entry.number,
            "at": entry.at,
            "actor": names.get(entry.actor, entry.actor),
            "deed": str(DEEDS.get(entry.action, entry.action)),
            "action": entry.action,
            "target": entry.target,
            "on": names.get(entry.target, ""),
            "detail": " · ".join(_pair(key, value) for key, value in entry.detail.items()),
        }


def _pair(key: str, value: Any) -> str:
    colon = pgettext("between a label and its value", ":")
    words = role_name(value) if key == "role" and value in ROLES else _said(value)
    return f"{DETAILS.get(key, key)}{colon}{'' if colon == '：' else ' '}{words}"


def _said(value: Any) -> str:
    if value is None:
        return "—"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
