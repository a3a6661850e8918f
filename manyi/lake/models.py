from __future__ import annotations

from django.db import models

from manyi.accounts.models import Organisation


class LakeFile(models.Model):
    """A live or lately replaced Parquet file: the list is the lake's consistent snapshot."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    table = models.CharField(max_length=20)
    month = models.CharField(max_length=7)
    path = models.CharField(max_length=200, unique=True)
    rows = models.BigIntegerField()
    part = models.BigIntegerField()
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
    """A record whose copy in the lake counts no more: changed or erased since."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    record_id = models.BigIntegerField(unique=True)
    month = models.CharField(max_length=7)
