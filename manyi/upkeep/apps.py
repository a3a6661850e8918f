from django.apps import AppConfig


class UpkeepConfig(AppConfig):
    name = "manyi.upkeep"
    label = "upkeep"
