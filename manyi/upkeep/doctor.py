"""What `manyi doctor` looks at. Each check says how it stands and what to do about it."""

from __future__ import annotations

import ipaddress
import shutil
import smtplib
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import get_connection
from django.db import DatabaseError, connection
from django.db.models import Max

from manyi.accounts.audit import head
from manyi.base import sqlite
from manyi.feedback.models import FeedbackRecord
from manyi.kit.problems import Problem
from manyi.outbound import chat
from manyi.outbound.http import Failed
from manyi.text import accurate, encoder, store
from manyi.upkeep import audited, keys, readiness, restore
from manyi.upkeep.counting import differences
from manyi.upkeep.disk import durable_writes

GOOD, NOTE, BAD = "good", "note", "bad"
GIGABYTE = 1024**3
FEW_WRITES = 50
DUE_AFTER = timedelta(minutes=5)


@dataclass(frozen=True)
class Finding:
    """How one thing stands; `code` with `params` is the sentence that says it."""

    check: str
    state: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)


def examine(*, now: datetime) -> Iterator[Finding]:
    """Yield a finding for each check, in order; none stops the ones after it."""
    for name, check in CHECKS.items():
        try:
            state, code, params = check(now)
        except Problem as problem:
            state, code, params = BAD, problem.code, problem.params
        except DatabaseError as error:
            connection.close()
            state, code, params = BAD, "doctor.database_failed", {"said": str(error)[:200]}
        yield Finding(name, state, code, params)


Result = tuple[str, str, dict[str, Any]]


def _address(now: datetime) -> Result:
    host = urlsplit(settings.BASE_URL).hostname or ""
    shown = {"address": settings.BASE_URL}
    if settings.BASE_URL.startswith("https://") or _is_near(host):
        return GOOD, "doctor.address_good", shown
    return NOTE, "doctor.address_plain", shown


def _is_near(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost"


def _folder(now: datetime) -> Result:
    restore.require_whole()
    data = Path(settings.DATA)
    for path in (data, data / "secret-key", data / "secret-key-old"):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            mode = "700" if path.is_dir() else "600"
            return BAD, "doctor.folder_open", {"path": str(path), "mode": mode}
    return GOOD, "doctor.folder_good", {"path": str(settings.DATA)}


def _space(now: datetime) -> Result:
    disk = shutil.disk_usage(settings.DATA)
    shown = {"free": round(disk.free / GIGABYTE, 1), "path": str(settings.DATA)}
    if disk.free < GIGABYTE:
        return BAD, "doctor.space_short", shown
    if disk.free < 0.1 * disk.total:
        return NOTE, "doctor.space_low", shown
    return GOOD, "doctor.space_good", shown


def _writes(now: datetime) -> Result:
    rate = round(durable_writes(Path(settings.DATA), seconds=0.5))
    if rate < FEW_WRITES:
        return NOTE, "doctor.writes_slow", {"rate": rate}
    return GOOD, "doctor.writes_good", {"rate": rate}


def _database(now: datetime) -> Result:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if not settings.ON_SQLITE:
        return GOOD, "doctor.database_good", {"name": "PostgreSQL"}
    version = tuple(int(part) for part in settings.SQLITE_VERSION.split("."))
    state = GOOD if sqlite.is_safe(version) else BAD  # type: ignore[arg-type]
    name = f"SQLite {settings.SQLITE_VERSION}"
    return state, f"doctor.database_{'good' if state == GOOD else 'affected'}", {"name": name}


def _migrations(now: datetime) -> Result:
    if readiness.waiting_migrations():
        return BAD, "doctor.migrations_waiting", {}
    return GOOD, "doctor.migrations_good", {}


def _worker(now: datetime) -> Result:
    lag = readiness.worker_lag(now)
    if lag is None:
        return NOTE, "doctor.worker_never", {}
    if lag > readiness.WORKER_LATE_SECONDS:
        return BAD, "doctor.worker_late", {"seconds": round(lag)}
    return GOOD, "doctor.worker_good", {"seconds": round(lag)}


def _lake(now: datetime) -> Result:
    try:
        found = differences()
    except Problem as problem:
        return BAD, problem.code, problem.params
    if found:
        months = sorted({f"{one.month:%Y-%m}" for one in found})
        return BAD, "doctor.lake_disagrees", {"months": ", ".join(months[:6])}
    return GOOD, "doctor.lake_good", {"seconds": round(readiness.lake_lag(now))}


def _key(now: datetime) -> Result:
    if (lost := keys.lost()) > 0:
        return BAD, "doctor.key_lost", {"n": lost}
    if not settings.SECRET_KEY_FALLBACKS:
        return GOOD, "doctor.key_good", {}
    if (waiting := keys.waiting()) > 0:
        return NOTE, "doctor.key_waiting", {"n": waiting}
    if (stops := keys.stops()) > 0:
        return NOTE, "doctor.key_stops", {"n": stops}
    return NOTE, "doctor.key_idle", {}


def _audit(now: datetime) -> Result:
    if (lost := audited.missing()) is not None:
        return BAD, "doctor.audit_cut", {"number": lost.number}
    last = head()
    return GOOD, "doctor.audit_good", {"n": last.number, "hash": last.hash[:16]}


def _assets(now: datetime) -> Result:
    built = settings.PACKAGE / "ui" / "static" / "ui" / "dist" / "manifest.json"
    if not built.is_file():
        return BAD, "doctor.assets_missing", {}
    return GOOD, "doctor.assets_good", {}


def _mail(now: datetime) -> Result:
    if not hasattr(settings, "EMAIL_HOST") or "dummy" in settings.EMAIL_BACKEND:
        return NOTE, "doctor.mail_none", {}
    shown = {"host": settings.EMAIL_HOST, "port": settings.EMAIL_PORT}
    transport = get_connection(timeout=5)
    try:
        transport.open()
        transport.close()
    except (OSError, smtplib.SMTPException) as error:
        return BAD, "doctor.mail_failed", {**shown, "said": str(error)[:200]}
    return GOOD, "doctor.mail_good", shown


def _clock(now: datetime) -> Result:
    newest = FeedbackRecord.objects.aggregate(at=Max("received_at"))["at"]
    if newest is not None and newest > now + DUE_AFTER:
        return BAD, "doctor.clock_behind", {"at": newest.isoformat(timespec="seconds")}
    return GOOD, "doctor.clock_good", {"at": now.isoformat(timespec="seconds")}


def _text(now: datetime) -> Result:
    model = {"model": store.version(accurate.chosen())}
    if encoder.missing() == "onnxruntime":
        return NOTE, "doctor.text_fast", model
    return GOOD, "doctor.text_good", model


def _llm(now: datetime) -> Result:
    if settings.LLM is None:
        return GOOD, "doctor.llm_none", {}
    outside = chat.Model(settings.LLM.url, settings.LLM.model, settings.LLM.key)
    shown = {"host": outside.host, "model": outside.name}
    try:
        listed = chat.is_listed(outside, seconds=5)
    except Failed as failure:
        return NOTE, "doctor.llm_failed", {**shown, "why": failure.code}
    if not listed:
        return NOTE, "doctor.llm_unlisted", shown
    host = urlsplit(outside.url).hostname or ""
    plain = outside.url.startswith("http://") and not _is_near(host)
    return (NOTE, "doctor.llm_plain", shown) if plain else (GOOD, "doctor.llm_good", shown)


CHECKS: dict[str, Callable[[datetime], Result]] = {
    "address": _address,
    "folder": _folder,
    "space": _space,
    "writes": _writes,
    "database": _database,
    "migrations": _migrations,
    "worker": _worker,
    "lake": _lake,
    "key": _key,
    "audit": _audit,
    "assets": _assets,
    "mail": _mail,
    "clock": _clock,
    "text": _text,
    "llm": _llm,
}
