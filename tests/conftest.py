"""What every test shares."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Databases roll back between tests, and what processes keep in memory with them."""
    from manyi.api import auth
    from manyi.feedback import directory, versions
    from manyi.surveys import queries

    auth.forget()
    directory.forget()
    versions.questionnaire.cache_clear()
    queries.forget()
