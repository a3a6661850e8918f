"""The tables of this floor: what came in, and here what was made of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from manyi.accounts.models import Agent, Member, Organisation
from manyi.base.jobs import Job
from manyi.feedback.records import Answer, FeedbackRecord, RecordHistory, Score, Tag, Turn

__all__ = [
    "Answer",
    "Check",
    "Correction",
    "FeedbackRecord",
    "Finding",
    "Learning",
    "LearntHead",
    "OutsideReading",
    "Reading",
    "RecordHistory",
    "Score",
    "ServiceStandard",
    "Tag",
    "TalkReading",
    "TaxonomyVersion",
    "Turn",
]


class Reading(models.Model):
    """What the model made of a whole text, in one generation of the taxonomy."""

    record = models.ForeignKey(
        FeedbackRecord, models.CASCADE, related_name="readings", db_index=False
    )
    generation = models.PositiveIntegerField(help_text="number of the taxonomy's version")
    polarity = models.SmallIntegerField(help_text="-1, 0 or 1")
    score = models.FloatField(help_text="-1 to 1; its size is the strength")
    emotion = models.CharField(max_length=10, blank=True)
    intents = models.CharField(max_length=100, blank=True, help_text="codes between blanks")
    flags = models.CharField(max_length=120, blank=True, help_text="codes between blanks")
    language = models.CharField(max_length=10, blank=True)
    model = models.CharField(max_length=40, help_text="name and version of what said so")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record", "generation"], name="reading_once")
        ]


class Finding(models.Model):
    """One clause and what it says of one aspect (none: an opinion that names nothing)."""

    record = models.ForeignKey(
        FeedbackRecord, models.CASCADE, related_name="findings", db_index=False
    )
    generation = models.PositiveIntegerField()
    aspect = models.CharField(max_length=60, blank=True)
    polarity = models.SmallIntegerField()
    score = models.FloatField()
    start = models.PositiveIntegerField(help_text="of the clause, in characters of the verbatim")
    end = models.PositiveIntegerField()
    places = models.JSONField(
        default=list, help_text="places of the words that name the aspect, then of the opinion"
    )

    class Meta:
        indexes = [
            models.Index(fields=["record", "generation"], name="finding_of_record"),
            models.Index(fields=["aspect", "record"], name="finding_by_aspect"),
        ]


class TaxonomyVersion(Job):
    """The aspects an organisation looks for; as a job, the re-reading of all its texts by them.

    Its number is the generation of the findings that were made by it.
    """

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    pack = models.CharField(max_length=20)
    own = models.JSONField(default=list, help_text="aspects of its own: code, name, words")
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    is_current = models.BooleanField(default=False)
    last_record = models.BigIntegerField(default=0, help_text="read up to here")
    head = models.PositiveIntegerField(
        default=0, help_text="number of the learnt head that reads for it; 0 = none"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="taxonomy_once"),
            models.UniqueConstraint(
                fields=["organisation"], name="taxonomy_current", condition=Q(is_current=True)
            ),
        ]


class Correction(models.Model):
    """What a person said of a record against, or with, the model: one polarity, aspect or intent.

    It holds no words: places are in the text whose hash it carries.
    """

    class Kind(models.TextChoices):
        POLARITY = "polarity"
        ASPECT = "aspect"
        INTENT = "intent"

    record = models.ForeignKey(
        FeedbackRecord, models.CASCADE, related_name="corrections", db_index=False
    )
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    code = models.CharField(max_length=60, blank=True)
    sense = models.SmallIntegerField(null=True, help_text="-1, 0 or 1; null = it is not said")
    start = models.PositiveIntegerField(null=True)
    end = models.PositiveIntegerField(null=True)
    text_hash = models.CharField(max_length=32)
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record", "kind", "code"], name="correction_once")
        ]
        indexes = [models.Index(fields=["organisation", "-at"], name="correction_latest")]


class Learning(models.Model):
    """Whether an organisation learns from its corrections, and whether it is due."""

    organisation = models.OneToOneField(Organisation, models.CASCADE, related_name="+")
    is_on = models.BooleanField(default=True)
    due_at = models.DateTimeField(null=True)
    number = models.PositiveIntegerField(default=0, help_text="of the last head that was learnt")

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="learning_due", condition=Q(due_at__isnull=False))
        ]


class LearntHead(models.Model):
    """A head that was learnt from an organisation's corrections, and how well it does."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    texts = models.BinaryField(null=True, help_text="arrays without pickle; null = none, or worse")
    clauses = models.BinaryField(null=True)
    aspects = models.BinaryField(null=True, help_text="which are spoken of; a column an aspect")
    intents = models.BinaryField(null=True, help_text="which are meant; a column an intent")
    figures = models.JSONField(default=dict, help_text="of each part: n, before, after")
    base = models.CharField(max_length=40, help_text="the built-in model it was learnt on")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="learnt_head_once")
        ]


class OutsideReading(models.Model):
    """What a model outside the installation made of a masked text; it stands before our own.

    It holds no words: places are in the text whose hash it carries.
    """

    record = models.OneToOneField(
        FeedbackRecord, models.CASCADE, primary_key=True, related_name="outside"
    )
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", db_index=False)
    text_hash = models.CharField(max_length=32)
    model = models.CharField(max_length=40, help_text="name of what said so")
    said = models.JSONField(help_text="score, intents, and findings with their places")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organisation", "model"], name="outside_by_model")]


class TalkReading(models.Model):
    """What was read of a conversation: satisfaction by turn and at the end, times, service."""

    record = models.OneToOneField(
        FeedbackRecord, models.CASCADE, primary_key=True, related_name="talk"
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
        FeedbackRecord, models.CASCADE, related_name="checks", db_index=False
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
