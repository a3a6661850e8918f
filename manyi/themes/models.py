from __future__ import annotations

from django.db import models

from manyi.accounts.models import Organisation


class VectorFile(models.Model):
    """A file of vectors in use: the list is what a search looks at."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    path = models.CharField(max_length=200, unique=True, help_text="below the folder of vectors")
    rows = models.BigIntegerField()
    model = models.CharField(max_length=40, help_text="what made the vectors")
    created_at = models.DateTimeField()


class VectorMark(models.Model):
    """How far texts have been turned into vectors: the one row of its table."""

    reading = models.BigIntegerField(default=0, help_text="no earlier reading waits")
    checked_at = models.DateTimeField(null=True)


class Look(models.Model):
    """One look for themes nobody named, over the weeks that end with `week`."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    week = models.DateField(help_text="Monday of the last week looked at")
    at = models.DateTimeField()
    weeks = models.JSONField(help_text="Mondays of all weeks looked at")
    voices = models.JSONField(help_text="people with words in each week; null where few")
    texts = models.PositiveIntegerField(help_text="texts read, of a sample where there were many")
    clauses = models.PositiveIntegerField(help_text="clauses among which themes were looked for")
    is_whole = models.BooleanField(default=False, help_text="of all clauses, named ones too")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "week"], name="look_once")]


class UnnamedTheme(models.Model):
    """A theme nobody named; its number stays as long as it is found again."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    name = models.JSONField(help_text="phrases, the most telling first")
    centre = models.BinaryField(help_text="its middle among meanings, 64 numbers")
    model = models.CharField(max_length=40, help_text="what made the vectors")
    first_week = models.DateField()
    last_week = models.DateField(help_text="it lives as long as this is the last look's")
    position = models.PositiveIntegerField(help_text="what rose first, then the largest")
    figures = models.JSONField(help_text="people by week and sense, and how it rose")
    voices = models.JSONField(
        help_text="typical clauses: record, mark of its masked text, place in that"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="unnamed_theme_once")
        ]


class Choice(models.Model):
    """Whether an organisation looks among all clauses, named ones too."""

    organisation = models.OneToOneField(Organisation, models.CASCADE, related_name="+")
    is_whole = models.BooleanField(default=False)
