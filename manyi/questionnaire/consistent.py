"""What must hold between the parts of a questionnaire: codes, references, limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from manyi.kit.localtext import LocalText
from manyi.kit.problems import FieldProblem
from manyi.questionnaire import model as m
from manyi.questionnaire.conditions import compares
from manyi.questionnaire.fields import is_number
from manyi.questionnaire.marks import contradictions
from manyi.questionnaire.model import Compare, Page, Question, Questionnaire
from manyi.questionnaire.piping import references

_ORDERED = ("at_least", "at_most")


def inconsistencies(q: Questionnaire) -> list[FieldProblem]:
    """Return every contradiction in `q`, each with its JSON pointer."""
    return [
        *_sizes(q),
        *_codes(q),
        *_items(q),
        *_choices(q),
        *_conditions(q),
        *_pipes(q),
        *contradictions(q),
    ]


def _problem(pointer: str, code: str, **params: object) -> FieldProblem:
    return FieldProblem(pointer, f"questionnaire.{code}", params)


def _places(q: Questionnaire) -> Iterator[tuple[str, Page, Question]]:
    for i, page in enumerate(q.pages):
        for j, question in enumerate(page.questions):
            yield f"/pages/{i}/questions/{j}", page, question


def _sizes(q: Questionnaire) -> Iterator[FieldProblem]:
    if not any(x.asks for x in q.questions()):
        yield _problem("/pages", "no_questions")
    if sum(1 for _ in q.questions()) > m.MAX_QUESTIONS:
        yield _problem("/pages", "too_many", limit=m.MAX_QUESTIONS)
    for i, page in enumerate(q.pages):
        if not page.questions:
            yield _problem(f"/pages/{i}/questions", "field_required")


def _codes(q: Questionnaire) -> Iterator[FieldProblem]:
    yield from _unique((f"/pages/{i}/code", p.code) for i, p in enumerate(q.pages))
    questions = [(f"{at}/code", x.code) for at, _, x in _places(q)]
    hidden = [(f"/hidden/{i}/code", h.code) for i, h in enumerate(q.hidden)]
    yield from _unique([*questions, *hidden])
    for at, _, x in _places(q):
        yield from _unique((f"{at}/choices/{i}/code", c.code) for i, c in enumerate(x.choices))
        yield from _unique((f"{at}/rows/{i}/code", c.code) for i, c in enumerate(x.rows))


def _unique(codes: Iterable[tuple[str, str]]) -> Iterator[FieldProblem]:
    # Case is ignored: SPSS, and many a spreadsheet, cannot tell Q1 from q1.
    seen: set[str] = set()
    for pointer, code in codes:
        if code.lower() in seen:
            yield _problem(pointer, "code_taken", value=code)
        seen.add(code.lower())


def _items(q: Questionnaire) -> Iterator[FieldProblem]:
    seen: set[tuple[str, str | None]] = set()
    for at, _, x in _places(q):
        if x.metric is None:
            continue
        if (x.item, x.metric) in seen:
            yield _problem(f"{at}/item", "item_taken", value=x.item)
        seen.add((x.item, x.metric))


def _choices(q: Questionnaire) -> Iterator[FieldProblem]:
    for at, _, x in _places(q):
        if sum(c.other for c in x.choices) > 1:
            yield _problem(f"{at}/choices", "other_twice")
        for i, choice in enumerate(x.choices):
            if choice.code.lower() == m.OTHER and not choice.other:
                yield _problem(f"{at}/choices/{i}/code", "code_reserved", value=choice.code)
            if choice.other and x.kind == "matrix":
                yield _problem(f"{at}/choices/{i}/other", "other_in_matrix")
        yield from _choice_counts(at, x)


def _choice_counts(at: str, x: Question) -> Iterator[FieldProblem]:
    low, high = x.min_choices, x.max_choices
    if low is not None and high is not None and high < low:
        yield _problem(f"{at}/max_choices", "bounds_reversed")
    if low is not None and low > len(x.choices):
        yield _problem(f"{at}/min_choices", "number_outside", low=1, high=len(x.choices))


# ── conditions ────────────────────────────────────────────────────────────────────────────


def _conditions(q: Questionnaire) -> Iterator[FieldProblem]:
    earlier: dict[str, Question] = {}
    for i, page in enumerate(q.pages):
        before = dict(earlier)
        yield from _refs(q, f"/pages/{i}/show_if", page.show_if, before)
        for j, x in enumerate(page.questions):
            # On a mixed page nobody knows which question comes first.
            known = before if page.order == "random" else earlier
            yield from _refs(q, f"/pages/{i}/questions/{j}/show_if", x.show_if, known)
            earlier[x.code] = x


def _refs(
    q: Questionnaire, at: str, condition: m.Condition | None, earlier: dict[str, Question]
) -> Iterator[FieldProblem]:
    for one in compares(condition):
        problem = _hidden_ref(q, at, one) if one.hidden else _ref(q, at, one, earlier)
        if problem is not None:
            yield problem


def _hidden_ref(q: Questionnaire, at: str, one: Compare) -> FieldProblem | None:
    if one.question not in {h.code for h in q.hidden}:
        return _problem(at, "reference_unknown", value=one.question)
    return None


def _ref(
    q: Questionnaire, at: str, one: Compare, earlier: dict[str, Question]
) -> FieldProblem | None:
    asked = earlier.get(one.question)
    if asked is None:
        known = q.question(one.question) is not None
        return _problem(at, "reference_later" if known else "reference_unknown", value=one.question)
    if not asked.asks:
        return _problem(at, "reference_unknown", value=one.question)
    return _row_ref(at, one, asked) or _operator(at, one, asked) or _value_ref(at, one, asked)


def _row_ref(at: str, one: Compare, asked: Question) -> FieldProblem | None:
    if one.row and asked.row(one.row) is None:
        return _problem(at, "reference_unknown", value=f"{one.question}.{one.row}")
    if asked.kind == "matrix" and not one.row and one.op not in ("answered", "not_answered"):
        return _problem(at, "reference_row", value=one.question)
    return None


def _operator(at: str, one: Compare, asked: Question) -> FieldProblem | None:
    ordered = asked.scale is not None or asked.kind in ("number", "date")
    if (one.op in _ORDERED and not ordered) or (one.op == "includes" and asked.kind != "multiple"):
        return _problem(at, "operator_unfit", value=one.op, kind=asked.kind)
    return None


def _value_ref(at: str, one: Compare, asked: Question) -> FieldProblem | None:
    given = one.value if isinstance(one.value, tuple) else (one.value,)
    for value in given if one.value is not None else ():
        if not _can_be(asked, value, one.op):
            return _problem(at, "reference_value", value=value, question=asked.code)
    return None


def _can_be(asked: Question, value: object, op: str) -> bool:
    """Whether `asked` can be answered with `value`; a bound need not be a point of the scale."""
    if value == m.NA:
        return asked.allow_na
    if asked.kind == "consent":
        return isinstance(value, bool)
    if asked.scale is not None:
        return is_number(value) and (op in _ORDERED or value in asked.points())
    if asked.choices:
        return isinstance(value, str) and asked.choice(value) is not None
    return is_number(value) if asked.kind == "number" else isinstance(value, str)


# ── pipes ─────────────────────────────────────────────────────────────────────────────────


def _pipes(q: Questionnaire) -> Iterator[FieldProblem]:
    hidden = {h.code for h in q.hidden}
    asked = {x.code for x in q.questions() if x.asks}
    for pointer, text in _texts(q):
        for words in text.values():
            for code, is_hidden in references(words):
                if code not in (hidden if is_hidden else asked):
                    yield _problem(pointer, "reference_unknown", value=code)


def _texts(q: Questionnaire) -> Iterator[tuple[str, LocalText]]:
    yield "/intro", q.intro
    yield "/thanks/text", q.thanks.text
    for i, page in enumerate(q.pages):
        yield f"/pages/{i}/title", page.title
    for at, _, x in _places(q):
        yield f"{at}/title", x.title
        yield f"{at}/help", x.help
