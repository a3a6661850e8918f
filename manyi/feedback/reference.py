"""The number that a respondent may quote, and the record behind it."""

from __future__ import annotations

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def reference(record_id: int) -> str:
    """Return the reference number that a respondent may quote: 13 digits and letters."""
    text = ""
    for _ in range(13):
        record_id, digit = divmod(record_id, 32)
        text = _DIGITS[digit] + text
    return f"{text[:4]}-{text[4:8]}-{text[8:]}"


def record_id_of(quoted: str) -> int | None:
    """Return the id behind a quoted reference number, or None for any other text."""
    letters = [c for c in quoted.upper() if c not in "- "]
    if len(letters) != 13 or any(c not in _DIGITS for c in letters):
        return None
    number = 0
    for c in letters:
        number = number * 32 + _DIGITS.index(c)
    return number
