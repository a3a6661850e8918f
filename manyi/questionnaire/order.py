"""Random orders: drawn once, stored with the response, shown the same ever after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeVar

from manyi.questionnaire.model import Choice, Page, Question, Questionnaire

Drawn = dict[str, dict[str, list[str]]]
T = TypeVar("T", Choice, Question)


class Shuffles(Protocol):
    """A `numpy.random.Generator` or a `random.Random`."""

    def shuffle(self, x: Any, /) -> None: ...


def draw(q: Questionnaire, rng: Shuffles) -> Drawn:
    """Return an order for whatever `q` asks to mix; {} where everything is fixed.

    Statements keep their places; "other" and exclusive choices stay last.
    """
    drawn: Drawn = {}
    for page in q.pages:
        if page.order == "random":
            drawn.setdefault("pages", {})[page.code] = _mix_questions(page, rng)
    for question in q.questions():
        if question.choice_order == "random":
            drawn.setdefault("choices", {})[question.code] = _mix_choices(question.choices, rng)
        if question.row_order == "random":
            drawn.setdefault("rows", {})[question.code] = _mix_choices(question.rows, rng)
    return drawn


def ordered_questions(page: Page, order: Mapping[str, Any] | None) -> list[Question]:
    return _arranged(page.questions, order, "pages", page.code)


def ordered_choices(question: Question, order: Mapping[str, Any] | None) -> list[Choice]:
    return _arranged(question.choices, order, "choices", question.code)


def ordered_rows(question: Question, order: Mapping[str, Any] | None) -> list[Choice]:
    return _arranged(question.rows, order, "rows", question.code)


def _arranged(
    things: tuple[T, ...], order: Mapping[str, Any] | None, group: str, code: str
) -> list[T]:
    # A stored order may be older than this version: unknown codes are skipped, new ones follow.
    wanted = ((order or {}).get(group) or {}).get(code) or []
    place = {c: i for i, c in enumerate(wanted)}
    return sorted(things, key=lambda thing: place.get(thing.code, len(place)))


def _mix_questions(page: Page, rng: Shuffles) -> list[str]:
    mixed = iter(_shuffled((x.code for x in page.questions if x.asks), rng))
    return [next(mixed) if x.asks else x.code for x in page.questions]


def _mix_choices(choices: tuple[Choice, ...], rng: Shuffles) -> list[str]:
    free = _shuffled((c.code for c in choices if not c.stays_last), rng)
    return free + [c.code for c in choices if c.stays_last]


def _shuffled(codes: Iterable[str], rng: Shuffles) -> list[str]:
    found = list(codes)
    rng.shuffle(found)
    return found
