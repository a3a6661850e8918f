from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "manyi.ui"
    label = "ui"
