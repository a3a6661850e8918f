"""Phone numbers as people write them, made E.164. Pure."""

from __future__ import annotations

import re

# The shape of nearly all numbers here; parsing them in full costs fifty times as much.
_CHINESE_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")
_MARKS = re.compile(r"[\s\-().\u3000－（）]+")
# Letters are refused: the library would read them as the keys of a telephone.
_DIGITS = re.compile(r"\+?\d{5,20}")


def e164(text: str, region: str = "CN") -> str | None:
    """Return the number as +8613800000000, or None for what cannot be a phone number."""
    bare = _MARKS.sub("", text)
    mobile = _CHINESE_MOBILE.fullmatch(bare) if region == "CN" else None
    if mobile:
        return "+86" + mobile[1]
    if not _DIGITS.fullmatch(bare):
        return None
    import phonenumbers  # the numbering plans of all countries take long to load

    try:
        number = phonenumbers.parse(bare, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
