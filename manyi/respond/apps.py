from django.apps import AppConfig


class RespondConfig(AppConfig):
    name = "manyi.respond"
    label = "respond"
