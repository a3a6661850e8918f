"""What a new organisation does first: the steps that its member may take, and which are done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from manyi.accounts import queries as accounts
from manyi.accounts.permissions import may
from manyi.surveys import queries as surveys
from manyi.surveys.models import Survey


@dataclass(frozen=True)
class Step:
    """One thing to do: what and why, where, and whether it has been done."""

    title: str | Promise
    why: str | Promise
    href: str
    action: str | Promise
    icon: str
    is_done: bool = False
    is_next: bool = False


def steps(request: Any) -> list[Step]:
    """Return the first steps in their order; nothing that the member may not do."""
    member, scope = request.member, request.scope
    found: list[Step] = []
    if may(member, "survey.edit"):
        *done, following = _surveys(surveys.surveys(scope))
        found += [*done, replace(following, is_next=True)]
    if may(member, "unit.edit"):
        found.append(_units(is_done=accounts.units(scope).exists()))
    if may(member, "import.run"):
        found.append(_imports())
    if may(member, "member.edit"):
        found.append(_members(is_done=accounts.members(scope).count() > 1))
    return found


def _units(*, is_done: bool) -> Step:
    return Step(
        _("Enter your units"),
        _(
            "Stores, projects or departments, typed or from a list: they are compared fairly,"
            " and each has its own QR code."
        ),
        reverse("units"),
        _("To the units"),
        "sitemap",
        is_done,
    )


def _surveys(mine: Any) -> Iterator[Step]:
    made = mine.order_by("-pk").first()
    yield Step(
        _("Create a survey from a template"),
        _("Templates by industry and purpose, in Chinese and English; change what you like."),
        reverse("surveys-new"),
        _("New survey"),
        "forms",
        made is not None,
    )
    if made is not None:
        yield _shared(made)


def _shared(survey: Survey) -> Step:
    if survey.state == Survey.State.DRAFT:
        where = reverse("surveys-one", args=[survey.code])
        why = _("Check the texts, then publish: only then can anybody answer.")
        return Step(_("Publish the survey"), why, where, _("To the survey"), "send")
    where = reverse("surveys-share", args=[survey.code])
    why = _("Send the link or print the QR codes; the first answer appears on this page.")
    return Step(_("Share the survey"), why, where, _("Link and QR code"), "qrcode")


def _imports() -> Step:
    return Step(
        _("Import last year's reviews"),
        _("From Excel, CSV, JSON or SPSS, so that you can compare from the first day."),
        reverse("imports-new"),
        _("Import a file"),
        "file-import",
    )


def _members(*, is_done: bool) -> Step:
    return Step(
        _("Invite colleagues"),
        _("Everyone sees what their role and unit allow."),
        reverse("members-new"),
        _("Add a member"),
        "user-plus",
        is_done,
    )
