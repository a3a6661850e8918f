"""Members: who may log in, as what, and below which unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from manyi.accounts import actions
from manyi.accounts.models import Member
from manyi.accounts.queries import member_by_id
from manyi.accounts.queries import members as members_in
from manyi.kit.tokens import new_code
from manyi.web.accounts.mail import DAYS, invite
from manyi.web.context import language, sends_mail
from manyi.web.downloads import Column, choices, table_response, wanted
from manyi.web.listing import Head, Listing
from manyi.web.pages import page
from manyi.web.settings.editing import (
    attempt,
    keep_secret,
    saved,
    show_form,
    show_page,
    take_secret,
)
from manyi.web.settings.fields import UnitField

Role = Member.Role
ROLES = {
    Role.OWNER: (_("Owner"), _("Everything, members and settings included")),
    Role.ANALYST: (_("Analyst"), _("Designs surveys, sees and analyses all results")),
    Role.UNIT_MANAGER: (_("Unit manager"), _("Works with the results of their units")),
    Role.AGENT: (_("Agent"), _("Sees and answers the feedback of their unit")),
    Role.VIEWER: (_("Viewer"), _("Reads results and words, no personal data")),
    Role.EXTERNAL_ANALYST: (
        _("External analyst"),
        _("Reads figures, and words without personal data"),
    ),
}


class MemberForm(forms.Form):
    name = forms.CharField(max_length=60, label=pgettext_lazy("of a person", "Name"))
    username = forms.CharField(max_length=60, required=False, label=_("User name"))
    phone = forms.CharField(max_length=30, required=False, label=_("Phone"))
    email = forms.CharField(
        max_length=254,
        required=False,
        label=_("E-mail"),
        help_text=_("One of user name, phone and e-mail is enough to log in."),
    )
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)

    def __init__(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            (role.value, f"{name} · {words}") for role, (name, words) in ROLES.items()
        ]
        self.fields["unit"] = UnitField(
            request.scope, help_text=_("They see this unit and everything below it.")
        )
        for field in ("username", "phone", "email"):
            self.fields[field].widget.attrs["autocomplete"] = "off"


class NewMemberForm(MemberForm):
    """The same with the choice of how the member gets a password."""

    def __init__(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        if sends_mail():
            self.fields["invite"] = forms.BooleanField(
                required=False,
                label=_("Send a link by mail to choose a password"),
                help_text=_("Otherwise a first password is shown to you once, to hand over."),
            )


HEADS = (
    Head("name", pgettext_lazy("of a person", "Name"), sorts=True, fixed=True),
    Head("login", _("Log-in"), sorts=True),
    Head("role", _("Role"), sorts=True),
    Head("unit", _("Unit"), sorts=True),
    Head("last", _("Last log-in"), sorts=True),
    Head("since", _("Member since"), sorts=True, at_first=False),
)
_KEYS: dict[str, Callable[[Member], Any]] = {
    "name": lambda m: m.user.display_name.lower(),
    "login": lambda m: m.user.username.lower(),
    "role": lambda m: list(ROLES).index(Role(m.role)),
    "unit": lambda m: m.unit.name_in(language()).lower() if m.unit else "",
    "last": lambda m: m.user.last_login,
    "since": lambda m: m.created_at,
}


def role_name(role: str) -> str:
    """Return what a role is called."""
    return str(ROLES[Role(role)][0])


@page("member.read")
def members(request: Any) -> HttpResponseBase:
    words = request.GET.get("q", "").strip()[:80]
    rows = [m for m in members_in(request.scope) if _matches(m, words.lower())]
    if wanted(request):
        return table_response(request, gettext("Members"), _columns(), _lines(rows))
    listing = Listing(request, "members", HEADS)
    listed = [{"member": m, "role": role_name(m.role)} for m in listing.in_order(rows, _KEYS)]
    context = {"rows": listed, "list": listing, "query": words, "downloads": choices(request)}
    return show_page(request, "members", **context)


def _matches(member: Member, words: str) -> bool:
    user = member.user
    return any(
        words in (text or "").lower()
        for text in (user.first_name, user.username, user.email, user.phone)
    )


def _columns() -> list[Column]:
    return [
        Column("name", pgettext("of a person", "Name")),
        Column("username", gettext("User name")),
        Column("email", gettext("E-mail")),
        Column("phone", gettext("Phone"), "code"),
        Column("role", gettext("Role")),
        Column("unit", gettext("Unit"), "code"),
        Column("active", gettext("State")),
        Column("last", gettext("Last log-in"), "datetime"),
    ]


def _lines(rows: Iterable[Member]) -> Iterable[dict[str, Any]]:
    for member in rows:
        yield {
            "name": member.user.first_name,
            "username": member.user.username,
            "email": member.user.email,
            "phone": member.user.phone,
            "role": role_name(member.role),
            "unit": member.unit.code if member.unit else "",
            "active": gettext("Active") if member.is_active else gettext("Deactivated"),
            "last": member.user.last_login,
        }


@page("member.edit")
@sensitive_variables("password")
def new_member(request: Any) -> HttpResponseBase:
    """Add a member, who gets a link by mail, or else a first password that is shown once."""
    start = {"role": Role.VIEWER, "invite": True}
    form = NewMemberForm(request, request.POST or None, initial=start)
    added: list[Member] = []
    password: list[str | None] = []

    def act(cleaned: dict[str, Any]) -> None:
        by_mail = cleaned.pop("invite", False) and cleaned["email"]
        password.append(None if by_mail else new_code(12))
        added.append(
            actions.add_member(
                by=request.member, password=password[0], now=timezone.now(), **cleaned
            )
        )

    if saved(request, form, act, gettext("The member is added.")):
        return _welcomed(request, added[0], password[0])
    return show_form(
        request, form, gettext("New member"), reverse("members"), act=gettext("Add member")
    )


@sensitive_variables("password")
def _welcomed(request: Any, member: Member, password: str | None) -> HttpResponseBase:
    """Hand over the way in: by mail, or by the password shown on the next page."""
    back = reverse("members-one", args=[member.pk])
    if password is None:
        return _invited(request, member, back)
    if member.user.check_password(password):
        keep_secret(request, password, member.user.username)
    return redirect(back)


def _invited(request: Any, member: Member, back: str) -> HttpResponseBase:
    def act() -> None:
        actions.note_invitation(by=request.member, member=member, now=timezone.now())
        invite(member, by=request.member)

    sent = gettext("A link to choose a password is on its way to %(email)s.")
    return attempt(request, act, sent % {"email": member.user.email}, back)


@page("member.edit")
@require_POST
def invite_member(request: Any, pk: int) -> HttpResponseBase:
    """Send a member the link to choose a password, once more where it got lost."""
    member = member_by_id(request.scope, pk)
    return _invited(request, member, reverse("members-one", args=[pk]))


@page("member.edit")
def one_member(request: Any, pk: int) -> HttpResponseBase:
    member = member_by_id(request.scope, pk)
    form = MemberForm(request, request.POST or None, initial=_initial(member))

    def act(cleaned: dict[str, Any]) -> None:
        place = {"role": cleaned.pop("role"), "unit": cleaned.pop("unit")}
        now = timezone.now()
        actions.change_member(by=request.member, member=member, now=now, **place)
        actions.change_person(by=request.member, member=member, now=now, **cleaned)

    if saved(request, form, act, gettext("Saved.")):
        return redirect("members")
    member = member_by_id(request.scope, pk)
    return show_form(
        request,
        form,
        member.user.display_name,
        reverse("members"),
        template="member",
        member=member,
        secret=take_secret(request),
        sends_mail=sends_mail(),
        days=DAYS,
    )


def _initial(member: Member) -> dict[str, Any]:
    user = member.user
    return {
        "name": user.first_name,
        "username": user.username,
        "phone": user.phone or "",
        "email": user.email,
        "role": member.role,
        "unit": member.unit.code if member.unit else "",
    }


@page("member.edit")
@require_POST
@sensitive_variables("password")
def first_password(request: Any, pk: int) -> HttpResponseBase:
    """Give a new first password, shown once."""
    member, password = member_by_id(request.scope, pk), new_code(12)
    if member.user_id == request.user.pk:  # it would log them out before they could read it
        return redirect("account_change_password")

    def act() -> None:
        actions.set_first_password(
            by=request.member, member=member, password=password, now=timezone.now()
        )
        keep_secret(request, password, member.user.username)

    done = gettext("A new first password is set; the old one no longer works.")
    return attempt(request, act, done, reverse("members-one", args=[pk]))


@page("member.edit")
@require_POST
def switch_member(request: Any, pk: int, deed: str) -> HttpResponseBase:
    """Deactivate the member, let them in again, or take a lost second step off."""
    member = member_by_id(request.scope, pk)
    deeds = {
        "deactivate": (actions.deactivate_member, gettext("Deactivated.")),
        "reactivate": (actions.reactivate_member, gettext("Active again.")),
        "two-step-off": (actions.reset_two_step, gettext("Two-step log-in is off.")),
    }
    act, done = deeds[deed]
    return attempt(
        request,
        lambda: act(by=request.member, member=member, now=timezone.now()),
        done,
        reverse("members-one", args=[pk]),
    )
