from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "manyi.api"
    label = "api"
