"""One customer: how to reach them, where they belong, what they agreed to, all they said."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext, pgettext
from django.views.decorators.http import require_POST

from manyi.accounts.permissions import may
from manyi.customers import actions, queries
from manyi.customers.models import Customer, Identity
from manyi.feedback.queries import customers_heard, of_customer
from manyi.upkeep import held
from manyi.web.context import language
from manyi.web.feedback import cards
from manyi.web.forms import LANGUAGE_NAMES
from manyi.web.pages import page
from manyi.web.settings.editing import attempt

MOST_SHOWN = 100


def visible(request: Any, pk: int) -> Customer:
    """Return the customer, NotFound where the member may not know them."""
    return queries.customer_by_id(request.scope, pk, customers_heard(request.scope))


@page("customer.read")
def customer(request: Any, pk: int) -> HttpResponseBase:
    """Show a customer with every voice that the member sees."""
    found = visible(request, pk)
    voices = of_customer(request.scope, found.pk)
    identities = list(found.identities.all())
    silent = stopped(found, identities)
    context = {
        "customer": found,
        "heading": found.name or found.ref or gettext("Without a name"),
        "identities": [
            (one, kind_name(one.kind), (one.kind, one.value) in silent) for one in identities
        ],
        "asked": asked(found),
        "language_name": LANGUAGE_NAMES.get(found.language, found.language),
        "attributes": sorted(found.attributes.items()),
        "places": [p for p in found.places.all() if _sees(request, p.unit_id)],
        "consents": queries.consents(found)[:50],
        "rows": cards.rows(request.scope, list(voices[:MOST_SHOWN]), ""),
        "total": voices.count(),
        "limit": MOST_SHOWN,
        "erasure": queries.open_erasures().filter(customer_id_value=found.pk).first(),
        "may_edit": may(request.member, "customer.edit"),
        "may_erase": may(request.member, "customer.erase"),
        "here": language(),
    }
    return render(request, "web/customers/customer.html", context)


def _sees(request: Any, unit_id: int) -> bool:
    return request.scope.unit_ids is None or unit_id in request.scope.unit_ids


def asked(customer: Customer) -> list[dict[str, Any]]:
    """Return each purpose with the customer's last word on it, the usual ones always."""
    said = queries.agreed(customer)
    usual = dict.fromkeys(("feedback", "marketing"))
    return [
        {"purpose": purpose, "name": purpose_name(purpose), "is_granted": granted}
        for purpose, granted in {**usual, **said}.items()
    ]


def purpose_name(purpose: str) -> str:
    """Return what a purpose is called; one of the organisation's own is called as it was given."""
    names = {
        "feedback": pgettext("a purpose", "Surveys and follow-up"),
        "marketing": pgettext("a purpose", "Offers and news"),
    }
    return names.get(purpose, purpose)


def stopped(customer: Customer, identities: list[Identity]) -> set[tuple[str, str]]:
    """Return by which phones and addresses the customer must not be written to."""
    pairs = [(one.kind, one.value) for one in identities]
    return queries.suppressed(customer.organisation_id, pairs)


def kind_name(kind: str) -> str:
    """Return what an identity is called."""
    names = {
        "phone": gettext("Phone"),
        "email": gettext("E-mail"),
        "openid": pgettext("an identity", "WeChat openid"),
        "unionid": pgettext("an identity", "WeChat unionid"),
    }
    return names.get(kind, kind)


@page("customer.edit")
@require_POST
def data(request: Any, pk: int) -> HttpResponseBase:
    """Send all that is known about a customer as one JSON file, and keep who took it."""
    found = visible(request, pk)
    now = timezone.now()
    made = held.hand_out(by=request.member, scope=request.scope, customer=found, now=now)
    response = JsonResponse(made, json_dumps_params={"ensure_ascii": False, "indent": 2})
    name = f"customer-{found.pk}.json"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


@page("customer.erase")
@require_POST
def erase(request: Any, pk: int) -> HttpResponseBase:
    """Ask that the customer be forgotten everywhere."""
    found = visible(request, pk)
    return attempt(
        request,
        lambda: actions.request_erasure(by=request.member, customer=found, now=timezone.now()),
        gettext("Noted. Name, phone and every link to their voices are being erased."),
        reverse("customers-one", args=[pk]),
    )
