from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "manyi.accounts"
    label = "accounts"
