"""Forms that say the problems of actions where they belong."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language

from manyi.kit.localtext import pick
from manyi.kit.problems import Problem
from manyi.kit.say import say
from manyi.web.errors import sentences

LANGUAGE_NAMES = {"zh-Hans": "简体中文", "en": "English"}


def show(form: forms.Form, problem: Problem) -> None:
    """Put each problem at its field; what belongs to none stands above the form."""
    language = "zh-Hans" if (get_language() or "en").startswith("zh") else "en"
    placed = False
    for error in problem.errors:
        field = _field(form, error.pointer)
        if field is not None:
            form.add_error(field, say(error.code, language, error.params))
            placed = True
    if not placed:
        for sentence in sentences(problem):
            form.add_error(None, sentence)


def _field(form: forms.Form, pointer: str) -> str | None:
    name = pointer.strip("/").split("/")[0]
    if name in form.fields:
        return name
    return next((f for f in form.fields if f.startswith(f"{name}__")), None)


def name_fields(label: Any, *, required: bool = False) -> dict[str, forms.CharField]:
    """Return one field for each language of a LocalText: `name__zh` and `name__en`."""
    return {
        key: forms.CharField(max_length=120, required=required and key == "name__zh", label=label)
        for key in NAME_KEYS
    }


NAME_KEYS = {"name__zh": "zh-Hans", "name__en": "en"}


def local_name(cleaned: dict[str, Any]) -> dict[str, str]:
    """Return the LocalText that the fields of `name_fields` hold."""
    return {tag: cleaned[key] for key, tag in NAME_KEYS.items() if cleaned.get(key)}


def initial_name(value: Any) -> dict[str, str]:
    words = value if isinstance(value, dict) else {"zh-Hans": pick(value, "zh-Hans")}
    return {key: words.get(tag, "") for key, tag in NAME_KEYS.items()}
