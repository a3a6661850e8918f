"""One JSON object being read: gives typed values, notes what is wrong, refuses what is left."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from manyi.kit.problems import FieldProblem
from manyi.questionnaire.model import MAX_TEXT

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_MISSING = object()
T = TypeVar("T", bound=str)


class Fields:
    """Reads the object at JSON pointer `at`. Problems gather in `errors`, shared by the tree."""

    def __init__(self, value: object, at: str, errors: list[FieldProblem], languages: Any) -> None:
        self.at, self.errors, self.languages = at, errors, languages
        self._value: dict[str, Any] = {}
        self._taken: set[str] = set()
        if isinstance(value, Mapping):
            self._value = {str(k): v for k, v in value.items()}
        else:
            self.wrong("", "field_type", expected="object")

    def pointer(self, key: str) -> str:
        escaped = key.replace("~", "~0").replace("/", "~1")
        return f"{self.at}/{escaped}" if key else self.at

    def wrong(self, key: str, code: str, **params: Any) -> None:
        self.errors.append(FieldProblem(self.pointer(key), f"questionnaire.{code}", params))

    def has(self, key: str) -> bool:
        return self._value.get(key) is not None

    def take(self, key: str) -> Any:
        """Return the value of `key` as it came, None where absent."""
        self._taken.add(key)
        return self._value.get(key)

    def finish(self) -> None:
        """Refuse every key that nothing has asked for."""
        for key in sorted(set(self._value) - self._taken):
            self.wrong(key, "field_unknown", value=key[:60])

    def child(self, key: str) -> Fields:
        return Fields(self.take(key), self.pointer(key), self.errors, self.languages)

    def children(self, key: str, limit: int) -> list[Fields]:
        """Return the objects of a list; at most `limit` are read."""
        found = self.take(key)
        if found is None:
            return []
        if not isinstance(found, (list, tuple)):
            self.wrong(key, "field_type", expected="array")
            return []
        if len(found) > limit:
            self.wrong(key, "too_many", limit=limit)
        at = self.pointer(key)
        return [
            Fields(one, f"{at}/{i}", self.errors, self.languages)
            for i, one in enumerate(found[:limit])
        ]

    def code(self, key: str = "code", reserved: frozenset[str] = frozenset()) -> str:
        found = self.take(key)
        if found is None:
            self.wrong(key, "field_required")
            return ""
        if not isinstance(found, str) or not _CODE.fullmatch(found):
            self.wrong(key, "code_invalid", value=str(found)[:60])
            return ""
        if found.lower() in reserved:
            self.wrong(key, "code_reserved", value=found)
        return found

    def code_or_none(self, key: str) -> str | None:
        return self.code(key) if self.has(key) else self.take(key)

    def flag(self, key: str) -> bool:
        found = self.take(key)
        if found is not None and not isinstance(found, bool):
            self.wrong(key, "field_type", expected="boolean")
        return found is True

    def string(self, key: str, limit: int = 200) -> str | None:
        found = self.take(key)
        if found is None or (isinstance(found, str) and 0 < len(found) <= limit):
            return found
        self.wrong(key, "field_type", expected="string")
        return None

    def one_of(self, key: str, options: tuple[T, ...], default: T) -> T:
        found = self.take(key)
        if found is None:
            return default
        if found in options:
            return options[options.index(found)]
        self.wrong(key, "value_not_allowed", value=str(found)[:60], allowed=", ".join(options))
        return default

    def number(self, key: str) -> float | None:
        found = self.take(key)
        if found is None:
            return None
        if is_number(found):
            return float(found)
        self.wrong(key, "field_type", expected="number")
        return None

    def count(self, key: str, low: int, high: int) -> int | None:
        """Return a whole number from `low` to `high`, None where absent or refused."""
        found = self.number(key)
        if found is None:
            return None
        if found.is_integer() and low <= found <= high:
            return int(found)
        self.wrong(key, "number_outside", low=low, high=high)
        return None

    def text(self, key: str) -> dict[str, str]:
        """Return a text that is complete in every language, {} where absent."""
        return self.local(key, self.take(key))

    def needed_text(self, key: str) -> dict[str, str]:
        if not self.has(key):
            self.wrong(key, "field_required")
        return self.text(key)

    def local(self, key: str, value: object) -> dict[str, str]:
        """Return `value` as a LocalText; a plain string is the text of the first language."""
        if value is None or value == {} or value == "":
            return {}
        if isinstance(value, str):
            value = {next(iter(self.languages), "en"): value}
        if not isinstance(value, Mapping) or not all(isinstance(v, str) for v in value.values()):
            self.wrong(key, "field_type", expected="text")
            return {}
        found = {str(tag): words for tag, words in value.items()}
        self._check_languages(key, found)
        return found

    def _check_languages(self, key: str, found: dict[str, str]) -> None:
        for tag in self.languages:
            if not found.get(tag, "").strip():
                self.wrong(key, "text_missing", language=tag)
        for tag in sorted(set(found) - set(self.languages)):
            self.wrong(key, "language_unknown", language=tag[:60])
        if any(len(words) > MAX_TEXT for words in found.values()):
            self.wrong(key, "text_long", limit=MAX_TEXT)


def is_number(value: object) -> bool:
    """Whether `value` is a finite JSON number; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return abs(value) <= 1e15 and math.isfinite(value)


def is_language(value: object) -> bool:
    return isinstance(value, str) and _LANGUAGE.fullmatch(value) is not None


def is_web_address(value: object) -> bool:
    """Whether `value` is an absolute http or https address that a redirect may go to."""
    if not isinstance(value, str) or len(value) > 2000 or re.search(r"[\s\x00-\x1f\\]", value):
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
