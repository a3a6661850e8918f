"""What every test shares."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Databases roll back between tests, and what processes keep in memory with them."""
    from manyi.feedback import directory, versions
    from manyi.surveys import queries

    directory.forget()
    versions.questionnaire.cache_clear()
    queries.forget()
