"""Addresses of what customers speak of."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from manyi.web.themes import checking, editing, feelings, learning, summary, unnamed, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("themes/", views.themes, name="themes"),
    path("themes/intents/", views.intents, name="themes-intents"),
    path("themes/emotions/", feelings.feelings, name="themes-emotions"),
    path("themes/units/", views.units, name="themes-units"),
    path("themes/changes/", views.changes, name="themes-changes"),
    path("themes/words/", views.words, name="themes-words"),
    path("themes/unnamed/", unnamed.unnamed, name="themes-unnamed"),
    path("themes/unnamed/among/", unnamed.choose, name="themes-unnamed-among"),
    path("themes/unnamed/<int:number>/", unnamed.one, name="themes-unnamed-one"),
    path("themes/summary/", summary.summary, name="themes-summary"),
    path("themes/summary/ask/", summary.ask, name="themes-summary-ask"),
    path("themes/taxonomy/", editing.edit, name="themes-taxonomy"),
    path("themes/taxonomy/try/", editing.attempt, name="themes-taxonomy-try"),
    path("themes/checking/", checking.check, name="themes-checking"),
    path("themes/checking/act/", checking.act, name="themes-checking-act"),
    path("themes/learning/", learning.learnt, name="themes-learning"),
    path("themes/learning/act/", learning.act, name="themes-learning-act"),
]
