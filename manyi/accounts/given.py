"""What people type about an organisation, checked: codes, names, addresses, colours. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from manyi.accounts.phone import e164
from manyi.kit.localtext import LANGUAGES
from manyi.kit.problems import FieldProblem, Problem

CODE_LENGTH = 60
NAME_LENGTH = 120
NUMBER_LIMIT = 1e15
_FORBIDDEN_IN_CODES = frozenset("/\\,;<>\"'`|")
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_EMAIL = re.compile(r"[^@\s<>\"',;()\[\]]{1,64}@(?:[\w-]{1,63}\.)+\w{2,63}")
_USERNAME = re.compile(r"[\w.+-]{2,60}")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


def refuse(pointer: str, code: str, **params: Any) -> NoReturn:
    """Raise the Problem `code`, which belongs to the field `pointer`."""
    raise Problem(code, errors=(FieldProblem(pointer, code, params),), **params)


def clean_code(text: object, pointer: str = "code") -> str:
    """Return a code without spaces around it; refuse one that links and files would break."""
    code = str(text if text is not None else "").strip()
    if not code or len(code) > CODE_LENGTH:
        refuse(pointer, "code.length", value=code[:80], limit=CODE_LENGTH)
    if code in {".", ".."} or not all(_fits_code(c) for c in code):
        refuse(pointer, "code.characters", value=code)
    return code


def _fits_code(character: str) -> bool:
    return character.isprintable() and character not in _FORBIDDEN_IN_CODES


def clean_slug(text: str, pointer: str = "code") -> str:
    slug = text.strip().lower()
    if not _SLUG.fullmatch(slug):
        refuse(pointer, "code.slug", value=text[:80])
    return slug


def clean_text(text: object, limit: int = NAME_LENGTH, pointer: str = "name") -> str:
    """Return one line of text without control characters; refuse a longer one."""
    words = "".join(c for c in str(text or "") if unicodedata.category(c) not in {"Cc", "Cs"})
    words = words.strip()
    if len(words) > limit:
        refuse(pointer, "text.too_long", limit=limit)
    return words


def clean_local(
    value: Mapping[str, Any] | str | None, language: str, pointer: str = "name"
) -> dict[str, str]:
    """Return a LocalText: a plain string is the text in `language`."""
    given = {language: value} if isinstance(value, str) or value is None else value
    if len(given) > 20 or not all(_TAG.fullmatch(str(tag)) for tag in given):
        refuse(pointer, "text.language_tag")
    cleaned = {tag: clean_text(words, pointer=pointer) for tag, words in given.items()}
    return {tag: words for tag, words in cleaned.items() if words}


def clean_language(tag: str, pointer: str = "language") -> str:
    if tag not in LANGUAGES:
        refuse(pointer, "language.unknown", value=str(tag)[:20])
    return tag


def clean_zone(name: str, pointer: str = "time_zone") -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        refuse(pointer, "time_zone.unknown", value=str(name)[:60])
    return name


def clean_colour(text: str, pointer: str = "colour") -> str:
    if not _COLOUR.fullmatch(text):
        refuse(pointer, "colour.invalid", value=text[:20])
    return text.upper()


def clean_threshold(value: object, pointer: str) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = 0
    if not 2 <= number <= 1000:
        refuse(pointer, "threshold.invalid", value=str(value)[:20])
    return number


def clean_size(value: object, pointer: str = "size") -> float | None:
    """Return a weight above nothing, or None where none is given."""
    if value is None or str(value).strip() == "":
        return None
    try:
        size = float(str(value))
    except ValueError:
        size = -1.0
    if not 0 <= size < 1e15:
        refuse(pointer, "unit.size_invalid", value=str(value)[:40])
    return size


def clean_position(value: object, pointer: str = "position") -> int:
    try:
        return min(max(int(float(str(value))), 0), 32_000)
    except (ValueError, OverflowError):
        refuse(pointer, "position.invalid", value=str(value)[:40])


def clean_phone(text: str, pointer: str = "phone") -> str | None:
    if not text.strip():
        return None
    number = e164(text)
    if number is None:
        refuse(pointer, "phone.invalid", value=text[:40])
    return number


def clean_email(text: str, pointer: str = "email") -> str:
    """Return the address in lower case; the empty text stays empty."""
    address = text.strip().lower()
    if address and (len(address) > 254 or not _EMAIL.fullmatch(address)):
        refuse(pointer, "email.invalid", value=text[:80])
    return address


def clean_username(text: str, pointer: str = "username") -> str:
    name = text.strip()
    if name and not _USERNAME.fullmatch(name):
        refuse(pointer, "username.invalid", value=text[:80])
    return name


def clean_attributes(
    given: Mapping[str, Any] | None, pointer: str = "attributes"
) -> dict[str, Any]:
    """Return named texts, numbers and truths; refuse nested values and endless lists."""
    given = given or {}
    if len(given) > 50:
        refuse(pointer, "attributes.too_many", limit=50)
    return {clean_text(k, 60, pointer): _scalar(v, pointer) for k, v in given.items()}


def _scalar(value: Any, pointer: str) -> Any:
    if isinstance(value, (int, float)) and not abs(value) < NUMBER_LIMIT:
        refuse(pointer, "attributes.number", value=str(value)[:40])
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return clean_text(value, 500, pointer)
