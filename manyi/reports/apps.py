from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "manyi.reports"
    label = "reports"
