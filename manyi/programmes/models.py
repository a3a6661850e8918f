from __future__ import annotations

from django.db import models
from django.db.models import Q

from manyi.accounts.models import Organisation
from manyi.base.fields import LocalTextField
from manyi.kit.localtext import pick


class Population(models.Model):
    """The people whom answers stand for: all customers, all households, all who bought."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    code = models.CharField(max_length=60)
    name = LocalTextField()
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code"], name="population_code_once")
        ]

    def name_in(self, language: str) -> str:
        return pick(self.name, language, self.code)


class Margin(models.Model):
    """How large one category of a population is: its share in per cent, or its head count."""

    population = models.ForeignKey(Population, models.CASCADE, related_name="margins")
    dimension = models.CharField(max_length=90, help_text="unit, channel, attribute:NAME, …")
    code = models.CharField(max_length=200)
    share = models.FloatField(null=True, blank=True)
    count = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["dimension", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["population", "dimension", "code"], name="margin_category_once"
            ),
            models.CheckConstraint(
                condition=Q(share__isnull=True, count__gt=0)
                | Q(count__isnull=True, share__gt=0, share__lte=100),
                name="margin_share_or_count",
            ),
        ]
