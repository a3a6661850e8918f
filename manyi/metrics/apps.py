from django.apps import AppConfig


class MetricsConfig(AppConfig):
    name = "manyi.metrics"
    label = "metrics"
