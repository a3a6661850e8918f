"""One voice on its way in, read from the wire shape and checked before anything is stored."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from manyi.feedback.incoming_scores import Score, scores
from manyi.feedback.talks import spoken
from manyi.kit.problems import FieldProblem, Problem

KINDS = frozenset(
    {"survey", "rating", "review", "post", "conversation", "call"}
    | {"complaint", "suggestion", "praise", "interview"}
)
KEYS = frozenset(
    {"source", "source_ref", "survey", "kind", "channel", "occurred_at", "language", "unit"}
    | {"touchpoint", "agent", "customer", "scores", "answers", "turns", "verbatim", "attributes"}
)
CUSTOMER_TEXTS = frozenset(
    ["ref", "name", "phone", "email", "openid", "unionid", "language", "unit", "room", "relation"]
)
CUSTOMER_KEYS = CUSTOMER_TEXTS | {"attributes", "consent"}
TEXT_LIMIT, MOST_TURNS = 100_000, 5_000
CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])
_SHORT = {
    "source": 40,
    "source_ref": 200,
    "channel": 20,
    "language": 10,
    "unit": 60,
    "touchpoint": 60,
    "agent": 60,
    "survey": 16,
}
_FUTURE = timedelta(days=1)
_EARLIEST_YEAR = 1990
# Asked in this order: `isinstance` of a dict alone is quick.
_OBJECT = (dict, Mapping)
_ONE_ORDER = msgspec.json.Encoder(order="sorted")


@dataclass(slots=True)
class Incoming:
    """A checked record; `scores` are (item, metric, worst, best, value)."""

    source: str
    source_ref: str
    kind: str
    occurred_at: datetime
    channel: str = ""
    language: str = ""
    survey: str | None = None
    unit: str | None = None
    touchpoint: str | None = None
    agent: str | None = None
    customer: Mapping[str, Any] | None = None
    scores: list[Score] = field(default_factory=list)
    answers: Mapping[str, Any] = field(default_factory=dict)
    turns: list[tuple[str, datetime | None, str]] = field(default_factory=list)
    verbatim: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    content_hash: str = ""


class _Problems(list[FieldProblem]):
    def note(self, pointer: str, code: str, **params: Any) -> None:
        told = {k: clean_text(v) if isinstance(v, str) else v for k, v in params.items()}
        self.append(FieldProblem(clean_text(pointer), code, told))


def read(record: Any, *, now: datetime) -> Incoming:
    """Return the checked record, or raise Problem("record.invalid") that names every fault."""
    if not isinstance(record, _OBJECT):
        raise Problem("record.invalid", errors=(FieldProblem("", "object_expected", {}),))
    problems = _Problems()
    short = _shorts(record, problems)
    get, given = record.get, short.get
    found = Incoming(
        source=given("source", ""),
        source_ref=given("source_ref", ""),
        kind=_kind(record, problems),
        occurred_at=_moment(get("occurred_at"), "/occurred_at", now, problems) or now,
        channel=given("channel", ""),
        language=given("language", ""),
        survey=given("survey"),
        unit=given("unit"),
        touchpoint=given("touchpoint"),
        agent=given("agent"),
        customer=_customer(record, problems),
        scores=scores(get("scores"), problems.note),
        answers=_object(record, "answers", problems),
        turns=_turns(get("turns"), now, problems),
        verbatim=_text(get("verbatim"), "/verbatim", problems),
        attributes=_attributes(get("attributes"), problems),
    )
    _require(record, found, problems)
    found.verbatim = found.verbatim or spoken(found.turns)
    if problems:
        raise Problem("record.invalid", errors=tuple(problems))
    found.content_hash = content_hash(found)
    return found


def content_hash(one: Incoming) -> str:
    """Return the same 32 hex digits for the same content, whatever the order of its keys."""
    content = (
        one.kind,
        one.occurred_at.timestamp(),
        one.channel,
        one.language,
        one.survey,
        one.unit,
        one.touchpoint,
        one.agent,
        one.customer,
        one.scores,
        one.answers,
        [(role, at.timestamp() if at else None, text) for role, at, text in one.turns],
        one.verbatim,
        one.attributes,
    )
    return hashlib.blake2b(in_one_order(content), digest_size=16).hexdigest()


def in_one_order(content: Any) -> bytes:
    """Return JSON that is the same for the same content, whatever the order of its keys."""
    try:
        return _ONE_ORDER.encode(content)
    except (TypeError, ValueError):
        # Half a character, or what only a Python caller can give.
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return text.encode("utf-8", "surrogatepass")


def _require(record: Mapping[str, Any], found: Incoming, problems: _Problems) -> None:
    for key, value in (("source", found.source), ("source_ref", found.source_ref)):
        if not value and not any(p.pointer == f"/{key}" for p in problems):
            problems.note(f"/{key}", "field_required", field=key)
    if record.get("occurred_at") is None:
        problems.note("/occurred_at", "field_required", field="occurred_at")
    if not (found.scores or found.answers or found.verbatim or found.turns) and not problems:
        problems.note("", "record_empty")
    if found.answers and not found.survey:
        problems.note("/survey", "field_required", field="survey")


def _shorts(record: Mapping[Any, Any], problems: _Problems) -> dict[str, str]:
    """Return the short texts that say something, and note the keys that nobody knows."""
    found = {}
    for key, value in record.items():
        if key in _SHORT:
            clean = _short(value, key, problems) if value is not None else ""
            if clean:
                found[key] = clean
        elif key not in KEYS:
            problems.note(f"/{key}", "field_unknown", field=str(key)[:60])
    return found


def _short(value: Any, key: str, problems: _Problems) -> str:
    if not isinstance(value, str):
        problems.note(f"/{key}", "value.text_expected", field=key)
        return ""
    clean = clean_text(value).strip()
    if len(clean) > _SHORT[key]:
        problems.note(f"/{key}", "value.text_too_long", field=key, limit=_SHORT[key])
        return ""
    return clean


def clean_text(text: str) -> str:
    """Drop control characters and lone surrogates that no database keeps."""
    if text.isprintable():
        return text
    return text.translate(CONTROL).encode("utf-8", "ignore").decode()


def _kind(record: Mapping[str, Any], problems: _Problems) -> str:
    kind = record.get("kind")
    if kind is None:
        if record.get("answers"):
            return "survey"
        if record.get("turns"):
            return "conversation"
        return "rating" if record.get("scores") else "review"
    if isinstance(kind, str) and kind in KINDS:
        return kind
    problems.note("/kind", "kind_unknown", value=str(kind)[:40])
    return "review"


def _moment(value: Any, pointer: str, now: datetime, problems: _Problems) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        at = value
    else:
        try:
            at = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            problems.note(pointer, "time_invalid", value=str(value)[:40])
            return None
    if at.tzinfo is None:
        problems.note(pointer, "time_without_offset", value=str(value)[:40])
        return None
    if at.year < _EARLIEST_YEAR or at > now + _FUTURE:
        problems.note(pointer, "time_implausible", value=str(value)[:40])
        return None
    return at.astimezone(UTC)


def _object(record: Mapping[str, Any], key: str, problems: _Problems) -> dict[str, Any]:
    value = record.get(key)
    if value is None:
        return {}
    if not isinstance(value, _OBJECT) or not all(isinstance(k, str) for k in value):
        problems.note(f"/{key}", "object_expected")
        return {}
    return dict(value)


def _customer(record: Mapping[str, Any], problems: _Problems) -> dict[str, Any] | None:
    if record.get("customer") is None:
        return None
    given = _object(record, "customer", problems)
    for key in given.keys() - CUSTOMER_KEYS:
        problems.note(f"/customer/{key}", "field_unknown", field=str(key)[:60])
    found: dict[str, Any] = {}
    for key in CUSTOMER_TEXTS & given.keys():
        value = given[key]
        if value is None:
            continue
        if not isinstance(value, str) or len(value) > 200:
            problems.note(f"/customer/{key}", "value.text_expected", field=key)
            continue
        found[key] = clean_text(value).strip()
    for key in ("attributes", "consent"):
        if given.get(key) is not None:
            found[key] = _attributes(given[key], problems, f"/customer/{key}")
    return found or None


def _turns(
    value: Any, now: datetime, problems: _Problems
) -> list[tuple[str, datetime | None, str]]:
    if value is None:
        return []
    if not isinstance(value, list):
        problems.note("/turns", "list_expected")
        return []
    if len(value) > MOST_TURNS:
        problems.note("/turns", "turns_too_many", n=len(value), limit=MOST_TURNS)
        return []
    found = []
    for i, raw in enumerate(value):
        at = f"/turns/{i}"
        if not isinstance(raw, _OBJECT) or raw.keys() - {"role", "at", "text"}:
            problems.note(at, "turn_shape")
            continue
        role = raw.get("role")
        role = clean_text(role).strip() if isinstance(role, str) else ""
        if not 0 < len(role) <= 20:
            problems.note(f"{at}/role", "value.text_expected", field="role")
            continue
        when = _moment(raw.get("at"), f"{at}/at", now, problems)
        found.append((role, when, _text(raw.get("text"), f"{at}/text", problems)))
    return found


def _text(value: Any, pointer: str, problems: _Problems) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        problems.note(pointer, "value.text_expected", field=pointer.rsplit("/", 1)[-1])
        return ""
    if len(value) > TEXT_LIMIT:
        problems.note(
            pointer, "value.text_too_long", field=pointer.rsplit("/", 1)[-1], limit=TEXT_LIMIT
        )
        return ""
    return clean_text(value).strip()


def _attributes(value: Any, problems: _Problems, pointer: str = "/attributes") -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, _OBJECT) or len(value) > 50:
        problems.note(pointer, "attributes_shape")
        return {}
    found = {}
    for key, raw in value.items():
        if raw is None:
            continue
        if not _is_attribute(key, raw):
            problems.note(f"{pointer}/{str(key)[:60]}", "attribute_invalid")
            continue
        found[clean_text(key).strip()] = clean_text(raw) if isinstance(raw, str) else raw
    return found


def _is_attribute(key: Any, raw: Any) -> bool:
    if not isinstance(key, str) or len(key) > 60 or not clean_text(key).strip():
        return False
    if isinstance(raw, str):
        return len(raw) <= 500
    return isinstance(raw, bool) or (
        isinstance(raw, int | float) and abs(raw) < 1e15 and math.isfinite(raw)
    )
