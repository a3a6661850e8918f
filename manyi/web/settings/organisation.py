"""The organisation: its name, look, levels and thresholds."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from manyi.accounts import actions
from manyi.accounts.logo import media_type, shrink
from manyi.accounts.models import Organisation
from manyi.accounts.permissions import may
from manyi.kit.problems import Problem
from manyi.web.errors import sentences
from manyi.web.forms import initial_name, local_name
from manyi.web.pages import page
from manyi.web.settings.editing import TABS, attempt, saved, show_form
from manyi.web.zones import ZoneSelect, zones

MOST_LEVELS = 12
_PLAIN = ("language", "time_zone", "colour", "precision_n", "privacy_n")


class OrganisationForm(forms.Form):
    name__zh = forms.CharField(max_length=120, required=False, label=_("Name in Chinese"))
    name__en = forms.CharField(max_length=120, required=False, label=_("Name in English"))
    language = forms.ChoiceField(
        choices=[("zh-Hans", "简体中文"), ("en", "English")],
        label=_("Language"),
        help_text=_("In which surveys and mails are written where nothing else is chosen."),
    )
    time_zone = forms.ChoiceField(choices=zones, widget=ZoneSelect, label=_("Time zone"))
    colour = forms.CharField(
        max_length=7,
        label=_("Colour"),
        help_text=_("Buttons and marks of your surveys."),
        widget=forms.TextInput(attrs={"type": "color", "class": "form-control-color"}),
    )
    precision_n = forms.IntegerField(
        min_value=2,
        max_value=1000,
        label=_("Answers before a number is judged"),
        help_text=_("With fewer, pages say “too few to judge” instead of a number."),
    )
    privacy_n = forms.IntegerField(
        min_value=2,
        max_value=1000,
        label=_("Answers before a group is shown"),
        help_text=_("In anonymous surveys smaller groups are hidden to protect the people."),
    )

    def __init__(self, organisation: Organisation, data: Any = None) -> None:
        start = {name: getattr(organisation, name) for name in _PLAIN}
        super().__init__(data, initial=start | initial_name(organisation.name))
        self.levels = _level_rows(organisation, data)

    def values(self) -> dict[str, Any]:
        """Return what `change_organisation` takes."""
        given = {name: self.cleaned_data[name] for name in _PLAIN}
        levels = [row for row in self.levels if row["zh"] or row["en"]]
        names = [{"zh-Hans": row["zh"], "en": row["en"]} for row in levels]
        return given | {"name": local_name(self.cleaned_data), "level_names": names}


def _level_rows(organisation: Organisation, data: Any) -> list[dict[str, Any]]:
    """Return a row for each level and one to add another."""
    if data is not None:
        pairs = zip(data.getlist("level_zh"), data.getlist("level_en"), strict=False)
        rows = [{"zh": zh.strip()[:120], "en": en.strip()[:120]} for zh, en in pairs]
    else:
        names = organisation.level_names
        rows = [{"zh": n.get("zh-Hans", ""), "en": n.get("en", "")} for n in names]
        rows.append({"zh": "", "en": ""})
    return [row | {"n": n} for n, row in enumerate(rows[:MOST_LEVELS], 1)]


@page("organisation.edit")
def organisation(request: Any) -> HttpResponseBase:
    mine = request.member.organisation
    form = OrganisationForm(mine, request.POST if request.method == "POST" else None)

    def act(_cleaned: Any) -> None:
        actions.change_organisation(by=request.member, now=timezone.now(), **form.values())

    if saved(request, form, act, gettext("Saved.")):
        return redirect("organisation")
    return show_form(
        request,
        form,
        gettext("Organisation"),
        "",
        template="organisation",
        logo=picture(mine.logo),
    )


@page("organisation.edit")
@require_POST
def logo(request: Any) -> HttpResponseBase:
    """Take a new logo, or none."""
    sent = request.FILES.get("logo")
    if sent is None and "remove" not in request.POST:
        return attempt(request, lambda: None, gettext("No picture was chosen."), "organisation")

    def act() -> None:
        data = sent.read() if sent is not None else None
        actions.set_logo(by=request.member, picture=data, now=timezone.now())

    done = gettext("The logo is saved.") if sent else gettext("The logo is gone.")
    return attempt(request, act, done, "organisation")


@page("organisation.edit")
@require_POST
def logo_preview(request: Any) -> HttpResponse:
    """Show the picture as it would be kept, without keeping it."""
    sent = request.FILES.get("logo")
    context: dict[str, Any] = {}
    try:
        context["logo"] = picture(shrink(sent.read())) if sent else ""
    except Problem as problem:
        context["problem"] = sentences(problem)[0]
    return render(request, "web/settings/_logo.html", context)


def picture(data: bytes | None) -> str:
    """Return a logo as an address that holds it, or nothing."""
    if not data:
        return ""
    return f"data:{media_type(bytes(data))};base64,{b64encode(bytes(data)).decode()}"


@page("token.edit")
def settings(request: Any) -> HttpResponseBase:
    """Lead to the first settings page that the member may open."""
    first = next(name for name, _label, deed in TABS if may(request.member, deed))
    return redirect(first)
