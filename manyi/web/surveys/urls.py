"""Addresses of surveys."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from manyi.web.surveys import lists, one, sharing

urlpatterns: list[URLPattern | URLResolver] = [
    path("surveys/", lists.surveys, name="surveys"),
    path("surveys/new/", lists.gallery, name="surveys-new"),
    path("surveys/new/file/", lists.from_file, name="surveys-file"),
    path("surveys/new/<slug:name>/", lists.from_template, name="surveys-template"),
    path("surveys/<slug:code>/", one.settings, name="surveys-one"),
    path("surveys/<slug:code>/preview/", one.preview, name="surveys-preview"),
    path("surveys/<slug:code>/share/", sharing.share, name="surveys-share"),
    path("surveys/<slug:code>/sheet/", sharing.sheet, name="surveys-sheet"),
    path("surveys/<slug:code>/versions/", one.versions, name="surveys-versions"),
    path("surveys/<slug:code>/definition.json", one.definition, name="surveys-definition"),
    re_path(
        r"^surveys/(?P<code>[\w-]+)/(?P<deed>publish|close|reopen|duplicate|delete)/$",
        one.act,
        name="surveys-act",
    ),
]
