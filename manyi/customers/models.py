from __future__ import annotations

from django.db import models

from manyi.accounts.models import Organisation, Unit
from manyi.base.fields import EncryptedTextField
from manyi.customers.rows import CustomerRows


class Customer(models.Model):
    """A person or household whose voice is heard."""

    id = models.BigIntegerField(primary_key=True)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", db_index=False)
    ref = models.CharField(max_length=120, null=True, blank=True)
    name = EncryptedTextField(blank=True)
    language = models.CharField(max_length=10, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = CustomerRows.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "ref"], name="customer_ref_once")
        ]
        indexes = [
            models.Index(fields=["organisation", "-updated_at", "-id"], name="customer_latest"),
            models.Index(fields=["organisation", "id"], name="customer_newest"),
        ]


class Identity(models.Model):
    """One way to know a customer again: phone, e-mail, openid; encrypted, found by blind index."""

    class Kind(models.TextChoices):
        PHONE = "phone"
        EMAIL = "email"
        OPENID = "openid"
        UNIONID = "unionid"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=12, choices=Kind)
    value = EncryptedTextField()
    blind = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "kind", "blind"], name="identity_once")
        ]


class CustomerToken(models.Model):
    """A blind index over parts: name pairs, last four digits of a phone."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="search_tokens")
    blind = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blind", "customer"], name="customer_token_once")
        ]


class CustomerUnit(models.Model):
    """Where a customer belongs: a room and its owner or tenant (房号 → 业主/租户)."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="places", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    relation = models.CharField(max_length=40, blank=True)
    room = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "unit", "room"], name="customer_unit_once")
        ]


class Consent(models.Model):
    """What a customer agreed to or took back, in which words, when and where."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="consents", db_index=False)
    purpose = models.CharField(max_length=40)
    version = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=10, blank=True)
    channel = models.CharField(max_length=20, blank=True)
    is_granted = models.BooleanField(default=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "purpose", "version", "is_granted", "at"], name="consent_once"
            )
        ]


class Suppression(models.Model):
    """An identity that must not be written to, whoever asks."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=Identity.Kind)
    blind = models.CharField(max_length=32)
    mark = models.CharField(max_length=5, blank=True, help_text="which key made the hash")
    reason = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "kind", "blind"], name="suppression_once"
            )
        ]


class ErasureRequest(models.Model):
    """A customer to be forgotten; each floor ticks its part."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    customer_id_value = models.BigIntegerField()
    requested_at = models.DateTimeField()
    ticks = models.JSONField(default=dict)
    done_at = models.DateTimeField(null=True, blank=True)
