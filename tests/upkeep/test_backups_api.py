"""`POST /api/v1/backups`: owners only, once a key, consistent, noted in the audit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from manyi.accounts.actions import create_token
from manyi.accounts.models import AuditEntry, Member
from manyi.upkeep import archive
from tests.factories import NOW, House, house
from tests.voices import receive, voice

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def home(settings: Any, tmp_path: Path) -> House:
    settings.DATA = tmp_path
    return house()


def post(member: Member, **headers: str) -> Any:
    _, secret = create_token(by=member, name="t", now=NOW)
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    return client.post("/api/v1/backups", headers=headers)


def test_a_backup_is_written_once_a_key(home: House, tmp_path: Path):
    receive(home.alice, voice(), voice())
    first = post(home.alice, **{"Idempotency-Key": "monday"})
    assert first.status_code == 201, first.content
    said = first.json()
    path = tmp_path / "backups" / said["name"]
    assert path.stat().st_size == said["size"] and archive.sha256(path) == said["sha256"]
    assert archive.manifest(path)["tables"]["feedback_feedbackrecord"] == 2
    again = post(home.alice, **{"Idempotency-Key": "monday"})
    assert (again.status_code, again.json()) == (201, said)
    assert post(home.alice).json()["name"] != said["name"]
    assert AuditEntry.objects.filter(action="backup.create").count() == 2
    assert post(home.alice, **{"Idempotency-Key": "x" * 201}).status_code == 422


def test_others_may_not(home: House, tmp_path: Path):
    for member in (home.analyst, home.bob, home.viewer, home.external):
        assert post(member).status_code == 403
    assert not (tmp_path / "backups").exists()
