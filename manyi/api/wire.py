"""JSON in and out, pages of lists, and the query parameters that an operation knows."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from jsonschema import Draft202012Validator, ValidationError

from manyi.api.shapes import Shape
from manyi.base.requests import body_stream
from manyi.kit.problems import FieldProblem, NotFound, Problem
from manyi.kit.selection import Scope, Selection, is_key, parse

BODY_LIMIT = 2 * 1024 * 1024
LIMIT, MOST = 50, 200
PAGED = ("limit", "cursor")
_DECODER = msgspec.json.Decoder()


def answer(body: Any, status: int = 200) -> HttpResponse:
    text = json.dumps(body, ensure_ascii=False, allow_nan=False)
    return HttpResponse(text, content_type="application/json", status=status)


def read_json(request: HttpRequest) -> Any:
    """Return the body as JSON, or raise a Problem."""
    try:
        return loads(_body(request))
    except (ValueError, RecursionError):
        raise Problem("body_not_json") from None


def _body(request: HttpRequest) -> bytes:
    stream = body_stream(request)
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal() or int(length[:18]) > BODY_LIMIT:
        raise Problem("body_too_large", limit=BODY_LIMIT)
    if stream is not request and not hasattr(request, "_body"):
        request._body = stream.read(BODY_LIMIT + 1)
        if len(request._body) > BODY_LIMIT:
            raise Problem("body_too_large", limit=BODY_LIMIT)
    return request.body


def loads(raw: bytes) -> Any:
    """Return JSON without the characters that no database keeps; ValueError for other text."""
    # Only an escape can name NUL; half a character, too, which the decoder refuses.
    if b"\\u0000" not in raw:
        with suppress(ValueError, RecursionError):
            return _DECODER.decode(raw)
    value = json.loads(raw, parse_constant=_no_number, parse_float=_finite)
    return _storable(value)


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number in JSON")


def _finite(text: str) -> float:
    """1e999 is well written, but no number that can be kept."""
    number = float(text)
    return number if abs(number) < float("inf") else _no_number(text)


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "ignore").decode()
    if isinstance(value, list):
        return [_storable(v) for v in value]
    if isinstance(value, dict):
        return {_storable(k): _storable(v) for k, v in value.items()}
    return value


def read_body(request: HttpRequest, shape: Shape) -> dict[str, Any]:
    """Return the body as the object that `shape` describes, or raise a Problem."""
    return checked(read_json(request), shape)


def checked(body: Any, shape: Shape) -> dict[str, Any]:
    """Return `body` where it has the `shape`, or raise a Problem that names each fault."""
    errors = [one for error in _validator(shape).iter_errors(body) for one in _said(error)]
    if errors:
        raise Problem("body.invalid", errors=tuple(errors[:50]))
    return dict(body)


_validators: dict[int, Draft202012Validator] = {}


def _validator(shape: Shape) -> Draft202012Validator:
    if id(shape) not in _validators:
        _validators[id(shape)] = Draft202012Validator(shape)
    return _validators[id(shape)]


def _said(error: ValidationError) -> list[FieldProblem]:
    at = "".join(f"/{part}" for part in error.absolute_path)
    if error.validator == "required":
        missing = [k for k in error.validator_value if k not in error.instance]
        return [FieldProblem(f"{at}/{k}", "field_required", {"field": k}) for k in missing]
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        unknown = [str(k)[:60] for k in error.instance if k not in known]
        return [FieldProblem(f"{at}/{k}", "field_unknown", {"field": k}) for k in unknown]
    return [FieldProblem(at, "value_invalid", {})]


def check_parameters(request: HttpRequest, known: Collection[str] = ()) -> None:
    """Refuse query parameters that the operation does not know: a typo must not widen a filter."""
    errors = [
        FieldProblem(k[:60], "parameter_unknown", {"field": k[:60]})
        for k in request.GET
        if k not in known
    ]
    if errors:
        raise Problem("parameters.invalid", errors=tuple(errors))


def selection(request: HttpRequest, scope: Scope, others: Collection[str] = ()) -> Selection:
    """Read a selection; every parameter has to be its own or one of `others`."""
    known = {*others, *(k for k in request.GET if is_key(k))}
    check_parameters(request, known)
    return parse(scope, dict(request.GET.lists()))


def number(request: HttpRequest, name: str) -> float | None:
    text = request.GET.get(name)
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 <= value <= 100:
        raise _bad(name, "index_invalid", text)
    return value


def _bad(name: str, code: str, text: str) -> Problem:
    return Problem("parameters.invalid", errors=(FieldProblem(name, code, {"value": text[:40]}),))


def id_of(text: str) -> int:
    """Return the id that an address names; NotFound for what is none."""
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise NotFound("not_found")
    return int(text)


def limit_of(request: HttpRequest) -> int:
    text = request.GET.get("limit", str(LIMIT))
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:6]) <= MOST:
        raise _bad("limit", "limit_invalid", text)
    return int(text)


def page(
    request: HttpRequest,
    rows: QuerySet[Any],
    show: Callable[[Sequence[Any]], Sequence[Mapping[str, Any]]],
) -> HttpResponse:
    """Answer one page of a list that goes from the newest id to the oldest."""
    limit, cursor = limit_of(request), _cursor(request)
    if cursor is not None:
        rows = rows.filter(pk__lt=cursor[0])
    found = list(rows.order_by("-pk")[: limit + 1])
    return _page(found, limit, show, lambda row: [row.pk])


def page_by_time(
    request: HttpRequest,
    rows: QuerySet[Any],
    show: Callable[[Sequence[Any]], Sequence[Mapping[str, Any]]],
) -> HttpResponse:
    """Answer one page of a list that goes from the latest occurrence to the earliest."""
    limit, cursor = limit_of(request), _cursor(request, length=2)
    if cursor is not None:
        at = _time(cursor[1])
        rows = rows.filter(Q(occurred_at__lt=at) | Q(occurred_at=at, pk__lt=cursor[0]))
    found = list(rows.order_by("-occurred_at", "-pk")[: limit + 1])
    return _page(found, limit, show, lambda row: [row.pk, row.occurred_at.isoformat()])


def _page(
    found: list[Model],
    limit: int,
    show: Callable[[Sequence[Any]], Sequence[Mapping[str, Any]]],
    place: Callable[[Any], list[Any]],
) -> HttpResponse:
    more = len(found) > limit
    following = _sealed(place(found[limit - 1])) if more else None
    return answer({"items": list(show(found[:limit])), "next_cursor": following})


def _sealed(place: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _cursor(request: HttpRequest, length: int = 1) -> list[Any] | None:
    text = request.GET.get("cursor")
    if not text:
        return None
    try:
        place = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise _bad("cursor", "cursor_invalid", text) from None
    is_place = isinstance(place, list) and len(place) == length and type(place[0]) is int
    if not is_place or not 0 <= place[0] < 2**63:
        raise _bad("cursor", "cursor_invalid", text)
    return place


def _time(text: Any) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise _bad("cursor", "cursor_invalid", str(text)) from None
    # A year at either end has no neighbour to be shifted into by a zone.
    if at.tzinfo is None or not 1900 < at.year < 9000:
        raise _bad("cursor", "cursor_invalid", str(text))
    return at
