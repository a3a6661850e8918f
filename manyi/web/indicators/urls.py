"""Addresses of the tree of indicators."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from manyi.web.indicators import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("indicators/", views.indicators, name="indicators"),
    path("indicators/new/", views.new_indicator, name="indicators-new"),
    path("indicators/usual/", views.usual, name="indicators-usual"),
    path("indicators/<int:pk>/", views.one_indicator, name="indicators-one"),
    path("indicators/<int:pk>/edit/", views.edit, name="indicators-edit"),
    path("indicators/<int:pk>/target/", views.target, name="indicators-target"),
    path(
        "indicators/<int:pk>/target/<int:target>/remove/",
        views.remove_target,
        name="indicators-target-remove",
    ),
    path("indicators/<int:pk>/remove/", views.remove, name="indicators-remove"),
]
