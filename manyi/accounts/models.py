from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from manyi.accounts.rows import OrganisationRows, PlacedRows, TeamRows, UnitRows
from manyi.base.fields import LocalTextField
from manyi.kit.localtext import pick


class User(AbstractUser):
    """Somebody who logs in, by user name, phone or e-mail."""

    phone = models.CharField(max_length=20, null=True, blank=True, unique=True)
    language = models.CharField(max_length=10, blank=True)
    must_change_password = models.BooleanField(default=False)

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(Lower("email"), condition=~Q(email=""), name="user_email_once"),
        ]

    @property
    def display_name(self) -> str:
        return self.first_name or self.username


class Organisation(models.Model):
    """A tenant: nothing of one organisation is ever seen from another."""

    code = models.SlugField(max_length=60, unique=True)
    name = LocalTextField()
    language = models.CharField(max_length=10, default="zh-Hans")
    time_zone = models.CharField(max_length=50, default="Asia/Shanghai")
    level_names = models.JSONField(
        default=list, help_text="one LocalText for each level of the tree"
    )
    colour = models.CharField(max_length=7, default="#0F766E")
    logo = models.BinaryField(null=True, blank=True, max_length=6000)
    precision_n = models.PositiveSmallIntegerField(default=10)
    privacy_n = models.PositiveSmallIntegerField(default=5)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(precision_n__gte=2), name="organisation_precision_n"
            ),
            models.CheckConstraint(condition=Q(privacy_n__gte=2), name="organisation_privacy_n"),
        ]

    def name_in(self, language: str) -> str:
        return pick(self.name, language, self.code)


class Unit(models.Model):
    """A node of the organisation's tree: region, store, project, building."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="units")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    code = models.CharField(max_length=60)
    name = LocalTextField()
    path = models.CharField(max_length=400, help_text="ids from the top, each followed by a slash")
    depth = models.PositiveSmallIntegerField(default=0)
    size = models.FloatField(
        null=True, blank=True, help_text="households, seats, revenue: weighs totals"
    )
    time_zone = models.CharField(max_length=50, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = UnitRows.as_manager()

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code"], name="unit_code_once"),
        ]
        indexes = [models.Index(fields=["organisation", "path"], name="unit_path")]

    def name_in(self, language: str) -> str:
        return pick(self.name, language, self.code)


class Team(models.Model):
    """A department that puts things right."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="teams")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="teams")
    code = models.CharField(max_length=60)
    name = LocalTextField()

    objects = TeamRows.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code"], name="team_code_once")
        ]


class Touchpoint(models.Model):
    """The moment asked about: move-in, repair, checkout, delivery."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="touchpoints")
    code = models.CharField(max_length=60)
    name = LocalTextField()
    position = models.PositiveSmallIntegerField(default=0)

    objects = OrganisationRows.as_manager()

    class Meta:
        ordering = ["position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code"], name="touchpoint_code_once")
        ]

    def name_in(self, language: str) -> str:
        return pick(self.name, language, self.code)


class Member(models.Model):
    """A user's place in an organisation: a role, and the unit below which it holds."""

    class Role(models.TextChoices):
        OWNER = "owner"
        ANALYST = "analyst"
        UNIT_MANAGER = "unit_manager"
        AGENT = "agent"
        VIEWER = "viewer"
        EXTERNAL_ANALYST = "external_analyst"

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="members")
    role = models.CharField(max_length=20, choices=Role)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="members")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    objects = PlacedRows.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation"], name="member_once"),
            models.CheckConstraint(
                condition=~Q(role="owner") | Q(unit__isnull=True), name="member_owner_sees_all"
            ),
        ]


class Agent(models.Model):
    """A person whose service is rated; not necessarily a member."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="agents")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="agents")
    member = models.OneToOneField(
        Member, models.SET_NULL, null=True, blank=True, related_name="agent"
    )
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=100, blank=True)
    is_active = models.BooleanField(default=True)

    objects = PlacedRows.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code"], name="agent_code_once")
        ]


class ApiToken(models.Model):
    """A secret that acts as its member; only its digest is kept."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8)
    is_read_only = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)


class SavedView(models.Model):
    """A selection that a member named, for one page."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="views")
    page = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=2000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "page", "name"], name="view_name_once")
        ]


class AuditEntry(models.Model):
    """One deed; each entry's hash covers the one before, so a change shows."""

    # The number stays when the organisation goes: the hash covers it.
    organisation = models.ForeignKey(
        Organisation, models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    number = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=160)
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=160, blank=True)
    detail = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["number"], name="audit_number_once")]
        indexes = [models.Index(fields=["organisation", "-number"], name="audit_by_organisation")]
