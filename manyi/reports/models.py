from __future__ import annotations

from django.conf import settings
from django.db import models

from manyi.accounts.models import Organisation
from manyi.base.jobs import Job


class Export(Job):
    """A large file of feedback that is written in the background, for its owner alone."""

    class Form(models.TextChoices):
        XLSX = "xlsx", "Excel"
        CSV = "csv", "CSV"
        JSON = "json", "JSON"
        SAV = "sav", "SPSS"
        SSS = "sss", "Triple-S"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    query = models.TextField(blank=True, help_text="the selection as a query string")
    form = models.CharField(max_length=4, choices=Form, default=Form.XLSX)
    language = models.CharField(max_length=10, blank=True)
    file_name = models.CharField(max_length=200)
    path = models.CharField(max_length=300, blank=True, help_text="under the data folder")
