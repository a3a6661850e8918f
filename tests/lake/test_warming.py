from __future__ import annotations

import pytest

from manyi.lake import warming, writing
from manyi.lake.columns import parts
from manyi.lake.expressions import compiled
from tests.factories import NOW, house
from tests.lake.records import record


def test_warm_makes_the_questions_of_every_page() -> None:
    compiled.cache_clear()
    warming.warm()
    assert compiled.cache_info().currsize == 2 * len(warming._QUESTIONS)


@pytest.mark.django_db
def test_the_columns_of_scores_are_open_before_they_are_asked_for() -> None:
    home = house()
    record(home.organisation, csat=4)
    writing.append(home.organisation.pk, NOW)
    parts._open.clear()
    warming.open_columns()
    assert len(parts._open) == 1
