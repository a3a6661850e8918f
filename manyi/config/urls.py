"""Every address of the installation, by face."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("manyi.respond.urls")),
    path("", include("manyi.api.urls")),
    path("", include("manyi.web.urls")),
]
