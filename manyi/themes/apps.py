from django.apps import AppConfig


class ThemesConfig(AppConfig):
    name = "manyi.themes"
    default_auto_field = "django.db.models.BigAutoField"
