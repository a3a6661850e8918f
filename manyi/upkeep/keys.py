"""A new secret key: what earlier keys sealed is sealed again, a little at a time. A loop step."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings

from manyi.base import secrecy
from manyi.base.fields import EncryptedTextField
from manyi.customers.resealing import (
    Rows,
    reseal_customers,
    sealed_before,
    sealed_by,
    sealed_by_nobody,
    stops_before,
    stops_lost,
)
from manyi.kit.problems import Problem
from manyi.upkeep import readiness

CHUNK = 200
SECRETS = ("secret", "seed")  # what a second step keeps sealed in its data


def reseal(*, now: datetime) -> int:
    """Seal some of what an earlier key sealed with the newest; return how much."""
    if not settings.SECRET_KEY_FALLBACKS:
        return 0
    done = reseal_customers(CHUNK) + _reseal_second_steps()
    for rows, field in _places():
        if rows.model._meta.app_label == "customers":
            continue  # done above: their hashes go with them
        for one in sealed_before(rows, field)[:CHUNK]:
            one.save(update_fields=[field])
            done += 1
    return done


def _reseal_second_steps() -> int:
    done = 0
    for one in _second_steps_before():
        for name in SECRETS:
            if one.data.get(name):
                one.data[name] = secrecy.encrypt(secrecy.decrypt(one.data[name]))
        one.save(update_fields=["data"])
        done += 1
    return done


def _second_steps_before() -> list[Authenticator]:
    earlier = secrecy.marks()[1:]
    return [
        one
        for one in Authenticator.objects.iterator(1000)
        if any(str(one.data.get(name, "")).startswith(earlier) for name in SECRETS)
    ]


def waiting() -> int:
    """Return how much only an earlier key opens and will be sealed again."""
    return sum(sealed_before(*where).count() for where in _places()) + len(_second_steps_before())


def lost() -> int:
    """Return how much no key of this installation opens or finds."""
    fields = sum(sealed_by_nobody(*where).count() for where in _places())
    return fields + _second_steps_lost() + stops_lost()


def _second_steps_lost() -> int:
    ours = secrecy.marks()
    return sum(
        any(one.data.get(name) and not one.data[name].startswith(ours) for name in SECRETS)
        for one in Authenticator.objects.iterator(1000)
    )


def require_key() -> None:
    """Refuse a key that opens nothing of what is sealed here: it is not this installation's."""
    if readiness.waiting_migrations():
        return
    if any(sealed_by(rows, field, secrecy.marks()).exists() for rows, field in _places()):
        return
    if (strange := lost()) > 0:
        raise Problem("key_strange", n=strange)


def stops() -> int:
    """Return how many stopped addresses only an earlier key finds."""
    return stops_before()


def _places() -> Iterator[tuple[Rows, str]]:
    """Yield every column of the installation that is kept sealed."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield model._default_manager.all(), field.name
