"""The addresses of the analyses."""

from __future__ import annotations

from tests.web.urls_table import Row, World, code

API = "api/v1/analysis/"


def a_survey(world: World) -> list[object]:
    """Publish a survey, since an analysis is of one."""
    _ = world.survey
    return []


ROWS = {
    "analysis": Row("metric.read"),
    "analysis-drivers": Row("metric.read", alice=a_survey),
    "analysis-trees": Row("metric.read", alice=a_survey),
    f"{API}trees": Row("metric.read", api=True, fine=(200, 422)),
    "analysis-churn": Row("metric.read", alice=a_survey),
    f"{API}churn": Row("metric.read", api=True, fine=(200, 422)),
    "analysis-explain": Row("metric.read", alice=a_survey),
    f"{API}explain": Row("metric.read", api=True, fine=(200, 422)),
    "analysis-segments": Row("metric.read", alice=a_survey),
    f"{API}segments": Row("metric.read", api=True, fine=(200, 422)),
    "analysis-weighting": Row("metric.read", alice=a_survey),
    "analysis-weighting-save": Row("survey.edit", alice=code, post=True),
    "analysis-weighting-use": Row("survey.edit", alice=code, post=True),
    "analysis-weighting-release": Row("survey.edit", alice=code, post=True),
    f"{API}weighting": Row("metric.read", api=True, fine=(200, 422)),
    "analysis-reliability": Row("metric.read", alice=a_survey),
    f"{API}reliability": Row("metric.read", api=True, fine=(200, 422)),
    "analysis-response": Row("metric.read", alice=a_survey),
    "analysis-response-save": Row("survey.edit", alice=code, post=True),
    "api/v1/surveys/<survey>/dispositions": Row(api=True, alice=code),
    "api/v1/surveys/<survey>/flagged": Row(api=True, alice=code),
    f"{API}response-rates": Row("metric.read", api=True, fine=(200, 422)),
    "analysis-sample-size": Row("metric.read"),
    f"{API}sample-size": Row("metric.read", api=True, shared=True),
    "analysis-quality": Row("metric.read", alice=a_survey),
    "analysis-quality-use": Row("survey.edit", alice=code, post=True),
    f"{API}quality": Row("metric.read", api=True, fine=(200, 422)),
    "analysis-kano": Row("metric.read", alice=a_survey),
    f"{API}kano": Row("metric.read", api=True, fine=(200, 422)),
    "analysis-servqual": Row("metric.read", alice=a_survey),
    f"{API}servqual": Row("metric.read", api=True, fine=(200, 422)),
    "analysis-index": Row("metric.read", alice=a_survey),
    f"{API}index": Row("metric.read", api=True, fine=(200, 422)),
    f"{API}drivers": Row("metric.read", api=True, fine=(200, 422)),
}
