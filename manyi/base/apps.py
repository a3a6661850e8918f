from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "manyi.base"
    label = "base"
