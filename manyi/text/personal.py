"""Finds and masks what tells who somebody is, in Chinese and English; it rather masks too much.

Rules with check digits find numbers; cues and a tagger find names and addresses. Every pattern
is linear in the length of the text, and the whole text is read, however long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from manyi.text import people

NAME: Final = "name"
PHONE: Final = "phone"
ID_NUMBER: Final = "id_number"
PLATE: Final = "plate"
CARD: Final = "card"
EMAIL: Final = "email"
WECHAT: Final = "wechat"
QQ: Final = "qq"
PASSPORT: Final = "passport"
ADDRESS: Final = "address"
# Where two overlap, the earlier kind of this tuple keeps its place.
KINDS = (EMAIL, ID_NUMBER, CARD, PLATE, PHONE, PASSPORT, WECHAT, QQ, ADDRESS, NAME)


@dataclass(frozen=True)
class Span:
    """`text[start:end]` is personal data of this kind."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Masked:
    """`text` with every span replaced by `[kind]`; `spans` point into the text as written."""

    text: str
    spans: tuple[Span, ...]


def mask(text: str, *, tier: str | None = None) -> Masked:
    """Return the text with names, numbers and addresses masked. Masking twice changes nothing."""
    return mask_all([text], tier=tier)[0]


def mask_all(texts: Sequence[str], *, tier: str | None = None) -> list[Masked]:
    """Return each text masked, as `mask` does, many at once."""
    return [
        Masked(_replaced(text, spans), spans)
        for text, spans in zip(texts, find_all(texts, tier=tier), strict=True)
    ]


def unmarked(text: str, instead: str = " … ") -> str:
    """Return a masked text with a pause, or another sign, where something was masked."""
    return _MASK.sub(instead, text)


def find_all(texts: Sequence[str], *, tier: str | None = None) -> list[tuple[Span, ...]]:
    """Return the personal data of each text in order; spans do not overlap."""
    tagged = people.tag(texts, tier=tier)
    return [
        _apart([*_by_rule(text), *(Span(*t) for t in found if not _cuts_a_word(text, *t))], text)
        for text, found in zip(texts, tagged, strict=True)
    ]


def _cuts_a_word(text: str, start: int, end: int, kind: str) -> bool:
    """Whether a place begins or ends inside a Latin word: no name does, the tagger may."""
    return any(
        0 < at < len(text) and _is_latin(text[at - 1]) and _is_latin(text[at])
        for at in (start, end)
    )


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalpha()


def _replaced(text: str, spans: Iterable[Span]) -> str:
    pieces, at = [], 0
    for span in spans:
        pieces += [text[at : span.start], f"[{span.kind}]"]
        at = span.end
    return "".join([*pieces, text[at:]])


_MASK = re.compile(r"\[(?:" + "|".join(KINDS) + r")\]")


def _apart(spans: list[Span], text: str) -> tuple[Span, ...]:
    """Drop what overlaps a mask or a kind of higher rank; join neighbours of one kind."""
    masks = _MASK.finditer(text) if "[" in text else ()
    taken = [Span(*m.span(), "") for m in masks]
    by_kind: dict[str, list[Span]] = {}
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        by_kind.setdefault(span.kind, []).append(span)
    for kind in KINDS:
        mine = _joined(_free(by_kind.get(kind, ()), taken))
        # Two runs in order, which are merged in one walk: a text may hold a million.
        taken = sorted([*taken, *mine], key=lambda s: s.start) if mine else taken
    return tuple(s for s in taken if s.kind)


def _free(spans: Iterable[Span], taken: Sequence[Span]) -> Iterator[Span]:
    """Yield the spans that touch nothing taken; both come in order, `taken` without overlap."""
    at = 0
    for span in spans:
        while at < len(taken) and taken[at].end <= span.start:
            at += 1
        if at == len(taken) or taken[at].start >= span.end:
            yield span


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Return spans of one kind without overlap: names and addresses swallow what they overlap."""
    found: list[Span] = []
    for span in spans:
        last = found[-1] if found else None
        if last is None or last.end <= span.start:
            found.append(span)
        elif span.kind in (NAME, ADDRESS):
            found[-1] = Span(last.start, max(last.end, span.end), span.kind)
    return found


# Full-width forms become plain ones, character by character, so that places agree.
_NARROW = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20}
_NUMERALS = str.maketrans(
    "零〇一幺二三四五六七八九壹贰叁肆伍陆柒捌玖", "001123456789123456789"[:21]
)
_SPOKEN = re.compile(r"[零〇一幺二三四五六七八九壹贰叁肆伍陆柒捌玖]{11,18}")
_HIDDEN = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")


def _by_rule(text: str) -> list[Span]:
    plain = text if text.isascii() else text.translate(_NARROW)
    if _HIDDEN.search(plain):
        return _without_hidden(plain)
    return _read(plain)


def _without_hidden(text: str) -> list[Span]:
    places = [i for i, c in enumerate(text) if not _HIDDEN.match(c)]
    spans = _read("".join(text[i] for i in places))
    return [Span(places[s.start], places[s.end - 1] + 1, s.kind) for s in spans]


def _read(text: str) -> list[Span]:
    found = []
    digits = sum(map(str.isdigit, text))
    if digits:
        found += _rules(text, _NUMBER_RULES if digits >= _FEWEST_DIGITS else _PLATE_RULES)
    found += _rules(text, _WORD_RULES)
    found += [Span(*place, ADDRESS) for place in people.anchored(text)]
    for spoken in _SPOKEN.finditer(text):
        found += _spoken_digits(text, *spoken.span())
    return found


# Longer than any cue that introduces a number.
_CUE = 40


def _spoken_digits(text: str, start: int, end: int) -> list[Span]:
    """Return what the rules of numbers find in digits that are written as words."""
    first = max(0, start - _CUE)
    said = text[first:start] + text[start:end].translate(_NUMERALS)
    found = (Span(s.start + first, s.end + first, s.kind) for s in _rules(said, _NUMBER_RULES))
    return [s for s in found if s.start >= start]


Check = Callable[[str], bool]
Rule = tuple[str, "re.Pattern[str]", Check | None]


def _rules(text: str, rules: Sequence[Rule]) -> list[Span]:
    found = []
    for kind, pattern, check in rules:
        for match in pattern.finditer(text):
            group = 1 if pattern.groups else 0
            if match.group(group) and (check is None or check(match.group(group))):
                found.append(Span(*match.span(group), kind))
    return found


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def is_id_number(text: str) -> bool:
    """Say whether the check digit of an 18-digit Chinese ID number is right (GB 11643)."""
    body = "".join(c for c in text.upper() if c.isdigit() or c == "X")
    if len(body) != 18 or "X" in body[:17] or not body.isascii():
        return False
    total = sum(int(c) * w for c, w in zip(body, _ID_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == body[17]


def _is_old_id(text: str) -> bool:
    """15 digits: region, then a day of birth as YYMMDD."""
    body = _digits(text)
    return body[0] in "12345678" and 1 <= int(body[8:10]) <= 12 and 1 <= int(body[10:12]) <= 31


def passes_luhn(text: str) -> bool:
    """Say whether the check digit of a card number of 13 to 19 digits is right."""
    body = [int(c) for c in text if c.isdigit()]
    doubled = [d if i % 2 == 0 else d * 2 - 9 * (d > 4) for i, d in enumerate(reversed(body))]
    return 13 <= len(body) <= 19 and len(set(body)) > 2 and sum(doubled) % 10 == 0


def _has_digit(text: str) -> bool:
    return any(c.isdigit() for c in text)


def _is_wechat(text: str) -> bool:
    return bool(re.search(r"[\d_-]", text)) or not text.isascii() or len(set(text.lower())) > 4


_S = r"[ \-‐–—.]?"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_NUMBER_RULES: tuple[Rule, ...] = (
    (
        ID_NUMBER,
        re.compile(rf"(?<![\dA-Za-z])[1-9](?:{_S}\d){{16}}{_S}[\dXx](?![\dA-Za-z])"),
        is_id_number,
    ),
    (
        ID_NUMBER,
        re.compile(
            r"(?:身份证|证件号|ID\s?card|ID\s?number|national id)\D{0,12}?([1-9]\d{13,16}[\dXx])(?!\d)",  # noqa: E501
            re.I,
        ),
        None,
    ),
    (ID_NUMBER, re.compile(r"(?<!\d)[1-9]\d{14}(?!\d)"), _is_old_id),
    (ID_NUMBER, re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])"), None),
    (ID_NUMBER, re.compile(r"(?<![A-Za-z])[A-Z]\d{6}\s?\(\s?[\dA]\s?\)"), None),
    (CARD, re.compile(rf"(?<!\d)[2-9](?:{_S}\d){{12,18}}(?!\d)"), passes_luhn),
    (
        CARD,
        re.compile(
            r"(?:卡号|账号|帐号|银行卡|储蓄卡|信用卡|card|account)\D{0,10}?(\d(?:[ -]?\d){11,18})(?!\d)",  # noqa: E501
            re.I,
        ),
        None,
    ),
    (PHONE, re.compile(rf"(?<!\d)(?:(?:\+|00)?86{_S})?1{_S}[3-9](?:{_S}\d){{9}}(?!\d)"), None),
    (
        PHONE,
        re.compile(r"(?<![\d-])\(?0\d{2,3}\)?[ -]?\d{7,8}(?:(?:-|转|\s?ext\.?\s?)\d{1,6})?(?!\d)"),
        None,
    ),
    (
        PHONE,
        re.compile(r"(?<![\d+])\+\d{1,3}[ -.]?\(?\d{1,4}\)?(?:[ -.]?\d{2,4}){2,4}(?!\d)"),
        None,
    ),
    (
        PHONE,
        re.compile(r"(?<![\d-])(?![48]00)(?:\(\d{3}\)\s?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\d-])"),
        None,
    ),
    (
        PHONE,
        re.compile(
            r"(?:座机|固话|电话|手机|联系方式|tel|phone|call me (?:at|on)|mobile)\D{0,8}?([1-9]\d{6,10})(?!\d)",  # noqa: E501
            re.I,
        ),
        None,
    ),
    (
        PLATE,
        re.compile(
            rf"[{_PROVINCES}][A-HJ-Za-hj-z][·•. -]?(?:[A-HJ-NP-Za-hj-np-z0-9]{{5,6}}|[A-HJ-NP-Za-hj-np-z0-9]{{4}}[挂学警港澳领])(?![A-Za-z0-9])"  # noqa: E501
        ),
        _has_digit,
    ),
    (
        PASSPORT,
        re.compile(
            r"(?<![A-Za-z0-9])(?:[EeGgDdSsPpHhKk]\d{8}|[Ee][A-Ha-hJ-Nj-nP-Zp-z]\d{7}|[HhMm]\d{8,10})(?![A-Za-z0-9])"
        ),
        None,
    ),
    (
        PASSPORT,
        re.compile(r"(?:护照|通行证|passport)\D{0,12}?([A-Za-z]{0,2}\d{6,9})(?![A-Za-z0-9])", re.I),
        None,
    ),
    (QQ, re.compile(r"(?:QQ|扣扣|企鹅)(?:号码?|群|是|为|[:\s])*([1-9]\d{4,11})(?!\d)", re.I), None),
)
# Every number but that of a plate has this many digits.
_FEWEST_DIGITS = 5
_PLATE_RULES = tuple(rule for rule in _NUMBER_RULES if rule[0] == PLATE)
_WECHAT_CUE = r"(?:微信|薇信|威信|we\s?chat|(?<![a-z])(?:vx|wx|v信|weixin))"
_WORD_RULES: tuple[Rule, ...] = (
    (
        EMAIL,
        re.compile(
            r"[A-Za-z0-9_%+-][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}"
        ),
        None,
    ),
    (
        WECHAT,
        re.compile(
            _WECHAT_CUE
            + r"(?:\s?(?:号码?|id|账号)\s?(?:是|为|is)?|\s?(?:是|为|is|加我?))?\s{0,2}[:：]\s{0,2}([A-Za-z0-9_-]{5,20})",  # noqa: E501
            re.I,
        ),
        None,
    ),
    (
        WECHAT,
        re.compile(
            _WECHAT_CUE
            + r"\s?(?:(?:号码?|id|账号)\s?(?:是|为|is)?|是|为|is)\s?([A-Za-z][A-Za-z0-9_-]{4,19}|\d{6,12})",  # noqa: E501
            re.I,
        ),
        None,
    ),
    (
        WECHAT,
        re.compile(
            _WECHAT_CUE + r"\s?(?:加我?)?\s?((?=[A-Za-z_-]{0,19}\d)[A-Za-z0-9_-]{6,20})", re.I
        ),
        _is_wechat,
    ),
    *((ADDRESS, pattern, None) for pattern in people.ADDRESSES),
    *((NAME, pattern, check) for pattern, check in people.NAMES),
)
