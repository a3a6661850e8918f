"""Addresses of imports and of large exports."""

from django.urls import path

from manyi.web.imports import exports, mapping, views

urlpatterns = [
    path("imports/", views.index, name="imports"),
    path("imports/new/", views.new, name="imports-new"),
    path("imports/templates/<slug:what>.xlsx", views.template, name="imports-template"),
    path("imports/<int:pk>/", views.one, name="imports-one"),
    path("imports/<int:pk>/progress/", views.progress, name="imports-progress"),
    path("imports/<int:pk>/problems/", views.problems, name="imports-problems"),
    path("imports/<int:pk>/cancel/", views.cancel, name="imports-cancel"),
    path("imports/<int:pk>/resume/", views.resume, name="imports-resume"),
    path("imports/<int:pk>/passwords/", views.passwords, name="imports-passwords"),
    path("imports/<int:pk>/mapping/", mapping.save, name="imports-mapping"),
    path("imports/<int:pk>/preview/", mapping.preview, name="imports-preview"),
    path("imports/<int:pk>/column/<int:n>/", mapping.column, name="imports-column"),
    path("imports/<int:pk>/sheet/", mapping.sheet, name="imports-sheet"),
    path("imports/<int:pk>/units/", mapping.units, name="imports-units"),
    path("exports/", exports.new, name="imports-export"),
    path("exports/<int:pk>/", exports.one, name="imports-export-one"),
    path("exports/<int:pk>/progress/", exports.progress, name="imports-export-progress"),
    path("exports/<int:pk>/file/", exports.file, name="imports-export-file"),
]
