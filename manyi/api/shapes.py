"""The shapes of the wire as JSON Schema, and how an operation is described with them."""

from __future__ import annotations

from typing import Any

Shape = dict[str, Any]


def obj(
    properties: dict[str, Shape], *, required: tuple[str, ...] = (), more: Shape | None = None
) -> Shape:
    """Return an object's schema; unknown fields are refused unless `more` describes them."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": more if more is not None else False,
    }


def listed(items: Shape, **rules: Any) -> Shape:
    return {"type": "array", "items": items, **rules}


def maybe(shape: Shape) -> Shape:
    """Return the schema of a value that may be null."""
    return {"anyOf": [shape, {"type": "null"}]}


def text(longest: int | None = None, **rules: Any) -> Shape:
    return {"type": "string", **({"maxLength": longest} if longest else {}), **rules}


ANY: Shape = {}
NUMBER: Shape = {"type": "number"}
WHOLE: Shape = {"type": "integer"}
FLAG: Shape = {"type": "boolean"}
ID: Shape = text(pattern="^[0-9]{1,19}$")
TIME: Shape = text(format="date-time")
LOCAL_TEXT: Shape = {"type": "object", "additionalProperties": text()}
FREE: Shape = {"type": "object"}
SCALE: Shape = listed(NUMBER, minItems=2, maxItems=2)
KIND: Shape = {
    "type": "string",
    "enum": [
        *("survey", "rating", "review", "post", "conversation", "call"),
        *("complaint", "suggestion", "praise", "interview"),
    ],
}
SCORE = obj(
    {
        "item": text(90),
        "metric": {"type": "string", "enum": ["csat", "nps", "ces", "score"]},
        "value": NUMBER,
        "scale": SCALE,
    },
    required=("metric", "value"),
)
TURN = obj({"role": text(20, minLength=1), "at": maybe(TIME), "text": text()}, required=("role",))
CUSTOMER_IN = obj(
    {
        **{k: maybe(text(200)) for k in ("ref", "name", "phone", "email", "openid", "unionid")},
        **{k: maybe(text(200)) for k in ("language", "unit", "room", "relation")},
        "attributes": maybe(FREE),
        "consent": maybe(FREE),
    }
)
FEEDBACK_IN = obj(
    {
        "source": text(40, minLength=1),
        "source_ref": text(200, minLength=1),
        "survey": maybe(text(16)),
        "kind": maybe(KIND),
        "channel": maybe(text(20)),
        "occurred_at": TIME,
        "language": maybe(text(10)),
        "unit": maybe(text(60)),
        "touchpoint": maybe(text(60)),
        "agent": maybe(text(60)),
        "customer": maybe(CUSTOMER_IN),
        "scores": maybe(listed(SCORE, maxItems=200)),
        "answers": maybe(FREE),
        "turns": maybe(listed(TURN)),
        "verbatim": maybe(text(100_000)),
        "attributes": maybe(FREE),
    },
    required=("source", "source_ref", "occurred_at"),
)
RECEIVED = obj(
    {"id": ID, "result": {"type": "string", "enum": ["created", "updated", "unchanged"]}},
    required=("id", "result"),
)
LINE_PROBLEM = obj(
    {"line": WHOLE, "code": text(), "detail": text(), "pointer": text()},
    required=("line", "code", "detail"),
)
BULK_OUT = obj(
    {
        **{k: WHOLE for k in ("received", "created", "unchanged", "updated", "rejected")},
        "problems": listed(LINE_PROBLEM),
        "problems_omitted": WHOLE,
    },
    required=("received", "created", "unchanged", "updated", "rejected", "problems"),
)
FEEDBACK = obj(
    {
        "id": ID,
        "source": text(),
        "source_ref": maybe(text()),
        "survey": maybe(text()),
        "version": maybe(ID),
        "kind": KIND,
        "channel": text(),
        "occurred_at": text(),
        "day": text(format="date"),
        "state": {"type": "string", "enum": ["complete", "partial", "under_way"]},
        "anonymous": FLAG,
        "language": text(),
        "unit": maybe(text()),
        "touchpoint": maybe(text()),
        "agent": maybe(text()),
        "customer": maybe(obj({"id": ID, "ref": maybe(text()), "name": maybe(text())})),
        "scores": listed(SCORE),
        "answers": FREE,
        "turns": listed(obj({"role": text(), "at": maybe(TIME), "text": text()})),
        "verbatim": text(),
        "attributes": FREE,
        "tags": listed(text()),
        "findings": listed(FREE),
        "revision": WHOLE,
    },
    required=("id", "source", "kind", "occurred_at", "state", "scores", "answers", "verbatim"),
)
PROBLEM = obj(
    {
        "type": text(),
        "title": text(),
        "status": WHOLE,
        "code": text(),
        "detail": text(),
        "errors": listed(obj({"pointer": text(), "code": text(), "detail": text()})),
        "request_id": text(),
    },
    required=("title", "status", "code", "detail", "errors", "request_id"),
)
SAYS = {
    200: "Done",
    201: "Created",
    202: "Noted; goes on in the background",
    204: "Done, nothing to say",
    400: "The body is not JSON, or the address holds what cannot be used",
    401: "The token is missing, wrong or expired",
    403: "The member's role does not allow this",
    404: "Nothing here that the member may see",
    409: "The same idempotency key is being stored right now",
    415: "The body has another media type",
    422: "Something in the request has to be put right",
    429: "Too many requests; try again later",
    503: "Nothing was stored; try again later",
}
PROBLEM_CONTENT = {"application/problem+json": {"schema": PROBLEM}}


def items(shape: Shape) -> Shape:
    """Return the shape of one page of a list."""
    return obj(
        {"items": listed(shape), "next_cursor": maybe(text())}, required=("items", "next_cursor")
    )


def query(name: str, shape: Shape, about: str = "", *, many: bool = False) -> Shape:
    """Describe a query parameter."""
    found = {"name": name, "in": "query", "required": False, "description": about}
    return {**found, "schema": listed(shape) if many else shape}


PAGE = [
    query("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
    query("cursor", text(), "`next_cursor` of the page before"),
]
DAY: Shape = text(format="date")
SELECTION = [
    query("unit", text(), "code of a unit; admits its whole subtree", many=True),
    *(query(k, text(), many=True) for k in ("survey", "touchpoint", "channel", "agent")),
    *(query(k, text(), many=True) for k in ("source", "kind", "language")),
    query("aspect", text(), "what the words speak of; a group admits its aspects", many=True),
    query(
        "polarity",
        {"type": "string", "enum": ["negative", "neutral", "positive"]},
        "of the words, or of what they say of `aspect`",
        many=True,
    ),
    *(query(k, text(), "shown by the words", many=True) for k in ("emotion", "intent")),
    query("from", DAY, "first local day, included"),
    query("to", DAY, "last local day, included"),
]
OF_ONE_SURVEY = [one for one in SELECTION if one["name"] != "survey"]
"""What narrows the answers of a survey that is named already."""


def describe(
    answers: dict[int, Shape | None],
    *,
    body: Shape | None = None,
    body_type: str = "application/json",
    parameters: list[Shape] | None = None,
    refusals: tuple[int, ...] = (),
    example: Any = None,
) -> dict[str, Any]:
    """Return what an operation's OpenAPI entry says beside its path."""
    responses: dict[int, Any] = {
        status: {
            "description": SAYS[status],
            **({"content": {"application/json": {"schema": shape}}} if shape else {}),
        }
        for status, shape in answers.items()
    }
    # Any address may hold what no database takes.
    for status in sorted({400, *refusals}):
        responses[status] = {"description": SAYS[status], "content": PROBLEM_CONTENT}
    found: dict[str, Any] = {"responses": responses}
    if parameters:
        found["parameters"] = parameters
    if body is not None:
        content: dict[str, Any] = {"schema": body}
        if example is not None:
            content["example"] = example
        found["requestBody"] = {"required": True, "content": {body_type: content}}
    return found


READS = (400, 401, 403, 404, 422)
LISTS = (400, 401, 403, 422)
WRITES = (400, 401, 403, 404, 409, 422, 503)
KEY: Shape = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": text(200, minLength=1),
    "description": "the same key and body are done once and answered the same",
}
