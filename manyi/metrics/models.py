from __future__ import annotations

from django.db import models

from manyi.accounts.models import Organisation, Unit
from manyi.base.fields import LocalTextField


class Indicator(models.Model):
    """A metric over a selection, or the weighted composite of its children (指标体系)."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children"
    )
    code = models.CharField(max_length=60)
    name = LocalTextField()
    metric = models.CharField(
        max_length=20, blank=True, help_text="blank = composite of its children"
    )
    item = models.CharField(max_length=90, default="overall", blank=True)
    query = models.CharField(max_length=2000, blank=True, help_text="a selection's query string")
    weight = models.FloatField(default=1.0)
    position = models.PositiveSmallIntegerField(default=0)
    is_headline = models.BooleanField(default=False)

    class Meta:
        ordering = ["position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code"], name="indicator_code_once"),
            models.CheckConstraint(condition=models.Q(weight__gt=0), name="indicator_weight"),
        ]


class Target(models.Model):
    """What an indicator should reach by when, for the whole or for a unit."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="targets")
    unit = models.ForeignKey(Unit, models.CASCADE, null=True, blank=True, related_name="+")
    value = models.FloatField()
    due_on = models.DateField(null=True, blank=True)
