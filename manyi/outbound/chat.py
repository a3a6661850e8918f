"""A model behind an OpenAI-compatible address: one question, one answer in JSON."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from manyi.outbound.http import Answer, Failed, send

MOST_BYTES = 256 * 1024
_STATUS = {
    401: "llm.refused",
    403: "llm.refused",
    404: "llm.model_unknown",
    408: "llm.slow",
    413: "llm.too_long",
    429: "llm.busy",
}
# Ways to ask for JSON, the strictest first: not every server knows all of them.
_FORMATS = ("json_schema", "json_object", "")
_understood: dict[tuple[str, str], int] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Model:
    """Where a model listens, what it is called there, and the key it asks for."""

    url: str
    name: str
    key: str

    @property
    def host(self) -> str:
        """Return host and port, as a person may see it."""
        return urlsplit(self.url).netloc


@dataclass(frozen=True)
class Question:
    """What the model is told to do, what it is to look at, and the shape of its answer."""

    instructions: str
    material: str
    schema: Mapping[str, Any]
    most_tokens: int

    @property
    def tokens(self) -> int:
        """Return how many tokens it may cost at most, reckoned without the model's own tokens."""
        asked = len(self.instructions) + len(self.material) + len(json.dumps(self.schema))
        return asked + self.most_tokens


@dataclass(frozen=True)
class Said:
    """What the model wrote, not yet checked, and the tokens that it cost."""

    content: str
    tokens: int


def ask(model: Model, question: Question, *, seconds: float) -> Said:
    """Return the model's answer; raises Failed where there is none."""
    with _lock:
        at = _understood.get((model.url, model.name), 0)
    while True:
        body = _body(model, question, _FORMATS[at])
        found = _send(model, "POST", "/chat/completions", body, seconds)
        if found.status not in (400, 422) or at + 1 == len(_FORMATS):
            break
        at += 1
    if found.status in (400, 422) and _has_answered(model):
        raise Failed("llm.text_refused")
    said = _said(_good(found), question)
    with _lock:
        _understood[(model.url, model.name)] = at
    return said


def _has_answered(model: Model) -> bool:
    """Whether the model took a question before: then it refuses this one for what it says."""
    with _lock:
        return (model.url, model.name) in _understood


def is_listed(model: Model, *, seconds: float) -> bool:
    """Whether the address answers and names the model; raises Failed where it does not answer."""
    found = _json(_good(_send(model, "GET", "/models", None, seconds)))
    rows = found.get("data") if isinstance(found, dict) else None
    if not isinstance(rows, list):
        raise Failed("llm.unreadable")
    return any(isinstance(row, dict) and row.get("id") == model.name for row in rows)


def _body(model: Model, question: Question, shape: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": model.name,
        "messages": [
            {"role": "system", "content": question.instructions},
            {"role": "user", "content": question.material},
        ],
        "temperature": 0,
        "max_tokens": question.most_tokens,
        "stream": False,
    }
    if shape == "json_schema":
        named = {"name": "answer", "schema": question.schema, "strict": True}
        body["response_format"] = {"type": shape, "json_schema": named}
    elif shape:
        body["response_format"] = {"type": shape}
    return body


def _send(
    model: Model, method: str, path: str, body: dict[str, Any] | None, seconds: float
) -> Answer:
    headers = {"Accept": "application/json", "User-Agent": "Manyi"}
    if model.key:
        headers["Authorization"] = f"Bearer {model.key}"
    content = None
    if body is not None:
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        headers["Content-Type"] = "application/json"
    where = model.url + path
    return send(method, where, body=content, headers=headers, seconds=seconds, most=MOST_BYTES)


def _good(found: Answer) -> Answer:
    if 200 <= found.status < 300:
        return found
    if 300 <= found.status < 400:
        raise Failed("llm.redirected")
    raise Failed(_STATUS.get(found.status, "llm.failed"), found.after)


def _json(found: Answer) -> Any:
    try:
        return json.loads(found.body)
    except (ValueError, RecursionError):
        raise Failed("llm.unreadable") from None


def _said(found: Answer, question: Question) -> Said:
    told = _json(found)
    try:
        content = told["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        raise Failed("llm.unreadable") from None
    if content is None:  # it declines: an answer with nothing to believe
        content = ""
    if not isinstance(content, str):
        raise Failed("llm.unreadable")
    content = content.encode("utf-8", "replace").decode()  # JSON may escape halves of signs
    usage = told.get("usage")
    cost = usage.get("total_tokens") if isinstance(usage, dict) else None
    if type(cost) is int and 0 < cost <= 2 * question.tokens:
        return Said(content, cost)
    return Said(content, question.tokens)
