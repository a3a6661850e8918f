from __future__ import annotations

import pytest

from tests import factories
from tests.factories import House


@pytest.fixture
def house() -> House:
    return factories.house()
