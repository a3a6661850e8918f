"""The addresses of what customers speak of."""

from __future__ import annotations

from tests.web.urls_table import Row

ROWS = {
    "api/v1/text/themes": Row(api=True),
    "api/v1/text/changes": Row(api=True),
    "api/v1/text/similar": Row(api=True),
    "api/v1/text/taxonomy": Row(api=True),
    "api/v1/feedback/<record>/findings": Row(api=True, alice=lambda w: [w.record.pk]),
    "api/v1/feedback/<record>/corrections": Row(api=True, alice=lambda w: [w.record.pk]),
    "api/v1/text/learning": Row(api=True),
    "themes": Row("metric.read"),
    "themes-intents": Row("metric.read"),
    "themes-units": Row("metric.read"),
    "themes-changes": Row("metric.read"),
    "themes-words": Row("feedback.read"),
    "themes-taxonomy": Row("organisation.edit"),
    "themes-learning": Row("organisation.edit"),
    "themes-learning-act": Row("organisation.edit", post=True),
}
