"""The addresses of what customers speak of."""

from __future__ import annotations

from tests.web.urls_table import Row

ROWS = {
    "themes": Row("metric.read"),
    "themes-intents": Row("metric.read"),
    "themes-units": Row("metric.read"),
    "themes-words": Row("feedback.read"),
    "themes-taxonomy": Row("organisation.edit"),
}
