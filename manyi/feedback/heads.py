"""The heads that organisations have learnt, ready to read with."""

from __future__ import annotations

from functools import lru_cache

from manyi.base.writer import when_undone
from manyi.feedback.models import LearntHead
from manyi.text.learned import Learned
from manyi.text.own import OwnHead, read_head

NONE = 0


def learned(organisation_id: int, number: int) -> Learned | None:
    """Return a head by its number; None where there is none, or it was forgotten."""
    if number == NONE:
        return None
    mine = LearntHead.objects.filter(organisation_id=organisation_id, number=number)
    pk = mine.values_list("pk", flat=True).first()
    return None if pk is None else _loaded(pk)


def latest(organisation_id: int) -> LearntHead | None:
    """Return the newest head without its arrays."""
    mine = LearntHead.objects.filter(organisation_id=organisation_id)
    return mine.defer("texts", "clauses", "aspects", "intents").order_by("-number").first()


def is_of_use(row: LearntHead) -> bool:
    """Whether one of its parts did no worse than the built-in model."""
    return any(part.get("used") for part in row.figures.values())


@lru_cache(maxsize=32)
def _loaded(pk: int) -> Learned:
    row = LearntHead.objects.get(pk=pk)
    parts = (row.texts, row.clauses, row.aspects, row.intents)
    return Learned(row.number, *(_head(part) for part in parts))


def forget() -> None:
    """Forget every head that is loaded: one whose learning was undone leaves its id to another."""
    _loaded.cache_clear()


when_undone(forget)


def _head(content: bytes | memoryview | None) -> OwnHead | None:
    return None if content is None else read_head(bytes(content))
