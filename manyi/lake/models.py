from __future__ import annotations

from django.db import models

from manyi.accounts.models import Organisation


class LakeFile(models.Model):
    """A live or lately replaced Parquet file: the list is the lake's consistent snapshot."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    table = models.CharField(max_length=20)
    month = models.CharField(max_length=7)
    path = models.CharField(max_length=200, unique=True, help_text="below the lake's folder")
    rows = models.BigIntegerField()
    part = models.BigIntegerField(help_text="batch that wrote it")
    max_record = models.BigIntegerField(help_text="no copy in it has a greater record id")
    created_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["organisation", "table", "month"],
                name="lake_live",
                condition=models.Q(replaced_at=None),
            )
        ]


class Superseded(models.Model):
    """One copy of a record in the lake that counts no more: changed or erased since."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    record_id = models.BigIntegerField()
    part = models.BigIntegerField(help_text="batch that wrote the copy")
    month = models.CharField(max_length=7, help_text="where the copy lies")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record_id", "part"], name="superseded_once")
        ]
        indexes = [models.Index(fields=["organisation", "month"], name="superseded_month")]
