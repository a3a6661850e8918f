"""The tree of indicators: seen with its numbers, and edited."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from manyi.kit.problems import NotFound
from manyi.metrics import actions
from manyi.metrics.models import Indicator
from manyi.web import downloads, filters
from manyi.web.indicators.forms import IndicatorForm, TargetForm, name_of
from manyi.web.indicators.one import columns, one_shown, part_of_one, rows
from manyi.web.indicators.shown import tree_shown
from manyi.web.pages import page
from manyi.web.settings.editing import attempt, saved


@page("metric.read")
def indicators(request: Any) -> HttpResponseBase:
    shown = tree_shown(request, filters.selection(request))
    return render(request, "web/indicators/tree.html", shown)


@page("indicator.edit")
def new_indicator(request: Any) -> HttpResponseBase:
    form = IndicatorForm(request.scope, None, request.POST or None)

    def add(_values: dict[str, Any]) -> Indicator:
        return actions.add_indicator(by=request.member, now=timezone.now(), **form.values())

    if saved(request, form, add, _("The indicator was added.")):
        return redirect("indicators")
    return _form(request, form, _("New indicator"), _("Add indicator"))


@page("metric.read")
def one_indicator(request: Any, pk: int) -> HttpResponseBase:
    """Show how an indicator is going, where, and what it is made of."""
    row, selection = _mine(request, pk), filters.selection(request)
    if downloads.wanted(request):
        return downloads.table_response(request, name_of(row), columns(), rows(row, selection))
    part = part_of_one(request, row, selection)
    return part or render(request, "web/indicators/one.html", one_shown(request, row, selection))


@page("indicator.edit")
def edit(request: Any, pk: int) -> HttpResponseBase:
    row = _mine(request, pk)
    form = IndicatorForm(request.scope, row, request.POST or None)

    def change(_values: dict[str, Any]) -> Indicator:
        now = timezone.now()
        return actions.change_indicator(row, by=request.member, now=now, **form.values())

    if saved(request, form, change, _("The indicator was changed.")):
        return _back(request, row)
    return _form(request, form, name_of(row), _("Save"), row=row, of=row)


@page("indicator.edit")
def target(request: Any, pk: int) -> HttpResponseBase:
    row = _mine(request, pk)
    form = TargetForm(request.scope, request.POST or None)

    def put(values: dict[str, Any]) -> Any:
        return actions.set_target(row, by=request.member, now=timezone.now(), **values)

    if saved(request, form, put, _("The target was set.")):
        return _back(request, row)
    heading = _("Target: %(name)s") % {"name": name_of(row)}
    return _form(request, form, heading, _("Set target"), of=row)


@require_POST
@page("indicator.edit")
def remove_target(request: Any, pk: int, target: int) -> HttpResponseBase:
    row = _mine(request, pk)
    found = row.targets.filter(pk=target).first()
    if found is None:
        raise NotFound("not_found")
    return attempt(
        request,
        lambda: actions.remove_target(found, by=request.member, now=timezone.now()),
        _("The target was removed."),
        reverse("indicators-one", args=[pk]) + filters.carried(request),
    )


@require_POST
@page("indicator.edit")
def remove(request: Any, pk: int) -> HttpResponseBase:
    row = _mine(request, pk)
    gone = _("The indicator was removed; answers are not touched.")
    return attempt(
        request,
        lambda: actions.remove_indicator(row, by=request.member, now=timezone.now()),
        gone,
        reverse("indicators"),
    )


@require_POST
@page("indicator.edit")
def usual(request: Any) -> HttpResponseBase:
    done = _("Satisfaction, NPS and effort were added.")
    organisation = request.member.organisation
    return attempt(
        request, lambda: actions.give_defaults(organisation), done, reverse("indicators")
    )


def _mine(request: Any, pk: int) -> Indicator:
    mine = Indicator.objects.filter(organisation_id=request.scope.organisation_id)
    row = mine.filter(pk=pk).first()
    if row is None:
        raise NotFound("not_found")
    return row


def _back(request: Any, row: Indicator) -> HttpResponseBase:
    return redirect(reverse("indicators-one", args=[row.pk]) + filters.carried(request))


def _form(request: Any, form: Any, title: Any, act: Any, **context: Any) -> HttpResponseBase:
    shown = {"form": form, "heading": title, "act": act, **context}
    status = 422 if form.errors else 200
    return render(request, "web/indicators/form.html", shown, status=status)
