"""An audit log whose end is cut off is seen, by whoever kept its last entry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from manyi.accounts import audit
from manyi.accounts.models import AuditEntry
from manyi.cli.main import main
from manyi.upkeep import audited
from manyi.upkeep.doctor import CHECKS
from tests import factories
from tests.api.test_api import Api
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered_here() -> Iterator[None]:
    path = Path(settings.DATA) / audited.FILE
    path.unlink(missing_ok=True)
    yield
    path.unlink(missing_ok=True)


def write(n: int, organisation: Any = None, action: str = "unit.add") -> None:
    for _ in range(n):
        audit.record(organisation, actor="system", action=action, now=NOW)


def test_an_end_cut_off_is_seen_by_command_and_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    write(5)
    assert audited.remember(now=NOW) == 1
    assert audited.remember(now=NOW) == 0
    assert main(["verify-audit"]) == 0
    assert AuditEntry.objects.get(number=5).hash in capsys.readouterr().out
    AuditEntry.objects.filter(number__gt=3).delete()
    assert audit.verify().ok  # the chain alone cannot tell
    assert main(["verify-audit"]) == 1
    assert "5" in capsys.readouterr().err
    assert CHECKS["audit"](NOW)[:2] == ("bad", "doctor.audit_cut")
    write(4, action="unit.close")  # written on: the numbers are there again, the entries are not
    assert audited.remember(now=NOW) == 0
    assert main(["verify-audit"]) == 1


def test_a_hash_noted_elsewhere_is_asked_for() -> None:
    write(3)
    noted = audit.head().hash
    write(2)
    assert main(["verify-audit", "--expect", noted]) == 0
    AuditEntry.objects.filter(number__gt=2).delete()
    assert main(["verify-audit", "--expect", noted]) == 1


def test_a_growing_log_is_remembered_anew() -> None:
    write(2)
    audited.remember(now=NOW)
    write(2)
    assert audited.remember(now=NOW) == 1
    assert audited.remembered() == audit.head()
    assert CHECKS["audit"](NOW)[0] == "good"


def test_an_organisation_is_told_of_its_own_entries_alone() -> None:
    house, strangers = factories.house(), factories.stranger_house()
    write(2, house.organisation.pk)
    write(5, strangers.organisation.pk)
    api = Api(house.alice)
    mine = AuditEntry.objects.filter(organisation=house.organisation).count()
    assert api.get("/audit/verify").json() == {
        "ok": True,
        "checked": mine,
        "first_bad_number": None,
    }
    assert mine < AuditEntry.objects.count()
