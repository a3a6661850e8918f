"""Operations that take no query parameters refuse any: a typo must not go by unnoticed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from ninja.operation import Operation

from manyi.api.wire import check_parameters

Run = Callable[..., HttpResponseBase]


def strict(run: Run) -> Run:
    """Have an operation look at the query string once it is known who calls.

    Operations that describe query parameters look themselves: theirs may have open names.
    """
    operation: Operation = run.__self__  # type: ignore[attr-defined]
    if not _takes_parameters(operation):
        operation.view_func = _refusing(operation.view_func)
    return run


def _takes_parameters(operation: Operation) -> bool:
    described = (operation.openapi_extra or {}).get("parameters", [])
    return any(one["in"] == "query" for one in described)


def _refusing(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def looked(request: HttpRequest, *args: Any, **given: Any) -> Any:
        check_parameters(request)
        return view(request, *args, **given)

    return looked
