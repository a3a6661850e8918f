"""The audit chain: every deed of the installation in one row of hashes.

Each entry's hash covers its own content and the hash before it, so whoever changes, removes
or slips in an entry breaks the chain from there on. Details hold codes and ids, never names,
phones or answers: an entry outlives the person it is about.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from manyi.accounts.models import AuditEntry, Member, Organisation
from manyi.base import locks

_LOCK = "manyi.audit"


@dataclass(frozen=True)
class Verdict:
    """Whether the chain holds, over how many entries, and where it breaks first."""

    ok: bool
    checked: int
    first_bad_number: int | None = None


@dataclass(frozen=True)
class Head:
    """The last entry at some moment: kept elsewhere, it shows a tail that was cut off later."""

    number: int
    hash: str


def record(
    organisation: Organisation | int | None,
    *,
    actor: Member | str,
    action: str,
    target: str = "",
    detail: Mapping[str, Any] | None = None,
    now: datetime,
) -> AuditEntry:
    """Append a deed to the chain inside the caller's transaction."""
    with transaction.atomic():
        hold()
        last = head()
        entry = AuditEntry(
            organisation_id=organisation.pk
            if isinstance(organisation, Organisation)
            else organisation,
            number=last.number + 1,
            at=now,
            actor=actor if isinstance(actor, str) else f"member:{actor.pk}",
            action=action,
            target=target,
            detail=_plain(detail or {}),
            previous_hash=last.hash,
        )
        entry.hash = _hash(entry)
        entry.save(force_insert=True)
    return entry


def hold() -> None:
    """Let no other transaction append until this one ends, so that the chain never forks."""
    locks.hold(_LOCK)


def head() -> Head:
    """Return the last entry; number 0 of an empty chain."""
    last = AuditEntry.objects.order_by("-number").values_list("number", "hash").first()
    return Head(*(last or (0, "")))


def holds(known: Head) -> bool:
    """Whether the chain still goes through an entry that was its last one."""
    if known.number == 0:
        return True
    return AuditEntry.objects.filter(number=known.number, hash=known.hash).exists()


def verify(organisation: Organisation | int | None = None) -> Verdict:
    """Walk the whole chain and say where it breaks, if it does.

    With an organisation only its own entries are counted: how busy others are is not its matter.
    """
    only = organisation.pk if isinstance(organisation, Organisation) else organisation
    previous, checked = "", 0
    entries = AuditEntry.objects.order_by("number").iterator(1000)
    for number, entry in enumerate(entries, start=1):
        if entry.number != number:
            return Verdict(ok=False, checked=checked, first_bad_number=number)
        if entry.previous_hash != previous or entry.hash != _hash(entry):
            return Verdict(ok=False, checked=checked, first_bad_number=number)
        previous = entry.hash
        checked += only is None or entry.organisation_id == only
    return Verdict(ok=True, checked=checked)


def _hash(entry: AuditEntry) -> str:
    content = {
        "number": entry.number,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "organisation": entry.organisation_id,
        "actor": entry.actor,
        "action": entry.action,
        "target": entry.target,
        "detail": entry.detail,
        "previous": entry.previous_hash,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Return what both databases give back unchanged: JSON without floats and NULs."""
    if isinstance(value, Mapping):
        return {str(_plain(str(k))): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(v) for v in value]
    if value is None or isinstance(value, (bool, int)):
        return value
    return str(value).replace("\x00", "")
