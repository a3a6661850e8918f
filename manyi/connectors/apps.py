from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    name = "manyi.connectors"
    label = "connectors"
