from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from manyi.feedback import directory, versions
from manyi.surveys import queries
from manyi.surveys.limits import buckets
from tests import factories


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    """Forget what a process keeps for seconds: each test begins with an empty database."""
    versions.questionnaire.cache_clear()
    directory.forget()
    queries.forget()
    buckets.clear()
    yield


@pytest.fixture
def house(db: Any) -> factories.House:
    return factories.house()
