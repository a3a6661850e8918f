"""Addresses of customers."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from manyi.web.customers import asking, editing, lists, one

urlpatterns: list[URLPattern | URLResolver] = [
    path("customers/", lists.customers, name="customers"),
    path("customers/new/", editing.new_customer, name="customers-new"),
    path("customers/<int:pk>/", one.customer, name="customers-one"),
    path("customers/<int:pk>/edit/", editing.edit_customer, name="customers-edit"),
    path("customers/<int:pk>/data/", one.data, name="customers-data"),
    path("customers/<int:pk>/erase/", one.erase, name="customers-erase"),
    path(
        "customers/<int:pk>/identity/<int:identity>/remove/",
        editing.remove_identity,
        name="customers-identity",
    ),
    path("customers/<int:pk>/consent/", asking.consent, name="customers-consent"),
    path(
        "customers/<int:pk>/identity/<int:identity>/contact/",
        asking.contact,
        name="customers-contact",
    ),
    path(
        "customers/<int:pk>/place/<int:place>/remove/",
        editing.remove_place,
        name="customers-place",
    ),
]
