"""Columns with a meaning of their own."""

from __future__ import annotations

from typing import Any

from django.db import models

from manyi.base import secrecy


class LocalTextField(models.JSONField):
    """A text in several languages: {"zh-Hans": …, "en": …}."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", dict)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)


class Unopened(str):
    """A text whose key is lost: reads as empty, and is stored again as it was found."""

    sealed: str


class EncryptedTextField(models.TextField):
    """A text that is readable in Python and sealed in the database."""

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Unopened):
            return value.sealed
        return value if value is None else secrecy.encrypt(str(value))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if not value:
            return value
        text = secrecy.decrypt(value)
        return text or _unopened(value)


def _unopened(sealed: str) -> Unopened:
    text = Unopened()
    text.sealed = sealed
    return text
