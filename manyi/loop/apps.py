from django.apps import AppConfig


class LoopConfig(AppConfig):
    name = "manyi.loop"
    label = "loop"
