"""Whether a condition holds. Pure and total: an absent answer is never an error, 0 is an answer.

On an absent answer `equals`, `in`, `at_least`, `at_most`, `includes` and `answered` are false;
`not_equals`, `not_in` and `not_answered`, their opposites, are true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from manyi.questionnaire.model import NA, All, Compare, Condition, Either, Not


def holds(
    condition: Condition | None,
    answers: Mapping[str, object],
    hidden: Mapping[str, str] | None = None,
) -> bool:
    """Whether `condition` is met by normalised answers; no condition is always met."""
    match condition:
        case None:
            return True
        case All(of):
            return all(holds(one, answers, hidden) for one in of)
        case Either(of):
            return any(holds(one, answers, hidden) for one in of)
        case Not(of):
            return not holds(of, answers, hidden)
        case Compare():
            return _compare(condition, _found(condition, answers, hidden or {}))


def compares(condition: Condition | None) -> Iterator[Compare]:
    """Yield every comparison inside `condition`."""
    match condition:
        case Compare():
            yield condition
        case All(of) | Either(of):
            for one in of:
                yield from compares(one)
        case Not(of):
            yield from compares(of)


def is_absent(value: object) -> bool:
    """Whether `value` is no answer: null, blank, an empty list or object. 0 and false are."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, (list, tuple, dict)) and len(value) == 0)


def is_na(value: object) -> bool:
    return isinstance(value, Mapping) and value.get("na") is True


def _found(one: Compare, answers: Mapping[str, object], hidden: Mapping[str, str]) -> object:
    if one.hidden:
        return hidden.get(one.question)
    value = answers.get(one.question)
    if not one.row:
        return value
    return value.get(one.row) if isinstance(value, Mapping) else None


def _compare(one: Compare, value: object) -> bool:
    if one.op in _OPPOSITES:
        return not _TESTS[_OPPOSITES[one.op]](_atoms(value), one.value)
    return _TESTS[one.op](_atoms(value), one.value)


def _atoms(value: object) -> list[object]:
    """Return the plain answers inside a value: codes, a number, a text, "na"."""
    if is_absent(value):
        return []
    if is_na(value):
        return [NA]
    if isinstance(value, Mapping):
        return _inside(value)
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _inside(value: Mapping[str, object]) -> list[object]:
    if "codes" in value or "code" in value:
        return _atoms(value.get("codes", value.get("code")))
    return [atom for cell in value.values() for atom in _atoms(cell)]


def _is_only(atoms: list[object], wanted: object) -> bool:
    return len(atoms) == 1 and _same(atoms[0], wanted)


def _meets(atoms: list[object], wanted: object) -> bool:
    options = wanted if isinstance(wanted, (list, tuple)) else (wanted,)
    return any(_same(atom, option) for atom in atoms for option in options)


def _same(a: object, b: object) -> bool:
    # True == 1 in Python, but a given consent is not the rating 1.
    return isinstance(a, bool) == isinstance(b, bool) and a == b


def _ordered(a: object, b: object) -> bool:
    """Whether a ≤ b, for two numbers or two ISO dates; anything else is not."""
    if _is_number(a) and _is_number(b):
        return bool(a <= b)  # type: ignore[operator]
    return isinstance(a, str) and isinstance(b, str) and a <= b


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_OPPOSITES = {"not_equals": "equals", "not_in": "in", "not_answered": "answered"}
_TESTS: dict[str, Callable[[list[object], object], bool]] = {
    "answered": lambda atoms, wanted: bool(atoms),
    "equals": _is_only,
    "in": _meets,
    "includes": _meets,
    "at_least": lambda atoms, wanted: any(_ordered(wanted, atom) for atom in atoms),
    "at_most": lambda atoms, wanted: any(_ordered(atom, wanted) for atom in atoms),
}
