"""Hide what names a person in quoted comments: phones, mails, ID, card and plate numbers."""

from __future__ import annotations

import re

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
    """Return the text with every personal number or address replaced by ***."""
    return _PERSONAL.sub(HIDDEN, text)


def quote(text: str, around: str = "") -> str:
    """Return one masked line of at most 160 characters, the part with `around` where it is long."""
    line = _SPACE.sub(" ", mask(text)).strip()
    if len(line) <= _QUOTED:
        return line
    at = max(line.lower().find(around.lower()), 0)
    start = min(max(at - _QUOTED // 2, 0), len(line) - _QUOTED)
    end = start + _QUOTED
    return ("…" if start else "") + line[start:end] + ("…" if end < len(line) else "")
