"""Hide what names a person in quoted comments: numbers, mails, names and addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from manyi.text import mask as without_people
from manyi.text.personal import ADDRESS, NAME, Span, find_all, unmarked

HIDDEN = "***"
_PERSONAL = re.compile(
    r"""
    [A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+                              # mail
    | \+?\d(?:[ \-()（）]{0,2}\d){6,18}[Xx]?                       # phone, ID, card, order, QQ
    | [京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·. ]?[A-Z0-9]{5,6}
    | (?:微信号?|QQ|wechat|wx)\s*[:：是为]?\s*[A-Za-z0-9_-]{5,20}
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SPACE = re.compile(r"\s+")
_QUOTED = 160


def mask(text: str) -> str:
    """Return the text without names, addresses, and every number that may be a person's."""
    return _PERSONAL.sub(HIDDEN, unmarked(without_people(text).text, HIDDEN))


def without_numbers(names: Sequence[str]) -> list[str]:
    """Return names of groups without numbers and addresses of mail that are a person's.

    A shop may be named like a person or a place: names and places stay.
    """
    return [_cut(name, spans) for name, spans in zip(names, find_all(names), strict=True)]


def _cut(name: str, spans: Iterable[Span]) -> str:
    for one in sorted(spans, key=lambda span: -span.start):
        if one.kind not in (NAME, ADDRESS):
            name = name[: one.start] + HIDDEN + name[one.end :]
    return name


def quote(text: str, around: str = "") -> str:
    """Return one masked line of at most 160 characters, the part with `around` where it is long."""
    line = _SPACE.sub(" ", mask(text)).strip()
    if len(line) <= _QUOTED:
        return line
    at = max(line.lower().find(around.lower()), 0)
    start = min(max(at - _QUOTED // 2, 0), len(line) - _QUOTED)
    end = start + _QUOTED
    return ("…" if start else "") + line[start:end] + ("…" if end < len(line) else "")
