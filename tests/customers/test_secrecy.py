"""Sealed fields open with the key that sealed them, new or old, and with no other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from manyi.base import secrecy
from manyi.customers import actions
from manyi.customers.models import Customer
from tests import factories
from tests.factories import NOW

OLD, NEW = "old-" + "k3y" * 20, "new-" + "k3y" * 20


@pytest.fixture
def keys(settings: object) -> Iterator[object]:
    secrecy.forget_keys()
    yield settings
    secrecy.forget_keys()


def test_a_sealed_text_opens_and_differs_each_time(keys: object) -> None:
    one, two = secrecy.encrypt("王芳"), secrecy.encrypt("王芳")
    assert one != two
    assert secrecy.decrypt(one) == secrecy.decrypt(two) == "王芳"
    assert secrecy.encrypt("") == secrecy.decrypt("") == ""


def test_a_changed_or_foreign_text_opens_as_nothing(keys: object) -> None:
    sealed = secrecy.encrypt("王芳")
    swapped = "A" if sealed[20] != "A" else "B"
    for broken in (sealed[:20] + swapped + sealed[21:], "1short", "1§", "gAAAA", sealed[:-8]):
        assert secrecy.decrypt(broken) == ""


@pytest.mark.db
@pytest.mark.django_db
def test_a_new_key_still_finds_and_reads_what_the_old_one_sealed(keys: object) -> None:
    owner = factories.organisation()
    keys.SECRET_KEY = OLD
    secrecy.forget_keys()
    first = actions.upsert(owner.pk, {"phone": "13800000000", "name": "王芳"}, NOW)
    keys.SECRET_KEY, keys.SECRET_KEY_FALLBACKS = NEW, [OLD]
    secrecy.forget_keys()
    assert actions.upsert(owner.pk, {"phone": "13800000000"}, NOW) == first
    assert Customer.objects.get().name == "王芳"
    keys.SECRET_KEY_FALLBACKS = []
    secrecy.forget_keys()
    assert Customer.objects.get().name == ""
