from __future__ import annotations

from django.conf import settings
from django.db import models

from manyi.accounts.models import Organisation
from manyi.base.jobs import Job


class Import(Job):
    """A file on its way through the one door, or into the lists of people and units."""

    class What(models.TextChoices):
        FEEDBACK = "feedback"
        UNITS = "units"
        MEMBERS = "members"
        TOUCHPOINTS = "touchpoints"
        AGENTS = "agents"
        CUSTOMERS = "customers"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    what = models.CharField(max_length=12, choices=What, default=What.FEEDBACK)
    file_name = models.CharField(max_length=200)
    path = models.CharField(max_length=300, help_text="the normalised rows, under the data folder")
    columns = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    signature = models.CharField(max_length=64, blank=True)
    is_dry_run = models.BooleanField(default=False)
    offset = models.BigIntegerField(default=0, help_text="byte after the last stored row")
    line = models.BigIntegerField(default=0)
    created = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)


class ImportProblem(models.Model):
    """A row that was left out, and why."""

    job = models.ForeignKey(Import, models.CASCADE, related_name="problems")
    line = models.BigIntegerField()
    column = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    value = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["line", "pk"]


class RememberedMapping(models.Model):
    """How an organisation read a file with these columns the last time."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    signature = models.CharField(max_length=64)
    mapping = models.JSONField()
    used_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "signature"], name="mapping_once")
        ]
