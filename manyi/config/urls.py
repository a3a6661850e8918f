"""Every address of the installation, by face."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("manyi.respond.urls")),
    path("", include("manyi.api.urls")),
    path("", include("manyi.web.urls")),
]
handler400 = "manyi.web.errors.bad_request"
handler403 = "manyi.web.errors.forbidden"
handler404 = "manyi.web.errors.not_found"
handler500 = "manyi.web.errors.server_error"
