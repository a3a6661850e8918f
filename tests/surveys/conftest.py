from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from manyi.surveys import queries
from tests import factories


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    queries.forget()
    yield


@pytest.fixture
def house(db: Any) -> factories.House:
    return factories.house()
