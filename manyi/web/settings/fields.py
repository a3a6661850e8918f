"""Fields that several settings share: a unit, a name in both languages, a clock."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from manyi.accounts.models import Unit
from manyi.accounts.queries import tree, unit_by_code
from manyi.kit.problems import NotFound
from manyi.kit.selection import Scope
from manyi.web.context import language
from manyi.web.errors import sentences

MOST_CHOICES = 400
INDENT = "\u3000"  # as wide as a character; a browser keeps it in an option


class UnitField(forms.CharField):
    """A unit of the scope: chosen from a list where that is short, else named by its code."""

    def __init__(
        self, scope: Scope, *, nothing: Any = "", without: str = "", **kwargs: Any
    ) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("label", _("Unit"))
        super().__init__(max_length=60, **kwargs)
        self.scope = scope
        choices = _unit_choices(scope, without)
        if choices is None:
            self.help_text = _("The code of the unit; empty for the whole organisation.")
        else:
            first = [] if self.required else [("", nothing or _("Whole organisation"))]
            self.widget = forms.Select(choices=[*first, *choices])

    def clean(self, value: Any) -> Unit | None:
        code = super().clean(value)
        if not code:
            return None
        try:
            return unit_by_code(self.scope, code)
        except NotFound as problem:
            raise ValidationError(sentences(problem)[0]) from None


def _unit_choices(scope: Scope, without: str) -> list[tuple[str, str]] | None:
    """Return code and indented name of each open unit; those below the path `without` not."""
    seen = Unit.objects.visible_to(scope)
    if seen[: MOST_CHOICES + 1].count() > MOST_CHOICES:
        return None
    return [
        (b.unit.code, f"{INDENT * b.level}{b.unit.name_in(language())} · {b.unit.code}")
        for b in tree(scope)
        if b.unit.closed_at is None and not (without and b.unit.path.startswith(without))
    ]


class NamedForm(forms.Form):
    """A code and a name in both languages."""

    code = forms.CharField(
        max_length=60,
        label=_("Code"),
        help_text=_("As in your other systems: links, files and programs use it."),
    )
    name__zh = forms.CharField(max_length=120, required=False, label=_("Name in Chinese"))
    name__en = forms.CharField(max_length=120, required=False, label=_("Name in English"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("name__zh") and not cleaned.get("name__en"):
            self.add_error("name__zh", gettext("Give a name in at least one language."))
        return cleaned
