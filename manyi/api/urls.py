"""Addresses of this face: `/api/v1/` and the two that watch over the installation."""

from django.urls import URLPattern, URLResolver, path

from manyi.api import (
    analysis,
    analysis_groups,
    analysis_models,
    analysis_response,
    analysis_scales,
    analysis_trees,
    audit,
    backups,
    checks,
    corrections,
    customers,
    feedback,
    health,
    imports,
    indicators,
    members,
    metrics,
    outside,
    places,
    populations,
    privacy,
    standard,
    surveys,
    talks,
    text,
)
from manyi.api.app import api

for _prefix, _router in {
    "/feedback": feedback.router,
    "/surveys": surveys.router,
    "/metrics": metrics.router,
    "/indicators": indicators.router,
    "/analysis": analysis.router,
    "/customers": customers.router,
    "/units": places.units,
    "/touchpoints": places.touchpoints,
    "/populations": populations.router,
    "/imports": imports.router,
    "/members": members.router,
    "/privacy": privacy.router,
    "/audit": audit.router,
    "/backups": backups.router,
}.items():
    api.add_router(_prefix, _router)

for _router in (
    analysis_groups.router,
    analysis_models.router,
    analysis_trees.router,
    analysis_response.router,
    analysis_scales.router,
):
    api.add_router("/analysis", _router)
api.add_router("/surveys", analysis_response.ends_router)
api.add_router("/surveys", analysis_scales.switches)

api.add_router("/text", text.router)
api.add_router("/feedback", text.of_records)
api.add_router("/text", corrections.router)
api.add_router("/feedback", corrections.of_records)
api.add_router("/text", talks.router)
api.add_router("/text", standard.router)
api.add_router("/text", outside.router)
api.add_router("/text", checks.router)
api.add_router("/feedback", talks.of_records)

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]
