"""A customer as somebody hands them in, made comparable: E.164, lower case, hashes. Pure
but for the keys of `base.secrecy`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from manyi.accounts.given import NUMBER_LIMIT
from manyi.accounts.phone import e164
from manyi.base import cjk, secrecy
from manyi.kit.problems import FieldProblem

REF_LENGTH = 120
KINDS = ("phone", "email", "openid", "unionid")  # also the order in which they are believed
KEYS = frozenset(
    {"ref", "name", "language", "attributes", "consent", "consents", "places", *KINDS}
    | {"unit", "room", "relation"}
)
_LENGTHS = {"name": 100, "language": 10, "openid": 128, "unionid": 128, "email": 254}
_EMAIL = re.compile(r"[^@\s<>\"',;()\[\]]{1,64}@(?:[\w-]{1,63}\.)+\w{2,63}")
_ATTRIBUTES = 50


@dataclass(frozen=True, slots=True)
class Known:
    """One identity: what it is, its value, and the hash it is found by."""

    kind: str
    value: str
    blind: str


@dataclass(frozen=True, slots=True)
class Place:
    unit: str
    room: str = ""
    relation: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """A consent given or taken back; `at` None means now."""

    purpose: str
    version: str = ""
    language: str = ""
    channel: str = ""
    is_granted: bool = True
    at: datetime | None = None


@dataclass(slots=True)
class Given:
    """What `read` made of one mapping; `problems` names the fields that were left out."""

    ref: str | None = None
    name: str = ""
    language: str = ""
    identities: list[Known] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    consents: list[Agreement] = field(default_factory=list)
    problems: list[FieldProblem] = field(default_factory=list)

    @property
    def has_key(self) -> bool:
        """Whether this customer could ever be recognised again."""
        return self.ref is not None or bool(self.identities)


def read(organisation_id: int, raw: Mapping[str, Any]) -> Given:
    """Return the customer in `raw`; a field that cannot be read is left out and named."""
    given = Given()
    given.ref = _ref(raw.get("ref"), given)
    given.name = _text(raw, "name", given)
    given.language = _text(raw, "language", given)
    for kind in KINDS:
        if raw.get(kind):
            _add_identity(given, kind, _plain(raw[kind]))
    if raw.get("attributes"):
        given.attributes = _attributes(raw["attributes"], given)
    if raw.get("places") or raw.get("unit"):
        _add_places(given, raw)
    if raw.get("consent") or raw.get("consents"):
        _add_consents(given, raw)
    return given


def normal(kind: str, value: str) -> str | None:
    """Return an identity in the form that is compared, or None for what cannot be one."""
    if kind == "phone":
        return e164(value)
    text = value.strip()
    if kind == "email":
        text = text.lower()
        return text if len(text) <= _LENGTHS["email"] and _EMAIL.fullmatch(text) else None
    return text if 0 < len(text) <= _LENGTHS[kind] and text.isprintable() else None


def name_tokens(organisation_id: int, name: str) -> list[str]:
    """Return the hashes of the parts of a name: pairs of Han characters and their last, words."""
    kind = f"name:{organisation_id}"
    return [secrecy.blind(kind, token) for token in dict.fromkeys(cjk.tokens(name))]


def phone_token(organisation_id: int, digits: str) -> str:
    """Return the hash of the last four digits of a phone."""
    return secrecy.blind(f"last4:{organisation_id}", digits[-4:])


def _plain(value: Any) -> str:
    """Return a cell as text; spreadsheets keep 101 and 13800000000 as 101.0 and 13800000000.0."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _ref(value: Any, given: Given) -> str | None:
    if value is None:
        return None
    ref = _plain(value).strip()
    if len(ref) > REF_LENGTH or not ref.isprintable():
        given.problems.append(FieldProblem("ref", "customer.ref_invalid", {"limit": REF_LENGTH}))
        return None
    return ref or None


def _text(raw: Mapping[str, Any], key: str, given: Given) -> str:
    value = raw.get(key)
    if value is None or value == "":
        return ""
    text = str(value).strip()
    if not text.isprintable():
        text = "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cs"})
    if len(text) > _LENGTHS[key]:
        params = {"limit": _LENGTHS[key]}
        given.problems.append(FieldProblem(key, "text.too_long", params))
        return ""
    return text


def _add_identity(given: Given, kind: str, value: str) -> None:
    clean = normal(kind, value)
    if clean is None:
        given.problems.append(FieldProblem(kind, f"customer.{kind}_invalid"))
    else:
        given.identities.append(Known(kind, clean, secrecy.blind(kind, clean)))


def _attributes(raw: Any, given: Given) -> dict[str, Any]:
    if not isinstance(raw, Mapping) or len(raw) > _ATTRIBUTES:
        given.problems.append(
            FieldProblem("attributes", "attributes.too_many", {"limit": _ATTRIBUTES})
        )
        return {}
    found = {}
    for key, value in raw.items():
        words = str(key).strip().replace("\x00", "")[:60]
        if isinstance(value, (int, float)) and not abs(value) < NUMBER_LIMIT:
            params = {"value": str(value)[:40]}
            given.problems.append(FieldProblem("attributes", "attributes.number", params))
        elif words:
            found[words] = _scalar(value)
    return found


def _scalar(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value).replace("\x00", "").encode(errors="ignore").decode()[:500]


def _add_places(given: Given, raw: Mapping[str, Any]) -> None:
    for place in [raw, *(raw.get("places") or [])]:
        if not isinstance(place, Mapping) or not place.get("unit"):
            continue
        given.places.append(
            Place(
                _plain(place["unit"]).strip(),
                _line(place.get("room"), 60),
                _line(place.get("relation"), 40),
            )
        )


def _line(value: Any, limit: int) -> str:
    text = _plain(value).strip()
    if text.isprintable():
        return text[:limit]
    return "".join(c for c in text if c.isprintable())[:limit]


def _add_consents(given: Given, raw: Mapping[str, Any]) -> None:
    for one in [raw.get("consent"), *(raw.get("consents") or [])]:
        if not isinstance(one, Mapping) or not one.get("purpose"):
            continue
        at = one.get("at")
        given.consents.append(
            Agreement(
                purpose=_line(one["purpose"], 40),
                version=_line(one.get("version"), 40),
                language=_line(one.get("language"), 10),
                channel=_line(one.get("channel"), 20),
                is_granted=one.get("is_granted", one.get("granted", True)) is not False,
                at=at if isinstance(at, datetime) else None,
            )
        )
