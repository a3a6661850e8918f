"""What the pages call the roles of columns, the lists and the states of a job."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from manyi.connectors import lists
from manyi.connectors.models import Import
from manyi.kit.localtext import pick
from manyi.web.feedback.words import KINDS as KINDS

Words = dict[str, str | Promise]

ROLES: Words = {
    "occurred_at": _("When it happened"),
    "score": _("Score"),
    "text": _("Words of the customer"),
    "turns": _("Conversation, turn by turn"),
    "answer": _("Answer to a question"),
    "unit": _("Unit"),
    "touchpoint": _("Touchpoint"),
    "agent": _("Agent"),
    "channel": _("Channel"),
    "kind": _("Kind of feedback"),
    "language": _("Language"),
    "customer_ref": _("Customer no."),
    "customer_name": _("Customer name"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "source_ref": _("Number of the record"),
    "label": _("Label, kept as attribute"),
    "attribute": _("Attribute"),
    "ignore": _("Leave out"),
}
METRICS: Words = {
    "csat": _("Satisfaction (CSAT)"),
    "nps": _("Recommendation (NPS, 0–10)"),
    "ces": _("Effort (CES)"),
    "score": _("Another score"),
}
ORDERS: Words = {
    "": _("as the dates show"),
    "dmy": _("day/month/year"),
    "mdy": _("month/day/year"),
}
SIDES: Words = {
    "agent": pgettext_lazy("who speaks", "Agent"),
    "customer": pgettext_lazy("who speaks", "Customer"),
    "system": pgettext_lazy("who speaks", "System, on neither side"),
}
WHATS: Words = {
    "feedback": _("Feedback: reviews, ratings, survey answers"),
    "customers": _("Customers, with their unit and room"),
    "units": _("Units: regions, stores, buildings"),
    "touchpoints": _("Touchpoints"),
    "agents": _("Agents, whose service is rated"),
    "members": _("Members, who log in"),
}
SHORT: Words = {
    "feedback": _("Feedback"),
    "customers": _("Customers"),
    "units": _("Units"),
    "touchpoints": _("Touchpoints"),
    "agents": _("Agents"),
    "members": _("Members"),
}
_STATES: dict[str, tuple[str | Promise, str, str]] = {
    "reading": (_("Reading"), "clock", ""),
    "mapping": (_("Columns to be settled"), "adjustments", "badge-warn"),
    "checking": (_("Being checked"), "clock", ""),
    "waiting": (pgettext_lazy("a job that has not begun", "Waiting"), "clock", ""),
    "running": (pgettext_lazy("a job at work", "Under way"), "progress-check", ""),
    "done": (_("Done"), "check", "badge-accent"),
    "rejected": (_("Done, some rows rejected"), "alert-triangle", "badge-warn"),
    "checked": (_("Checked"), "check", "badge-accent"),
    "failed": (_("Failed"), "alert-triangle", "badge-alarm"),
    "cancelled": (_("Cancelled"), "x", ""),
}


def state(job: Import) -> dict[str, Any]:
    """Return the badge of an import: words, icon and tone."""
    words, icon, tone = _STATES[_state(job)]
    return {"words": words, "icon": icon, "tone": tone}


def _state(job: Import) -> str:
    if job.state == Import.State.DONE:
        if job.is_dry_run:
            return "checked"
        return "rejected" if job.rejected else "done"
    if job.state in (Import.State.FAILED, Import.State.CANCELLED):
        return job.state
    if job.stage == Import.Stage.MAPPING:
        return "checked" if job.is_checked else "mapping"
    if job.stage == Import.Stage.READING:
        return "reading"
    return "checking" if job.is_dry_run else job.state


def fields(what: str, language: str) -> Words:
    """Return what a list's columns can be."""
    kind = lists.LISTS[what]
    found: Words = {f.code: pick(f.label, language) for f in kind.fields}
    if kind.keeps_others:
        found[lists.ATTRIBUTE] = ROLES["attribute"]
    found[lists.IGNORE] = ROLES["ignore"]
    return found
