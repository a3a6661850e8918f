"""The tree of units: grown, renamed, moved, closed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from django import forms
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from manyi.accounts import actions
from manyi.accounts.models import Organisation, Unit
from manyi.accounts.permissions import may
from manyi.accounts.queries import Branch, level_name, tree
from manyi.kit.problems import NotFound
from manyi.web.context import language
from manyi.web.downloads import Column, choices, table_response, wanted
from manyi.web.forms import initial_name, local_name
from manyi.web.listing import Head, Listing
from manyi.web.pages import page
from manyi.web.settings.editing import attempt, saved, show_form, show_page
from manyi.web.settings.fields import NamedForm, UnitField
from manyi.web.zones import ZoneSelect, zones

HEADS = (
    Head("name", _("Name"), sorts=True, fixed=True),
    Head("level", _("Level"), sorts=True),
    Head("code", _("Code"), sorts=True),
    Head("size", _("Size"), "num", sorts=True),
    Head("zone", _("Time zone"), at_first=False),
)
WHOLE_TREE = 200
MOST_FOUND = 200


class UnitForm(NamedForm):
    size = forms.FloatField(
        required=False,
        min_value=0,
        label=_("Size"),
        help_text=_("Households, seats or revenue: how much the unit weighs in totals."),
    )
    time_zone = forms.ChoiceField(required=False, widget=ZoneSelect, label=_("Time zone"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        same = ("", _("As the organisation"))
        self.fields["time_zone"].choices = [same, *zones()]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        given = {key: self.cleaned_data[key] for key in ("code", "size", "time_zone")}
        return given | {"name": local_name(self.cleaned_data)}


class MoveForm(forms.Form):
    def __init__(self, request: Any, unit: Unit, data: Any = None) -> None:
        parent = unit.parent.code if unit.parent else ""
        super().__init__(data, initial={"parent": parent})
        self.fields["parent"] = UnitField(
            request.scope, label=_("Below"), nothing=_("At the top"), without=unit.path
        )


@page("unit.read")
def units(request: Any) -> HttpResponseBase:
    """List the tree: whole where it is small, else branch by branch."""
    branches = tree(request.scope)
    if wanted(request):
        return table_response(request, gettext("Units"), _columns(), _lines(request, branches))
    below, words = request.GET.get("below", ""), request.GET.get("q", "").strip()[:80]
    listing = Listing(request, "units", HEADS)
    shown = _shown(branches, words, below, flat=listing.is_sorted)
    most = MOST_FOUND if words or listing.is_sorted else None
    rows = _rows(request, listing.in_order(shown, _KEYS)[:most])
    context = {
        "rows": rows,
        "list": listing,
        "cut": listing.is_sorted and len(branches) > MOST_FOUND,
        "query": words,
        "total": len(branches),
        "may_edit": may(request.member, "unit.edit"),
        "untabbed": True,
        "downloads": choices(request),
    }
    if below:
        return render(request, "web/settings/_unit_rows.html", context)
    return show_page(request, "units", **context)


# A row's place in a sorted list; the tree itself needs none.
_KEYS: dict[str, Callable[[tuple[Branch, bool]], Any]] = {
    "name": lambda row: row[0].unit.name_in(language()).lower(),
    "level": lambda row: row[0].unit.depth,
    "code": lambda row: row[0].unit.code.lower(),
    "size": lambda row: row[0].unit.size,
}


def _shown(
    branches: list[Branch], words: str, below: str, *, flat: bool = False
) -> Iterable[tuple[Branch, bool]]:
    """Return branches, each with whether its children are still to be fetched."""
    if below:
        return [(b, b.has_children) for b in branches if str(b.unit.parent_id) == below]
    if words or flat:
        found = [replace(b, level=0) if flat else b for b in branches]
        return [(b, False) for b in found if _matches(b.unit, words.lower())]
    if len(branches) <= WHOLE_TREE:
        return [(b, False) for b in branches]
    return [(b, b.has_children) for b in branches if b.level == 0]


def _matches(unit: Unit, words: str) -> bool:
    return words in unit.code.lower() or any(words in n.lower() for n in unit.name.values())


def _rows(request: Any, shown: Iterable[tuple[Branch, bool]]) -> list[dict[str, Any]]:
    mine = request.member.organisation
    return [
        {
            "unit": b.unit,
            "name": b.unit.name_in(language()),
            "depth": min(b.level, 8),
            "level": level_name(mine, b.unit.depth, language()),
            "child": _child(mine, b.unit.depth + 1),
            "more": more,
        }
        for b, more in shown
    ]


def _child(mine: Organisation, depth: int) -> str:
    """Return what a unit at `depth` is called; below the named levels simply a sub-unit."""
    named = depth < len(mine.level_names)
    return level_name(mine, depth, language()) if named else gettext("Sub-unit")


def _columns() -> list[Column]:
    return [
        Column("code", gettext("Code"), "code"),
        Column("parent", gettext("Below"), "code"),
        Column("zh", gettext("Name in Chinese")),
        Column("en", gettext("Name in English")),
        Column("level", gettext("Level")),
        Column("size", gettext("Size"), "number"),
        Column("closed", gettext("Closed on"), "date"),
    ]


def _lines(request: Any, branches: list[Branch]) -> Iterable[dict[str, Any]]:
    codes = {b.unit.pk: b.unit.code for b in branches}
    for unit in (b.unit for b in branches):
        yield {
            "code": unit.code,
            "parent": codes.get(unit.parent_id or 0, ""),
            "zh": unit.name.get("zh-Hans", ""),
            "en": unit.name.get("en", ""),
            "level": level_name(request.member.organisation, unit.depth, language()),
            "size": unit.size,
            "closed": timezone.localdate(unit.closed_at) if unit.closed_at else None,
        }


def _unit(request: Any, pk: int) -> Unit:
    unit = Unit.objects.visible_to(request.scope).select_related("parent").filter(pk=pk).first()
    if unit is None:
        raise NotFound("not_found")
    return unit


def _id(digits: str) -> int:
    """Return the number of a unit, that of none where there are more digits than any has."""
    return int(digits) if len(digits) < 19 else 0


@page("unit.edit")
def new_unit(request: Any) -> HttpResponseBase:
    """Add a unit below `?below=` or at the top."""
    below = request.GET.get("below", "")
    parent = _unit(request, _id(below)) if below.isdecimal() else None
    form = UnitForm(request.POST or None)

    def act(_cleaned: Any) -> None:
        actions.add_unit(by=request.member, parent=parent, now=timezone.now(), **form.values())

    if saved(request, form, act, gettext("The unit is added.")):
        return redirect("units")
    depth = parent.depth + 1 if parent else 0
    level = _child(request.member.organisation, depth)
    title = gettext("New unit: %(level)s") % {"level": level}
    where = parent.name_in(language()) if parent else ""
    return show_form(request, form, title, reverse("units"), where=where, act=gettext("Add unit"))


@page("unit.edit")
def one_unit(request: Any, pk: int) -> HttpResponseBase:
    unit = _unit(request, pk)
    start = {"code": unit.code, "size": unit.size, "time_zone": unit.time_zone}
    form = UnitForm(request.POST or None, initial=start | initial_name(unit.name))

    def act(_cleaned: Any) -> None:
        actions.change_unit(by=request.member, unit=unit, now=timezone.now(), **form.values())

    if saved(request, form, act, gettext("Saved.")):
        return redirect("units")
    title = Unit.objects.get(pk=pk).name_in(language())
    return show_form(
        request, form, title, reverse("units"), template="unit", unit=unit,
        move=MoveForm(request, unit),
    )  # fmt: skip


@page("unit.edit")
@require_POST
def act_on_unit(request: Any, pk: int, deed: str) -> HttpResponseBase:
    """Close, reopen, remove or move the unit."""
    unit, now = _unit(request, pk), timezone.now()
    here = reverse("units-one", args=[pk])
    if deed == "move":
        return _move(request, unit, here)
    deeds = {
        "close": (actions.close_unit, gettext("Closed."), here),
        "reopen": (actions.reopen_unit, gettext("Open again."), here),
        "remove": (actions.remove_unit, gettext("Removed."), reverse("units")),
    }
    act, done, after = deeds[deed]
    response = attempt(request, lambda: act(by=request.member, unit=unit, now=now), done, after)
    still_there = Unit.objects.filter(pk=pk).exists()
    return redirect(here) if deed == "remove" and still_there else response


def _move(request: Any, unit: Unit, here: str) -> HttpResponseBase:
    form = MoveForm(request, unit, request.POST)
    if not form.is_valid():
        raise NotFound("unit.not_found", value=request.POST.get("parent", "")[:60])

    def act() -> None:
        actions.move_unit(
            by=request.member, unit=unit, parent=form.cleaned_data["parent"], now=timezone.now()
        )

    return attempt(request, act, gettext("Moved."), here)
