"""What a customer tells a colleague: yes or no to a purpose, no more to a phone or address."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from manyi.customers import actions
from manyi.web.customers.one import visible
from manyi.web.pages import page
from manyi.web.settings.editing import attempt


@page("customer.edit")
@require_POST
def consent(request: Any, pk: int) -> HttpResponseBase:
    """Note yes or no to a purpose, as the customer told a colleague."""
    found = visible(request, pk)
    purpose = request.POST.get("purpose", "")
    granted = request.POST.get("granted") == "yes"
    return attempt(
        request,
        lambda: actions.note_consent(
            by=request.member,
            customer=found,
            purpose=purpose,
            is_granted=granted,
            now=timezone.now(),
        ),
        gettext("Noted."),
        reverse("customers-one", args=[pk]),
    )


@page("customer.edit")
@require_POST
def contact(request: Any, pk: int, identity: int) -> HttpResponseBase:
    """Stop writing to a phone or address, or allow it again."""
    one = get_object_or_404(visible(request, pk).identities, pk=identity)
    now, by = timezone.now(), request.member
    if request.POST.get("allow"):
        done = gettext("They may be written to again.")
        lift = {"kind": one.kind, "value": one.value}
        return attempt(
            request,
            lambda: actions.lift_suppression(by=by, now=now, **lift),
            done,
            reverse("customers-one", args=[pk]),
        )
    return attempt(
        request,
        lambda: actions.stop_contact(by=by, identity=one, now=now),
        gettext("Nothing is sent there any more."),
        reverse("customers-one", args=[pk]),
    )
