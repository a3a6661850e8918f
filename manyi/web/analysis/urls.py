"""Addresses of the analyses."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from manyi.web.analysis import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("analysis/", views.analysis, name="analysis"),
    path("analysis/explain/", views.explain, name="analysis-explain"),
    path("analysis/segments/", views.segments, name="analysis-segments"),
    path("analysis/weighting/", views.weighting, name="analysis-weighting"),
    path("analysis/weighting/<slug:code>/", views.weighting_save, name="analysis-weighting-save"),
    path("analysis/weighting/<slug:code>/use/", views.weighting_use, name="analysis-weighting-use"),
    path(
        "analysis/weighting/<slug:code>/stop/",
        views.weighting_release,
        name="analysis-weighting-release",
    ),
    path("analysis/reliability/", views.reliability, name="analysis-reliability"),
    path("analysis/quality/", views.quality, name="analysis-quality"),
    path("analysis/quality/<slug:code>/", views.quality_use, name="analysis-quality-use"),
    path("analysis/kano/", views.kano_model, name="analysis-kano"),
    path("analysis/servqual/", views.servqual_gaps, name="analysis-servqual"),
    path("analysis/index/", views.satisfaction_index, name="analysis-index"),
    path("analysis/response/", views.response_rates, name="analysis-response"),
    path("analysis/response/<slug:code>/", views.response_save, name="analysis-response-save"),
    path("analysis/sample-size/", views.sample_size, name="analysis-sample-size"),
    path("analysis/drivers/", views.drivers, name="analysis-drivers"),
    path("analysis/drivers/trees/", views.trees, name="analysis-trees"),
    path("analysis/churn/", views.churn, name="analysis-churn"),
]
