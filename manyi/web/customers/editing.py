"""Adding a customer, and correcting one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from manyi.customers import actions
from manyi.customers.models import Customer
from manyi.web.customers.one import visible
from manyi.web.forms import LANGUAGE_NAMES
from manyi.web.pages import page
from manyi.web.settings.editing import attempt, saved
from manyi.web.settings.fields import UnitField


class CustomerForm(forms.Form):
    ref = forms.CharField(
        required=False,
        max_length=120,
        label=_("Customer number"),
        help_text=_("As in your other systems; it joins what they send later."),
    )
    name = forms.CharField(
        required=False, max_length=100, label=pgettext_lazy("of a person", "Name")
    )
    phone = forms.CharField(required=False, max_length=30, label=_("Phone"))
    email = forms.CharField(required=False, max_length=254, label=_("E-mail"))
    language = forms.ChoiceField(
        required=False, choices=[("", "—"), *LANGUAGE_NAMES.items()], label=_("Language")
    )
    room = forms.CharField(
        required=False, max_length=60, label=_("Room"), help_text=_("For example 3-1201.")
    )
    relation = forms.CharField(
        required=False, max_length=40, label=_("Relation"), help_text=_("Owner, tenant, member …")
    )

    def __init__(self, request: Any, initial: dict[str, Any] | None = None) -> None:
        super().__init__(request.POST or None, initial=initial)
        self.fields["unit"] = UnitField(request.scope, nothing=_("None"), label=_("Belongs to"))
        if initial and initial.get("ref"):
            self.fields["ref"].disabled = True

    def given(self) -> dict[str, Any]:
        """Return what was typed as the action takes it; an empty field changes nothing."""
        found = {k: v for k, v in self.cleaned_data.items() if v not in ("", None)}
        if "unit" in found:
            found["unit"] = found["unit"].code
        else:
            found = {k: v for k, v in found.items() if k not in ("room", "relation")}
        return found


@page("customer.edit")
def new_customer(request: Any) -> HttpResponseBase:
    """Add a customer; one whose number, phone or e-mail is known is brought up to date."""
    form = CustomerForm(request)
    made: list[int] = []

    def act(_cleaned: Any) -> None:
        made.append(actions.put(by=request.member, given=form.given(), now=timezone.now())[0])

    if saved(request, form, act, gettext("Saved.")):
        return redirect("customers-one", made[0])
    return _show(request, form, gettext("New customer"), reverse("customers"))


@page("customer.edit")
def edit_customer(request: Any, pk: int) -> HttpResponseBase:
    """Correct name and language, add a phone, an address or a place."""
    found = visible(request, pk)
    form = CustomerForm(request, _initial(found))

    def act(_cleaned: Any) -> None:
        _change(request, found, form.given())

    here = reverse("customers-one", args=[pk])
    if saved(request, form, act, gettext("Saved.")):
        return redirect(here)
    return _show(request, form, gettext("Edit customer"), here, customer=found)


def _initial(c: Customer) -> dict[str, Any]:
    known: dict[str, str] = {}
    for one in c.identities.all():
        known.setdefault(one.kind, one.value)
    kept = {kind: known.get(kind, "") for kind in ("phone", "email")}
    return {"ref": c.ref or "", "name": c.name, "language": c.language, **kept}


def _change(request: Any, c: Customer, given: dict[str, Any]) -> None:
    """Store what was typed with this very customer, whatever phone was typed.

    The store knows customers by number first. One without gets it in a first step, under an
    identity they have, so that a new phone makes no second customer.
    """
    now = timezone.now()
    if c.ref is None:
        one = c.identities.first()
        ref = given.get("ref") or f"M-{c.pk}"
        given = {**given, "ref": ref}
        if one is not None:
            actions.put(by=request.member, given={"ref": ref, one.kind: one.value}, now=now)
    else:
        given = {**given, "ref": c.ref}
    actions.put(by=request.member, given=given, now=now)


def _show(
    request: Any, form: CustomerForm, heading: str, back: str, **context: Any
) -> HttpResponseBase:
    shown = {"form": form, "heading": heading, "back": back, **context}
    status = 422 if form.errors else 200
    return render(request, "web/customers/form.html", shown, status=status)


@page("customer.edit")
@require_POST
def remove_identity(request: Any, pk: int, identity: int) -> HttpResponseBase:
    """Take a wrong phone or address away."""
    one = get_object_or_404(visible(request, pk).identities, pk=identity)
    return attempt(
        request,
        lambda: actions.remove_identity(by=request.member, identity=one, now=timezone.now()),
        gettext("Removed."),
        reverse("customers-one", args=[pk]),
    )


@page("customer.edit")
@require_POST
def remove_place(request: Any, pk: int, place: int) -> HttpResponseBase:
    """End the customer's belonging to a unit."""
    one = get_object_or_404(visible(request, pk).places, pk=place)
    return attempt(
        request,
        lambda: actions.remove_place(by=request.member, place=one, now=timezone.now()),
        gettext("Removed."),
        reverse("customers-one", args=[pk]),
    )
