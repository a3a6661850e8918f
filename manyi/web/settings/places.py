"""Teams, touchpoints and service staff: three lists that are kept in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from manyi.accounts import actions, queries
from manyi.accounts.models import Agent, Member, Team, Touchpoint
from manyi.kit.localtext import pick
from manyi.kit.problems import NotFound
from manyi.web.context import language
from manyi.web.downloads import Column, choices, table_response, wanted
from manyi.web.forms import initial_name, local_name
from manyi.web.pages import View, page
from manyi.web.settings.editing import attempt, saved, show_form, show_page
from manyi.web.settings.fields import NamedForm, UnitField

Row = Team | Touchpoint | Agent


class TouchpointForm(NamedForm):
    def __init__(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def values(self) -> dict[str, Any]:
        return {"code": self.cleaned_data["code"], "name": local_name(self.cleaned_data)}


class TeamForm(NamedForm):
    def __init__(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"] = _place(request, _("The unit that the team serves."))

    def values(self) -> dict[str, Any]:
        given = {"code": self.cleaned_data["code"], "name": local_name(self.cleaned_data)}
        return given | {"unit": self.cleaned_data["unit"]}


class AgentForm(forms.Form):
    code = forms.CharField(
        max_length=60,
        label=_("Code"),
        help_text=_("As in your other systems: links, files and programs use it."),
    )
    name = forms.CharField(max_length=100, label=pgettext_lazy("of a person", "Name"))
    member = forms.ModelChoiceField(
        Member.objects.none(),
        required=False,
        label=_("Log-in"),
        empty_label=_("Does not log in"),
        help_text=_("Whoever logs in sees the feedback about themselves."),
    )

    def __init__(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"] = _place(request, _("Where they serve."))
        self.order_fields(["code", "name", "unit", "member"])
        field: Any = self.fields["member"]
        field.queryset = queries.members(request.scope).filter(is_active=True)
        field.label_from_instance = lambda member: member.user.display_name

    def values(self) -> dict[str, Any]:
        return {key: self.cleaned_data[key] for key in ("code", "name", "unit", "member")}


def _place(request: Any, hint: Promise | str) -> UnitField:
    """Return the field of the unit; whoever works below a unit has to name one."""
    return UnitField(request.scope, required=request.member.unit_id is not None, help_text=hint)


@dataclass(frozen=True)
class Kind:
    """One of the three lists: how it is read, kept and called."""

    name: str
    deed: str
    title: str | Promise
    new: str | Promise
    add_button: str | Promise
    empty: tuple[str | Promise, str | Promise]
    icon: str
    read: Callable[[Any], QuerySet[Any]]
    add: Callable[..., Any]
    form: type[Any]
    ordered: bool = False


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "teams",
            "unit.edit",
            _("Teams"),
            _("New team"),
            _("Add team"),
            (_("No team yet"), _("A team puts right what customers complain about.")),
            "users-group",
            queries.teams,
            actions.add_team,
            TeamForm,
        ),
        Kind(
            "touchpoints",
            "touchpoint.edit",
            _("Touchpoints"),
            _("New touchpoint"),
            _("Add touchpoint"),
            (
                _("No touchpoint yet"),
                _("Moments that you ask about: move-in, repair, checkout, delivery."),
            ),
            "route",
            queries.touchpoints,
            actions.add_touchpoint,
            TouchpointForm,
            ordered=True,
        ),
        Kind(
            "agents",
            "agent.edit",
            _("Service staff"),
            _("New person"),
            _("Add person"),
            (_("Nobody yet"), _("People whose service customers rate; they need no log-in.")),
            "headset",
            queries.agents,
            actions.add_agent,
            AgentForm,
        ),
    )
}


def list_of(kind: Kind) -> View:
    @page(kind.deed)
    def listed(request: Any) -> HttpResponseBase:
        words = request.GET.get("q", "").strip()[:80]
        rows = [r for r in kind.read(request.scope) if _matches(r, words.lower())]
        if wanted(request):
            return table_response(request, str(kind.title), _columns(kind), _lines(rows))
        return show_page(
            request,
            "places",
            kind=kind,
            rows=[_shown(kind, row) for row in rows],
            query=words,
            new=reverse(f"{kind.name}-new"),
            downloads=choices(request),
        )

    return listed


def _matches(row: Row, words: str) -> bool:
    names = row.name.values() if isinstance(row.name, dict) else [row.name]
    return words in row.code.lower() or any(words in name.lower() for name in names)


def _shown(kind: Kind, row: Any) -> dict[str, Any]:
    unit = getattr(row, "unit", None)
    return {
        "row": row,
        "name": pick(row.name, language(), row.code),
        "unit": unit.name_in(language()) if unit else "",
        "href": reverse(f"{kind.name}-one", args=[row.pk]),
        "active": getattr(row, "is_active", True),
    }


def _columns(kind: Kind) -> list[Column]:
    columns = [Column("code", gettext("Code"), "code")]
    if kind.name == "agents":
        columns.append(Column("zh", pgettext("of a person", "Name")))
    else:
        columns.append(Column("zh", gettext("Name in Chinese")))
        columns.append(Column("en", gettext("Name in English")))
    if not kind.ordered:
        columns.append(Column("unit", gettext("Unit"), "code"))
    return columns


def _lines(rows: Iterable[Any]) -> Iterable[dict[str, Any]]:
    for row in rows:
        unit = getattr(row, "unit", None)
        names = row.name if isinstance(row.name, dict) else {"zh-Hans": row.name}
        yield {
            "code": row.code,
            "zh": names.get("zh-Hans", ""),
            "en": names.get("en", ""),
            "unit": unit.code if unit else "",
        }


def new_of(kind: Kind) -> View:
    @page(kind.deed)
    def new(request: Any) -> HttpResponseBase:
        form = kind.form(request, request.POST or None)

        def act(_cleaned: Any) -> None:
            more = {"position": kind.read(request.scope).count()} if kind.ordered else {}
            kind.add(by=request.member, now=timezone.now(), **form.values(), **more)

        if saved(request, form, act, gettext("Added.")):
            return redirect(kind.name)
        return show_form(request, form, kind.new, reverse(kind.name), act=kind.add_button)

    return new


def one_of(kind: Kind) -> View:
    @page(kind.deed)
    def one(request: Any, pk: int) -> HttpResponseBase:
        row = _row(kind, request, pk)
        form = kind.form(request, request.POST or None, initial=_initial(row))

        def act(_cleaned: Any) -> None:
            actions.change_place(by=request.member, row=row, now=timezone.now(), **form.values())

        if saved(request, form, act, gettext("Saved.")):
            return redirect(kind.name)
        row = _row(kind, request, pk)
        title = pick(row.name, language(), row.code)
        return show_form(
            request, form, title, reverse(kind.name), template="place", kind=kind, row=row,
            act_url=reverse(f"{kind.name}-act", args=[pk, "remove"]),
        )  # fmt: skip

    return one


def _row(kind: Kind, request: Any, pk: int) -> Any:
    row = kind.read(request.scope).filter(pk=pk).first()
    if row is None:
        raise NotFound("not_found")
    return row


def _initial(row: Any) -> dict[str, Any]:
    unit = getattr(row, "unit", None)
    names = initial_name(row.name) if isinstance(row.name, dict) else {"name": row.name}
    return names | {
        "code": row.code,
        "unit": unit.code if unit else "",
        "member": getattr(row, "member_id", None),
    }


def act_on(kind: Kind) -> View:
    @page(kind.deed)
    @require_POST
    def act(request: Any, pk: int, deed: str) -> HttpResponseBase:
        """Remove the row, move it in the order, or switch a person on and off."""
        row = _row(kind, request, pk)
        done: dict[str, tuple[Callable[[], Any], str]] = {
            "remove": (lambda: _remove(request, row), gettext("Removed.")),
            "up": (lambda: _reorder(kind, request, row, -1), gettext("Moved.")),
            "down": (lambda: _reorder(kind, request, row, 1), gettext("Moved.")),
            "off": (lambda: _switch(request, row, "off"), gettext("Deactivated.")),
            "on": (lambda: _switch(request, row, "on"), gettext("Active again.")),
        }
        deed_, said = done[deed]
        return attempt(request, deed_, said, kind.name)

    return act


def _remove(request: Any, row: Row) -> None:
    actions.remove_place(by=request.member, row=row, now=timezone.now())


def _switch(request: Any, row: Row, to: str) -> None:
    if not isinstance(row, Agent):
        raise NotFound("not_found")
    actions.change_place(by=request.member, row=row, now=timezone.now(), is_active=to == "on")


def _reorder(kind: Kind, request: Any, row: Row, step: int) -> None:
    """Swap the row with its neighbour, and number all anew."""
    if not kind.ordered:
        raise NotFound("not_found")
    rows = list(kind.read(request.scope))
    at = rows.index(row)
    to = min(max(at + step, 0), len(rows) - 1)
    rows.insert(to, rows.pop(at))
    with transaction.atomic():
        for position, one in enumerate(rows):
            actions.change_place(by=request.member, row=one, now=timezone.now(), position=position)
