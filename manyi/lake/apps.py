from django.apps import AppConfig


class LakeConfig(AppConfig):
    name = "manyi.lake"
    label = "lake"
