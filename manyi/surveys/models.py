from __future__ import annotations

from django.db import models

from manyi.accounts.models import Organisation, Touchpoint, Unit
from manyi.base.fields import LocalTextField
from manyi.kit.localtext import pick
from manyi.programmes.models import Population


class Survey(models.Model):
    """A questionnaire in use; people edit its draft, respondents see its published version."""

    class State(models.TextChoices):
        DRAFT = "draft"
        OPEN = "open"
        CLOSED = "closed"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    touchpoint = models.ForeignKey(
        Touchpoint, models.PROTECT, null=True, blank=True, related_name="+"
    )
    population = models.ForeignKey(
        Population, models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_weighted = models.BooleanField(
        default=False, help_text="whether its pages show numbers weighted to the population"
    )
    leaves_out_flagged = models.BooleanField(
        default=False, help_text="whether answers that carry a flag of carelessness count nowhere"
    )
    eligible_share = models.FloatField(
        null=True,
        blank=True,
        help_text="share of cases of unknown eligibility taken as eligi"
        "ble, 0 to 1; empty: as among the known",
    )
    judged_to = models.BigIntegerField(
        default=0, help_text="the last record that was looked at for such flags"
    )
    code = models.CharField(max_length=16, unique=True)
    title = LocalTextField()
    definition = models.JSONField(default=dict, help_text="the draft questionnaire")
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    is_anonymous = models.BooleanField(default=True)
    opens_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    response_limit = models.PositiveIntegerField(null=True, blank=True)
    closed_text = LocalTextField()
    current = models.ForeignKey(
        "SurveyVersion", models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    def title_in(self, language: str) -> str:
        return pick(self.title, language, self.code)


class SurveyVersion(models.Model):
    """A frozen copy of a questionnaire: what respondents were shown never changes."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    is_anonymous = models.BooleanField()
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=160, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "number"], name="survey_version_once")
        ]


class Wave(models.Model):
    """A fielding period of a survey."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="waves")
    code = models.CharField(max_length=40)
    name = LocalTextField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["starts_on"]
        constraints = [models.UniqueConstraint(fields=["survey", "code"], name="wave_code_once")]


class Disposition(models.Model):
    """How many of those who were to be asked came to this end, by AAPOR's final disposition."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="dispositions")
    code = models.CharField(max_length=6)
    n = models.PositiveIntegerField()

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["survey", "code"], name="disposition_once")]
