"""A Problem is what a person can put right: a code with parameters, said by the faces."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class FieldProblem:
    """One field's problem: `pointer` is a JSON pointer or a question code."""

    pointer: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)


class Problem(Exception):
    """Refuses an action for a reason that a person can put right.

    `code` names the sentence in `kit.say`, `params` fill it, `errors` name the fields.
    """

    def __init__(self, code: str, *, errors: tuple[FieldProblem, ...] = (), **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params
        self.errors = errors

    def __str__(self) -> str:
        return f"{self.code} {self.params}" if self.params else self.code


class Forbidden(Problem):
    """The member may not do this; faces answer 403."""


class NotFound(Problem):
    """There is no such thing inside what the member may see; faces answer 404."""


class Busy(Problem):
    """Nothing was stored; the same call may go through after `retry_after` seconds (503)."""

    def __init__(self, code: str = "busy", *, retry_after: int = 1, **params: Any) -> None:
        super().__init__(code, **params)
        self.retry_after = retry_after


class TooMany(Problem):
    """Too much at once from one side; the same call may go through after `retry_after` seconds."""

    def __init__(self, code: str = "too_many", *, retry_after: int = 1, **params: Any) -> None:
        super().__init__(code, **params)
        self.retry_after = retry_after
