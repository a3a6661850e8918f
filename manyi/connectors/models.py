from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from manyi.accounts.models import Member, Organisation
from manyi.base.fields import EncryptedTextField
from manyi.base.jobs import Job


class ImportRows(models.QuerySet["Import"]):
    """Imports: one's own; those of colleagues where a role spans the organisation."""

    def visible_to(self, member: Member) -> ImportRows:
        mine = self.filter(organisation_id=member.organisation_id)
        if member.role == Member.Role.OWNER:
            return mine
        shared = Q(pk__in=[]) if member.unit_id else ~Q(what__in=("members", "units"))
        return mine.filter(Q(user_id=member.user_id) | shared)


class Import(Job):
    """A file on its way through the one door, or into the lists of people and units."""

    class What(models.TextChoices):
        FEEDBACK = "feedback"
        UNITS = "units"
        MEMBERS = "members"
        TOUCHPOINTS = "touchpoints"
        AGENTS = "agents"
        CUSTOMERS = "customers"

    class Stage(models.TextChoices):
        READING = "reading", "the file is made into plain rows"
        MAPPING = "mapping", "a person says what the columns mean"
        STORING = "storing", "the rows are stored"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    what = models.CharField(max_length=12, choices=What, default=What.FEEDBACK)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.READING)
    is_unattended = models.BooleanField(default=False, help_text="goes on without a person")
    file_name = models.CharField(max_length=200)
    upload = models.CharField(max_length=300, blank=True, help_text="the file as it was sent")
    path = models.CharField(max_length=300, help_text="the normalised rows, under the data folder")
    sheet = models.CharField(max_length=100, blank=True)
    shape = models.JSONField(default=dict, help_text="format, encoding, sheets, notes of the file")
    columns = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    signature = models.CharField(max_length=64, blank=True)
    is_dry_run = models.BooleanField(default=False)
    is_checked = models.BooleanField(default=False, help_text="the counts are those of a dry run")
    offset = models.BigIntegerField(default=0, help_text="byte after the last stored row")
    line = models.BigIntegerField(default=0)
    created = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)

    objects = ImportRows.as_manager()

    class Meta:
        indexes = [models.Index(fields=["organisation", "-id"], name="import_latest")]


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


class FirstPassword(models.Model):
    """The password made for an imported member, until the importer has fetched it once."""

    job = models.ForeignKey(Import, models.CASCADE, related_name="passwords")
    login = models.CharField(max_length=254)
    name = models.CharField(max_length=150, blank=True)
    password = EncryptedTextField()


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


class LlmChoice(models.Model):
    """What an organisation lets a model outside the installation do, and who agreed to it."""

    organisation = models.OneToOneField(Organisation, models.CASCADE, related_name="+")
    reads = models.BooleanField(default=False, help_text="themes, polarity and intents of texts")
    summarises = models.BooleanField(default=False)
    names = models.BooleanField(default=False, help_text="themes that nobody named")
    tokens_a_day = models.PositiveIntegerField(default=200_000)
    host = models.CharField(max_length=260, blank=True, help_text="where it was agreed to send to")
    model = models.CharField(max_length=100, blank=True, help_text="the model that was agreed to")
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    last_record = models.BigIntegerField(default=0, help_text="asked up to here")
    is_forgetting = models.BooleanField(default=False, help_text="what it read is being undone")


class LlmDay(models.Model):
    """What an organisation asked of the outside model on a day of UTC."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    day = models.DateField()
    tokens = models.PositiveBigIntegerField(default=0)
    asked = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0, help_text="answers that could not be believed")
    held_back = models.PositiveIntegerField(default=0, help_text="texts that speak to a machine")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "day"], name="llm_day_once")]


class LlmState(models.Model):
    """How the outside model answers, for all processes: the one row of its table."""

    failures = models.PositiveIntegerField(default=0, help_text="in a row")
    code = models.CharField(max_length=40, blank=True, help_text="of the last failure")
    rests_until = models.DateTimeField(null=True)
    good_at = models.DateTimeField(null=True)
    bad_at = models.DateTimeField(null=True)


class Summary(Job):
    """A paragraph on what a selection says, written by the outside model for one member."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    query = models.CharField(max_length=2000, blank=True)
    language = models.CharField(max_length=10)
    model = models.CharField(max_length=40, blank=True)
    voices = models.PositiveIntegerField(default=0, help_text="texts of the selection")
    read = models.PositiveIntegerField(default=0, help_text="of which the model saw")
    dropped = models.PositiveIntegerField(default=0, help_text="sentences that were not believed")
    sentences = models.JSONField(default=list, help_text="text, and the records that it rests on")

    class Meta:
        indexes = [models.Index(fields=["member", "-id"], name="summary_latest")]


class ThemeLabel(models.Model):
    """What the outside model calls a theme nobody named, while its phrases stay the same."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    phrases_hash = models.CharField(max_length=32)
    label = models.JSONField(help_text="LocalText; empty = the answer could not be believed")
    model = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="theme_label_once")
        ]
