"""What every test shares."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Databases roll back between tests, and what processes keep in memory with them."""
    from manyi.api import auth
    from manyi.feedback import directory, versions
    from manyi.surveys import queries

    for lake in (Path(settings.DATA) / "lake").glob("[0-9]*"):
        shutil.rmtree(lake)
    auth.forget()
    directory.forget()
    versions.questionnaire.cache_clear()
    queries.forget()
