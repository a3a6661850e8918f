"""How fast answers may come: an address first, then the survey; shared where processes are many."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from manyi.base import allowances
from manyi.base.allowances import TABLE, Rate
from manyi.surveys import limits

SLOW = Rate(5, 0.001)
POSTGRESQL = pytest.mark.skipif(settings.ON_SQLITE, reason="PostgreSQL counts for all processes")
_TAKE = """
from manyi.cli.main import start_django
start_django()
from django.conf import settings
from django.db import connection
from manyi.base.allowances import Rate, wait
print("ready", flush=True)
input()
wants = {("address", "both"): Rate(40, 0.001), ("survey", "both"): Rate(1000, 0.001)}
taken = sum(wait(wants) is None for _ in range(10))
print("begun", flush=True)
input()
print(taken + sum(wait(wants) is None for _ in range(50)))
"""


@pytest.fixture(autouse=True)
def _full_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine must not fill them again meanwhile."""
    limits.buckets.clear()
    monkeypatch.setattr(limits, "ADDRESS", Rate(limits.ADDRESS.burst, 0.001))


@pytest.fixture
def emptied(db: None) -> None:
    """Other processes' buckets outlive their test."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE}")


@pytest.mark.django_db
@pytest.mark.db
def test_an_address_that_is_too_fast_waits_and_the_others_do_not() -> None:
    answers = [limits.wait_for("one", "198.51.100.7") for _ in range(61)]
    assert answers[:60] == [None] * 60
    assert (answers[60] or 0) > 900
    assert limits.wait_for("one", "198.51.100.8") is None
    assert limits.wait_for("two", "198.51.100.7") is None


@pytest.mark.django_db
@pytest.mark.db
def test_a_proxy_on_this_machine_stands_for_everybody() -> None:
    assert {limits.wait_for("one", "127.0.0.1") for _ in range(100)} == {None}


@pytest.mark.django_db
@pytest.mark.db
def test_an_ipv6_client_has_one_bucket_under_all_its_addresses() -> None:
    told = [limits.wait_for("one", f"2001:db8:1:2::{i:x}") for i in range(1, 70)]
    assert told.count(None) == 60


@POSTGRESQL
@pytest.mark.django_db
@pytest.mark.db
def test_who_is_refused_for_the_address_takes_nothing_of_the_survey() -> None:
    wants = {("address", "a"): Rate(1, 0.001), ("survey", "s"): SLOW}
    assert allowances.wait(wants) is None
    assert [allowances.wait(wants) for _ in range(3)] == [1000] * 3
    others = {("address", "b"): SLOW, ("survey", "s"): SLOW}
    assert [allowances.wait(others) for _ in range(4)] == [None] * 4
    assert allowances.wait(others) == 1000, "four of the survey's five were left"


@POSTGRESQL
@pytest.mark.usefixtures("emptied")
@pytest.mark.db
def test_a_bucket_fills_again_and_is_swept_when_it_is_full() -> None:
    wants = {("survey", "s"): Rate(2, 1)}
    assert [allowances.wait(wants) for _ in range(3)] == [None, None, 1]
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {TABLE} SET at = at - interval '1 second'")
    assert [allowances.wait(wants) for _ in range(2)] == [None, 1]
    now = timezone.now()
    assert allowances.sweep(now=now) == 0
    assert allowances.sweep(now=now + timedelta(minutes=11)) == 1
    assert allowances.sweep(now=now + timedelta(minutes=11)) == 0


@POSTGRESQL
@pytest.mark.usefixtures("emptied")
@pytest.mark.db
def test_no_address_can_be_read_from_what_is_kept() -> None:
    limits.wait_for("one", "198.51.100.7")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT key FROM {TABLE}")
        keys = [bytes(key) for (key,) in cursor.fetchall()]
    assert len(keys) == 2 and {len(key) for key in keys} == {16}
    assert b"198.51" not in b"".join(keys)
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = %s", [TABLE])
        assert cursor.fetchone()[0] in {"u", b"u"}


@POSTGRESQL
@pytest.mark.django_db(transaction=True)
@pytest.mark.db
def test_two_processes_share_one_allowance() -> None:
    at = connection.settings_dict
    url = f"postgresql://{at['USER']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
    environ = {**os.environ, "MANYI_DATABASE_URL": url, "MANYI_SECRET_KEY": settings.SECRET_KEY}
    both = [
        subprocess.Popen(
            [sys.executable, "-c", _TAKE],
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for said in ("ready\n", "begun\n"):
        for one in both:
            assert one.stdout is not None and one.stdout.readline() == said
        for one in both:
            assert one.stdin is not None
            one.stdin.write("\n")
            one.stdin.flush()
    taken = [int(one.communicate(timeout=60)[0]) for one in both]
    assert sum(taken) == 40
    assert min(taken) < 40, "one process alone took everything: they did not run together"
