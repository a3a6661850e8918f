"""Tables of what is judged: conversations by a standard, and findings by persons."""

from __future__ import annotations

from django.db import models

from manyi.accounts.models import Agent, Member, Organisation


class TalkReading(models.Model):
    """What was read of a conversation: satisfaction by turn and at the end, times, service."""

    record = models.OneToOneField(
        "feedback.FeedbackRecord", models.CASCADE, primary_key=True, related_name="talk"
    )
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", db_index=False)
    agent = models.ForeignKey(Agent, models.CASCADE, null=True, related_name="+", db_index=False)
    satisfied = models.FloatField(null=True, help_text="chance that the customer left satisfied")
    dissatisfied = models.FloatField(null=True, help_text="chance of the opposite")
    moods = models.JSONField(default=list, help_text="a score of -1 to 1 for each turn, or null")
    first_response = models.FloatField(null=True, help_text="seconds")
    mean_response = models.FloatField(null=True, help_text="seconds")
    longest_response = models.FloatField(null=True, help_text="seconds")
    items = models.JSONField(default=dict, help_text="item of the standard: verdict and turns")
    kept = models.FloatField(null=True, help_text="weight of what was kept, 0 to 100")
    standard = models.PositiveIntegerField(
        default=0, help_text="number of the standard it was judged by; 0 = that of Manyi"
    )
    model = models.CharField(max_length=40)

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "agent"], name="talk_by_agent"),
            models.Index(fields=["organisation", "standard"], name="talk_by_standard"),
        ]


class ServiceStandard(models.Model):
    """A standard of service, never changed: the one with the highest number is in force."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    items = models.JSONField(help_text="what it asks for, in order")
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="standard_once")
        ]


class Check(models.Model):
    """One finding drawn at random for a person to judge, as the machine said it at the time.

    It holds no words: its place is in the text whose hash it carries.
    """

    class Verdict(models.TextChoices):
        RIGHT = "right"
        SENSE = "sense"
        ASPECT = "aspect"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", db_index=False)
    record = models.ForeignKey(
        "feedback.FeedbackRecord", models.CASCADE, related_name="checks", db_index=False
    )
    draw = models.PositiveIntegerField(help_text="number of the draw it belongs to")
    position = models.PositiveIntegerField()
    aspect = models.CharField(max_length=60, blank=True)
    polarity = models.SmallIntegerField(help_text="-1, 0 or 1")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    text_hash = models.CharField(max_length=32)
    model = models.CharField(max_length=40, help_text="name and version of what said so")
    share = models.FloatField(help_text="share of its stratum among the findings drawn from")
    drawn_at = models.DateTimeField()
    verdict = models.CharField(
        max_length=6, choices=Verdict, blank=True, help_text="what is wrong; empty = not judged"
    )
    is_skipped = models.BooleanField(default=False)
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "draw", "position"], name="check_once")
        ]
        indexes = [models.Index(fields=["record"], name="check_of_record")]
