"""Backups, written into the data folder of the installation."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpResponse
from ninja import Router

from manyi.api import shapes
from manyi.api.auth import Caller
from manyi.api.once import key_of
from manyi.api.wire import answer
from manyi.upkeep import backup

router = Router(tags=["backups"])
BACKUP = shapes.obj(
    {"name": shapes.text(), "size": shapes.WHOLE, "sha256": shapes.text()},
    required=("name", "size", "sha256"),
)


@router.post(
    "",
    operation_id="backup.create",
    summary="Write a backup into the folder `backups` of the data folder",
    openapi_extra=shapes.describe(
        {201: BACKUP}, parameters=[shapes.KEY], refusals=(401, 403, 422, 503)
    ),
)
def create(request: Caller) -> HttpResponse:
    key, now = key_of(request), datetime.now(UTC)
    written = backup.create_stored(by=request.member, key=key, now=now)
    return answer({"name": written.path.name, "size": written.size, "sha256": written.sha256}, 201)
