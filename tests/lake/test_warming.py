from __future__ import annotations

from manyi.lake import warming
from manyi.lake.expressions import compiled


def test_warm_makes_the_questions_of_every_page() -> None:
    compiled.cache_clear()
    warming.warm()
    assert compiled.cache_info().currsize == 2 * len(warming._QUESTIONS)
