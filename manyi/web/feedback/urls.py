"""Addresses of feedback."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from manyi.web.feedback import correcting, inbox, one, scorecards, standard, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("feedback/", inbox.feedback, name="feedback"),
    path("feedback/new/", inbox.arrived, name="feedback-new"),
    path("feedback/views/", views.save, name="feedback-views"),
    path("feedback/views/<int:pk>/drop/", views.drop, name="feedback-views-drop"),
    path("feedback/standard/", standard.edit, name="feedback-standard"),
    path("feedback/standard/try/", standard.attempt, name="feedback-standard-try"),
    path("feedback/talks/", scorecards.cards, name="feedback-talks"),
    path("feedback/talks/<path:code>/", scorecards.card, name="feedback-talks-one"),
    path("feedback/<int:pk>/", one.record, name="feedback-one"),
    path("feedback/<int:pk>/similar/", one.alike, name="feedback-similar"),
    path("feedback/<int:pk>/tag/", one.tag, name="feedback-tag"),
    path("feedback/<int:pk>/untag/", one.untag, name="feedback-untag"),
    path("feedback/<int:pk>/correct/", correcting.correct, name="feedback-correct"),
    path("feedback/<int:pk>/uncorrect/", correcting.uncorrect, name="feedback-uncorrect"),
]
