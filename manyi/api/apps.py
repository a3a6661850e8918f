from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "manyi.api"
    label = "api"

    def ready(self) -> None:
        from manyi.api import auth

        auth.watch()
