"""Forms of an indicator and of its target."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from manyi.kit.localtext import pick
from manyi.kit.selection import Scope
from manyi.metrics.models import Indicator
from manyi.metrics.registry import metrics
from manyi.web.context import language
from manyi.web.forms import initial_name, local_name
from manyi.web.numbers import METRIC_NAMES
from manyi.web.settings.fields import NamedForm, UnitField


class IndicatorForm(NamedForm):
    metric = forms.ChoiceField(
        required=False,
        label=_("Measures"),
        help_text=_("A composite is the weighted mean of the indicators below it."),
    )
    item = forms.CharField(
        required=False,
        max_length=90,
        label=_("Item"),
        help_text=_("What the number is about, as in “aspects.repair”; empty for the overall one."),
    )
    parent = forms.ChoiceField(required=False, label=_("Part of"))
    weight = forms.FloatField(initial=1.0, label=_("Weight"))
    query = forms.CharField(
        required=False,
        max_length=2000,
        label=_("Only for"),
        help_text=_("A filter as in a page's address, such as channel=wechat; empty for all."),
    )
    is_headline = forms.BooleanField(required=False, label=_("Stands at the head of the Overview"))

    def __init__(self, scope: Scope, row: Indicator | None, data: Any = None) -> None:
        super().__init__(data, initial=_initial(row))
        named = [(m.code, str(METRIC_NAMES.get(m.code, m.code))) for m in metrics()]
        self.fields["metric"].choices = [("", _("Composite")), *named]  # type: ignore[attr-defined]
        mine = Indicator.objects.filter(organisation_id=scope.organisation_id, metric="")
        self.parents = {one.code: one for one in mine if row is None or one.pk != row.pk}
        above = [(code, name_of(one)) for code, one in self.parents.items()]
        self.fields["parent"].choices = [("", _("nothing: at the top")), *above]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        kept = ("code", "metric", "item", "weight", "query", "is_headline")
        given = {key: self.cleaned_data[key] for key in kept}
        above = self.parents.get(self.cleaned_data["parent"])
        return given | {"name": local_name(self.cleaned_data), "parent": above}


def _initial(row: Indicator | None) -> dict[str, Any]:
    if row is None:
        return {"weight": 1.0}
    kept = ("code", "metric", "item", "weight", "query", "is_headline")
    parent = row.parent.code if row.parent else ""
    return {key: getattr(row, key) for key in kept} | initial_name(row.name) | {"parent": parent}


def name_of(row: Indicator) -> str:
    """Return what an indicator is called in the reader's language."""
    return pick(row.name, language(), row.code)


class TargetForm(forms.Form):
    value = forms.FloatField(label=_("Target"))
    due_on = forms.DateField(
        required=False, label=_("By"), widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, scope: Scope, data: Any = None) -> None:
        super().__init__(data)
        self.fields["unit"] = UnitField(scope, label=_("For"), nothing=_("Whole organisation"))
