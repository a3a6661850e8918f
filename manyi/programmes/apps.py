from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    name = "manyi.programmes"
    label = "programmes"
