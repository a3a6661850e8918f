from django.apps import AppConfig
from django.conf import settings

from manyi.text import accurate


class FeedbackConfig(AppConfig):
    name = "manyi.feedback"
    label = "feedback"

    def ready(self) -> None:
        accurate.prefer(settings.TEXT_TIER)
