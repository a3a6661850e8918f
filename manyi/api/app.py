"""The REST face: one module a noun, each endpoint a few lines over an action or a query."""

from __future__ import annotations

from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from manyi import __version__
from manyi.api.auth import Token
from manyi.api.problems import problem_response, respond
from manyi.api.strict import strict
from manyi.base.log import logger
from manyi.base.space import is_full
from manyi.kit.problems import FieldProblem, Problem

log = logger(__name__)

api = NinjaAPI(
    title="Manyi",
    version=__version__,
    description="Measure, explain, improve and prove customer satisfaction. 客户满意度监控与改进。",
    auth=Token(),
    openapi_url="/openapi.json",
    docs_url="/docs",
    urls_namespace="api",
)
api.add_decorator(strict, mode="view")


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem_response(request, problem)


@api.exception_handler(AuthenticationError)
def _unauthorized(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return respond(request, 401, "token_invalid")


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return respond(request, 404, "not_found")


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = tuple(
        FieldProblem("/" + "/".join(str(p) for p in one["loc"][1:]), "value_invalid", {})
        for one in error.errors
    )
    return respond(request, 422, "parameters.invalid", errors=errors)


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    code = "body_not_json" if error.status_code == 400 else "not_found"
    return respond(request, error.status_code, code)


@api.exception_handler(SuspiciousOperation)
def _suspicious(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    return respond(request, 400, "request_odd")


@api.exception_handler(OperationalError)
@api.exception_handler(InterfaceError)
def _database(request: HttpRequest, error: Exception) -> HttpResponse:
    # Other faults of the database are ours: to call them busy would have them tried for ever.
    log.exception("database_failed")
    return respond(request, 503, "busy", retry_after=2)


@api.exception_handler(Exception)
def _bug(request: HttpRequest, error: Exception) -> HttpResponse:
    if is_full(error):  # met by a file, or by the driver beneath Django
        return _database(request, error)
    log.exception("api_failed")
    return respond(request, 500, "failed")
