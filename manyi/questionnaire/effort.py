"""How many questions, and about how long: what is said before anybody starts."""

from __future__ import annotations

from collections.abc import Iterator

from manyi.kit.localtext import LocalText, pick
from manyi.questionnaire.model import Page, Question, Questionnaire

# Rules of thumb: seconds to give an answer once its question has been read.
_ANSWERING = {
    "rating": 3.0,
    "nps": 4.0,
    "ces": 4.0,
    "single": 4.0,
    "multiple": 6.0,
    "matrix": 0.0,
    "short_text": 10.0,
    "long_text": 20.0,
    "number": 6.0,
    "date": 7.0,
    "statement": 0.0,
    "consent": 3.0,
}
_ROW = 3.0
_CHARACTERS_A_SECOND = {"zh": 8.0, "ja": 8.0, "ko": 8.0}
_LETTERS_A_SECOND = 20.0
_LIKELY = 0.4


def estimate_seconds(q: Questionnaire, language: str = "") -> int:
    """Return about how many seconds `q` takes; conditional questions count for their share."""
    language = language or q.language
    total = _reading(q.intro, language)
    for page, x in _asked(q):
        likely = _LIKELY if page.show_if or x.show_if else 1.0
        total += likely * _one(x, language)
    return max(5, 5 * round(total / 5))


def count_questions(q: Questionnaire) -> int:
    """Return how many questions `q` may ask; statements are none, a matrix is one."""
    return sum(x.asks for x in q.questions())


def _asked(q: Questionnaire) -> Iterator[tuple[Page, Question]]:
    for page in q.pages:
        for question in page.questions:
            yield page, question


def _one(x: Question, language: str) -> float:
    words: list[LocalText] = [x.title, x.help, *(one.label for one in (*x.choices, *x.rows))]
    reading = sum(_reading(text, language) for text in words)
    return reading + _ANSWERING[x.kind] + _ROW * len(x.rows)


def _reading(text: LocalText, language: str) -> float:
    speed = _CHARACTERS_A_SECOND.get(language.split("-")[0], _LETTERS_A_SECOND)
    return len(pick(text, language)) / speed
