"""What is given of a population's margins, read and checked. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from manyi.kit.problems import FieldProblem, Problem
from manyi.kit.selection import is_dimension

# Published shares are rounded: three thirds may be given as 33.3 each.
ROUNDING = 0.5
MOST = 5000
_LONGEST = {"dimension": 90, "code": 200}


@dataclass(frozen=True)
class Category:
    """A category of the population; one of `share` (per cent) and `count` is given."""

    dimension: str
    code: str
    share: float | None
    count: float | None


class _Errors(list[FieldProblem]):
    def say(self, pointer: str, code: str, **params: Any) -> None:
        self.append(FieldProblem(pointer, code, params))


def read(rows: Sequence[Mapping[str, Any]]) -> list[Category]:
    """Return the categories given as {"dimension", "code", "share" or "count"}.

    Numbers may be text, as files bring them. Every dimension needs two categories, all in
    shares that sum to 100 or all in counts above 0. Raises Problem("population.invalid")
    naming each row, or dimension, that cannot be.
    """
    errors = _Errors()
    if len(rows) > MOST:
        errors.say("/margins", "population.too_many", limit=MOST)
        raise Problem("population.invalid", errors=tuple(errors))
    found = [_category(row, f"/margins/{at}", errors) for at, row in enumerate(rows)]
    if not errors:
        _check_together(found, errors)
    if errors:
        raise Problem("population.invalid", errors=tuple(errors[:50]))
    return found


def _category(row: Mapping[str, Any], at: str, errors: _Errors) -> Category:
    names = {key: str(row.get(key) or "").strip() for key in _LONGEST}
    for key, longest in _LONGEST.items():
        if not 0 < len(names[key]) <= longest:
            errors.say(f"{at}/{key}", "field_required", field=key)
    if names["dimension"] and not is_dimension(names["dimension"]):
        errors.say(f"{at}/dimension", "dimension_unknown", value=names["dimension"][:90])
    share, count = (_number(row.get(key), f"{at}/{key}", errors) for key in ("share", "count"))
    if (share is None) == (count is None):
        errors.say(at, "population.share_or_count")
    elif count is not None and count <= 0:
        errors.say(f"{at}/count", "population.count_low")
    elif share is not None and not 0 < share <= 100:
        errors.say(f"{at}/share", "population.share_range")
    return Category(names["dimension"], names["code"], share, count)


def _number(value: Any, pointer: str, errors: _Errors) -> float | None:
    if value is None or str(value).strip() == "":
        return None
    try:
        number = math.nan if isinstance(value, bool) else float(str(value).strip().rstrip("%％"))
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or abs(number) > 1e15:
        errors.say(pointer, "population.number", value=str(value)[:40])
        return 1.0
    return number


def _check_together(found: Iterable[Category], errors: _Errors) -> None:
    parts: dict[str, list[Category]] = defaultdict(list)
    for one in found:
        parts[one.dimension].append(one)
    for dimension, categories in parts.items():
        _check_dimension(dimension, categories, errors)


def _check_dimension(dimension: str, categories: list[Category], errors: _Errors) -> None:
    codes = [one.code for one in categories]
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        errors.say("/margins", "population.twice", dimension=dimension, value=twice[0])
    if len(codes) < 2:
        errors.say("/margins", "population.one_category", dimension=dimension)
    shares = [one.share for one in categories if one.share is not None]
    if shares and len(shares) < len(categories):
        errors.say("/margins", "population.mixed", dimension=dimension)
    elif shares and abs(sum(shares) - 100) > ROUNDING:
        total = round(sum(shares), 2)
        errors.say("/margins", "population.shares_sum", dimension=dimension, value=total)


def nested(codes: Iterable[str], above: Mapping[str, str | None]) -> str | None:
    """Return a unit that lies below another of `codes`, None where no person counts twice."""
    wanted = set(codes)
    for code in sorted(wanted):
        step = above.get(code)
        while step is not None:
            if step in wanted:
                return code
            step = above.get(step)
    return None
