"""Addresses of this face."""

from django.urls import URLPattern, URLResolver, path

from manyi.respond import views

app_name = "respond"
urlpatterns: list[URLPattern | URLResolver] = [
    path("s/<slug:code>/", views.survey, name="survey"),
    path("s/<slug:code>/embed.js", views.embed, name="embed"),
    path("s/<slug:code>/qr.svg", views.qr_svg, name="qr_svg"),
    path("s/<slug:code>/qr.png", views.qr_png, name="qr_png"),
    path("s/<slug:code>/logo", views.logo, name="logo"),
]
