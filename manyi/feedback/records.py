"""The tables of what came in: records with their scores, answers, turns, history and tags."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from manyi.accounts.models import Agent, Organisation, Touchpoint, Unit
from manyi.customers.models import Customer
from manyi.surveys.models import Survey, SurveyVersion, Wave


class FeedbackRecord(models.Model):
    """One voice, whatever brought it; written through `receive_many` alone."""

    class Kind(models.TextChoices):
        SURVEY = "survey"
        RATING = "rating"
        REVIEW = "review"
        POST = "post"
        CONVERSATION = "conversation"
        CALL = "call"
        COMPLAINT = "complaint"
        SUGGESTION = "suggestion"
        PRAISE = "praise"
        INTERVIEW = "interview"

    id = models.BigIntegerField(primary_key=True)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", db_index=False)
    source = models.CharField(max_length=40)
    source_ref = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=Kind)
    channel = models.CharField(max_length=20, blank=True)
    survey = models.ForeignKey(Survey, models.PROTECT, null=True, related_name="+", db_index=False)
    version = models.ForeignKey(
        SurveyVersion, models.PROTECT, null=True, related_name="+", db_index=False
    )
    wave = models.ForeignKey(Wave, models.SET_NULL, null=True, related_name="+", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", db_index=False)
    touchpoint = models.ForeignKey(
        Touchpoint, models.PROTECT, null=True, related_name="+", db_index=False
    )
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+", db_index=False)
    customer = models.ForeignKey(
        Customer, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    occurred_at = models.DateTimeField()
    day = models.DateField(help_text="local day of occurred_at in the unit's zone")
    received_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, help_text="null while a survey is under way")
    is_partial = models.BooleanField(default=False, help_text="under way for more than 24 h")
    is_anonymous = models.BooleanField(default=False)
    language = models.CharField(max_length=10, blank=True)
    verbatim = models.TextField(blank=True)
    attributes = models.JSONField(
        default=dict, help_text="snapshot of record and customer attributes"
    )
    consent = models.JSONField(null=True)
    meta = models.JSONField(default=dict, help_text="orders drawn, seconds taken, page reached")
    content_hash = models.CharField(max_length=32)
    revision = models.PositiveIntegerField(default=1)
    # Null, not empty: a text of nothing but personal data is masked, one not yet read is not.
    masked = models.TextField(
        null=True, help_text="the verbatim without personal data; null until it is analysed"
    )
    analysed_at = models.DateTimeField(null=True)
    is_indexed = models.BooleanField(default=False)
    lake_part = models.BigIntegerField(
        null=True, help_text="batch that copied it to the lake; null = hot, 0 = left out"
    )
    mentions_due = models.BooleanField(
        db_default=False, help_text="what it mentions is not, or not any more, in the lake"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "source", "source_ref"], name="feedback_once"
            )
        ]
        indexes = [
            models.Index(fields=["organisation", "-occurred_at", "-id"], name="feedback_inbox"),
            models.Index(
                fields=["organisation", "id"], name="feedback_hot", condition=Q(lake_part=None)
            ),
            models.Index(fields=["id"], name="feedback_unindexed", condition=Q(is_indexed=False)),
            models.Index(
                fields=["id"],
                name="feedback_unread",
                condition=Q(analysed_at=None) & ~Q(verbatim=""),
            ),
            models.Index(
                fields=["organisation", "id"],
                name="feedback_mentions_due",
                condition=Q(mentions_due=True),
            ),
            models.Index(
                fields=["survey", "-occurred_at"],
                name="feedback_by_survey",
                condition=Q(survey__isnull=False),
            ),
            models.Index(
                fields=["customer", "-occurred_at"],
                name="feedback_by_customer",
                condition=Q(customer__isnull=False),
            ),
            models.Index(
                fields=["organisation", "unit", "-occurred_at"],
                name="feedback_by_unit",
                condition=Q(unit__isnull=False),
            ),
            # How few a unit's anonymous answers are is asked with every list that may show them.
            models.Index(
                fields=["organisation", "survey", "unit"],
                name="feedback_anonymous",
                condition=Q(is_anonymous=True),
            ),
            models.Index(
                fields=["survey", "id"], name="feedback_left_out", condition=Q(lake_part=0)
            ),
            models.Index(
                fields=["survey"], name="feedback_unfinished", condition=Q(completed_at=None)
            ),
            models.Index(
                fields=["received_at"],
                name="feedback_under_way",
                condition=Q(completed_at=None),
            ),
        ]


class Score(models.Model):
    """One metric value of one item of a record, on its own scale."""

    record = models.ForeignKey(
        FeedbackRecord, models.CASCADE, related_name="scores", db_index=False
    )
    item = models.CharField(max_length=90)
    metric = models.CharField(max_length=12)
    worst = models.FloatField()
    best = models.FloatField()
    value = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record", "item", "metric"], name="score_once"),
            models.CheckConstraint(condition=~Q(worst=models.F("best")), name="score_scale"),
        ]


class Answer(models.Model):
    """One coded answer: a choice by its code, a number, a text, or `na`."""

    record = models.ForeignKey(
        FeedbackRecord, models.CASCADE, related_name="answers", db_index=False
    )
    question = models.CharField(max_length=40)
    row = models.CharField(max_length=40, blank=True)
    code = models.CharField(max_length=40, blank=True)
    number = models.FloatField(null=True)
    text = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record", "question", "row", "code"], name="answer_once"
            )
        ]


class Turn(models.Model):
    """One turn of a conversation."""

    record = models.ForeignKey(FeedbackRecord, models.CASCADE, related_name="turns", db_index=False)
    position = models.PositiveIntegerField()
    role = models.CharField(max_length=20)
    at = models.DateTimeField(null=True)
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "position"], name="turn_once")]


class RecordHistory(models.Model):
    """What a record said before its source sent it again."""

    record = models.ForeignKey(FeedbackRecord, models.CASCADE, related_name="history")
    revision = models.PositiveIntegerField()
    content = models.JSONField()
    replaced_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record", "revision"], name="record_revision_once")
        ]


class Tag(models.Model):
    """A word that staff put on a record; it stays when the source sends the record again."""

    record = models.ForeignKey(FeedbackRecord, models.CASCADE, related_name="tags")
    label = models.CharField(max_length=40)
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "label"], name="tag_once")]
