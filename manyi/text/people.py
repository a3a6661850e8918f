"""Names and addresses: what introduces them, what they are made of, and a tagger for the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from manyi.text import accurate, store, tagger
from manyi.text.normal import HAN, LATIN, LONGEST, SPACE, Batch, batch

# The commonest family names; two-character ones first.
_WORDS = store.words("people")
DOUBLE: Final[str] = _WORDS["double"]
SINGLE: Final[str] = _WORDS["single"]
_FAMILY = rf"(?:{DOUBLE}|[{SINGLE}])"
# Characters that family names share with everyday words: only with a cue or the tagger.
_TITLES: Final[str] = _WORDS["titles"]
_NOT_NAMES = frozenset(_WORDS["not_names"].split())


def _is_person(text: str) -> bool:
    return text not in _NOT_NAMES and text[:2] not in _NOT_NAMES


_END = r"(?=[，。,.;；!！?？、\s（()）:：]|$|[的是在来去把说和与跟被给，]|电话|手机|身份证|住|先生|女士|本人|因|于|我|你|您|很|态|服务|上|特别|非常|真|太|不)"  # noqa: E501
_EN_NAME = (
    r"[A-Z][a-z]+(?:[-'][A-Z][a-z]+)?(?:\s(?:[A-Z]\.\s?)?[A-Z][a-z]+(?:[-'][A-Z][a-z]+)?){0,2}"
)
_EN_NOT = frozenset(_WORDS["en_not"].split())


def _is_english_person(text: str) -> bool:
    return text.split()[0] not in _EN_NOT


Check = Callable[[str], bool] | None
NAMES: tuple[tuple[re.Pattern[str], Check], ...] = (
    (re.compile(rf"({_FAMILY}[\u4e00-\u9fff]{{0,2}}?)(?:{_TITLES})"), _is_person),
    (
        re.compile(
            rf"([小老阿]{_FAMILY}|[小老阿][\u4e00-\u9fff](?=同学|师傅|老师))(?=[，。,!！、\s]|$|师傅|老师|同学|的服务|服务|态度|帮|给)"
        ),
        _is_person,
    ),
    (
        re.compile(
            r"(?:我(?:的名字)?(?:叫做?|名叫|名字是)|本人(?:叫|姓名)?|名(?:字|叫)(?:叫做?|是|为)?|叫做?|姓名|联系人|收[件货]人|投诉人|申请人|业主|患者|病人|署名|落款|户主|经办人|客户|乘客|机主|持卡人)(?:是|为|叫)?\s?[:：]?\s?"
            rf"({_FAMILY}[\u4e00-\u9fff]{{1,2}}?){_END}"
        ),
        _is_person,
    ),
    (
        re.compile(
            rf"(?:我是|这里是|你好我是|车主|老师|骑手|快递员|前台|柜员|工程师|办业务的|接待的|员工|店员|服务员|柜员|护士|医生|大夫|主任|经理|客服|师傅|导购|管家|保安|工号\d{{1,8}}的?)\s?[:：]?\s?({_FAMILY}[\u4e00-\u9fff]{{1,2}}?){_END}"
        ),
        _is_person,
    ),
    (re.compile(rf"(?:我|免贵|本人)姓({_FAMILY})"), None),
    (
        re.compile(
            rf"(?:[Mm]y name(?:'s| is)|[Tt]his is|[Nn]ame:|[Ss]igned,?|[Ss]incerely,?|[Rr]egards,?|named|[Cc]ontact(?: me)?:?|[Aa]sk(?:ed)? for|[Ss]poke (?:to|with)|[Ss]erved by|[Hh]elped by|[Aa]ttn:?|[Cc]ardholder:?|[Pp]atient:?|[Rr]ecipient:?)\s+({_EN_NAME})"  # noqa: E501
        ),
        _is_english_person,
    ),
    (re.compile(rf"\b(?:I'm|I am)\s+({_EN_NAME})(?=[,.\s]|$)"), _is_english_person),
    (
        re.compile(
            rf"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Madam|Nurse|Doctor|Professor)\.?\s+({_EN_NAME})"
        ),
        _is_english_person,
    ),
)

_FIRST_NAMES: Final[str] = _WORDS["first_names"]
NAMES = (
    *NAMES,
    (
        re.compile(
            rf"\b((?:{_FIRST_NAMES})\s(?:[A-Z]\.\s?)?(?:Mc|Mac|O'|D')?[A-Z][a-z]+(?:-[A-Z][a-z]+)?)\b"
        ),
        None,
    ),
    (
        re.compile(
            rf"\b((?:{_FIRST_NAMES})(?=\s(?:was|were|is|at the|from|helped|who|and|in|never|did|has|had|took|told|said|made)\b))"  # noqa: E501
        ),
        None,
    ),
)

_HANZI = "\u4e00-\u9fff"
_NUM = r"[0-9A-Za-z一二三四五六七八九十百甲乙丙丁东西南北-]{1,6}"
_HOUSE = rf"(?:{_NUM}\s?(?:号楼|号院|号|弄|栋|幢|座|单元|层|楼|室|房|户|组|队)\s?)"
# What an address is surely recognised by; its beginning is then looked for to the left.
_ANCHORS = re.compile(
    rf"(?:(?:路|街|大道|巷|胡同|弄|小区|花园|家园|公寓|苑|新村|社区|大厦|广场|城|庄园|别墅|华庭|府|湾|村|镇)"
    rf"(?:[东西南北中]段?)?\s?{_HOUSE}{{1,6}}(?:\d{{2,5}}(?!\d))?"
    rf"|(?:{_NUM}(?:栋|幢|号楼|座|单元)\s?){{1,3}}(?:{_NUM}(?:层|楼|门)\s?)?\d{{2,5}}\s?(?:室|房|户)?"
    rf"|[{_HANZI}](?:省|自治区|市)[{_HANZI}]{{1,5}}(?:市|区|县|镇|街道|路|街))"
)
_LEFT = re.compile(rf"[{_HANZI}\dA-Za-z]{{0,24}}$")
_STOPS = "在到是于从我的住址为寄送去了和跟把给对这那您你他她来就有家很还说"
# Cues, and English addresses, are found whole.
ADDRESSES: tuple[re.Pattern[str], ...] = (
    re.compile(
        rf"(?:家住|住在|现住|住址[是为]?[:：]?|(?:家庭|收货|联系|通讯|邮寄)?地址[是为在]?\s?[:：]?|寄到|送到|户籍)\s?([{_HANZI}\dA-Za-z#－-]{{2,40}}?(?:省|市|区|县|镇|乡|路|街|道|号|室|楼|栋|村|小区|花园|苑|单元|大厦|公寓)(?:[\dA-Za-z#-]{{1,6}}(?:号|室|楼|栋|单元|层)?)*)"
    ),
    re.compile(
        r"\b\d{1,5}[A-Za-z]?,?\s(?:[NSEW]\.?\s)?(?:[A-Z][A-Za-z'.]+\s){1,4}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Way|Place|Pl|Square|Sq|Terrace|Close|Crescent|Highway|Hwy|Parkway)\b\.?(?:,?\s(?:Apt|Apartment|Suite|Unit|Flat|Room|#)\.?\s?[\dA-Za-z-]{1,6})?(?:,\s[A-Z][A-Za-z]+(?:\s[A-Z][A-Za-z]+)?){0,2}(?:,?\s[A-Z]{2})?(?:\s\d{5}(?:-\d{4})?)?"
    ),
    re.compile(
        r"\b(?:Room|Flat|Apt|Apartment|Unit|Suite)\.?\s?#?\d{1,5}[A-Za-z]?,\s(?:Block|Building|Tower|\d{1,5})[^,.\n]{0,40}(?:,\s?[A-Z][A-Za-z ]{2,30}){0,2}"  # noqa: E501
    ),
    re.compile(r"\bP\.?\s?O\.?\s?Box\s\d{1,6}", re.I),
)


def anchored(text: str) -> list[tuple[int, int]]:
    """Return the places of Chinese addresses found by their roads, estates and house numbers."""
    found = []
    for match in _ANCHORS.finditer(text):
        before = _LEFT.search(text, max(0, match.start() - 24), match.start())
        left = before.group() if before else ""
        cut = max((left.rfind(c) for c in _STOPS), default=-1) + 1
        found.append((match.start() - len(left) + cut, match.end()))
    return found


# Scores above which the tagger's word is taken: as low as three of five finds stay right. They were
# chosen on training news that the tagger was not fitted on; since it is fitted on those too, names
# take 0.4 less, one of three steps tried on the development news.
LEVELS = {"name": -3.1, "family": -3.3, "latin": -3.4}
# A run of characters above the first is taken where they are above the second on average. Of each
# half of the development news, the pair that finds most; the mean of the two.
ADDRESS = (-3.25, -1.65)
KINDS = ("name", "address")
_TAGGERS = ("names", "addresses")
_CHUNK, _MOST_CHARACTERS = 2_000, 200_000


def tag(texts: Sequence[str], *, tier: str | None = None) -> list[list[tuple[int, int, str]]]:
    """Return what the tagger takes for names and addresses: (start, end, kind) in each text.

    Long texts are read in windows, so that all of a text is read. The accurate tier adds what
    it finds in the first window of each to what the fast one does.
    """
    windows = [(i, at) for i, t in enumerate(texts) for at in range(0, max(1, len(t)), LONGEST)]
    found: list[list[tuple[int, int, str]]] = [[] for _ in texts]
    heard = accurate.chosen(tier) == store.TIER_B and accurate.uses("entities")
    # The encoder takes minutes for what is longer than anybody writes.
    later = [one for one in windows if one[1]] if heard else windows
    for part in _chunks(later, texts):
        _note(found, part, _runs(batch(_cut(texts, part))))
    if heard:
        _note_heard(found, texts)
    return found


Window = tuple[int, int]  # number of the text, and where it begins in it
Runs = list[tuple[int, int, int, str]]


def _cut(texts: Sequence[str], windows: Sequence[Window]) -> list[str]:
    return [texts[i][at : at + LONGEST] for i, at in windows]


def _note(found: list[list[tuple[int, int, str]]], windows: Sequence[Window], runs: Runs) -> None:
    for owner, start, end, kind in runs:
        i, offset = windows[owner]
        found[i].append((start + offset, end + offset, kind))


def _note_heard(found: list[list[tuple[int, int, str]]], texts: Sequence[str]) -> None:
    number = 0
    for part in accurate.parts(_cut(texts, [(i, 0) for i in range(len(texts))])):
        one = batch(part)
        first = [(number + k, 0) for k in range(len(part))]
        _note(found, first, _heard_runs(one))
        number += len(part)


def _chunks(windows: Sequence[Window], texts: Sequence[str]) -> Iterator[Sequence[Window]]:
    """Yield windows so few at a time that what is made of their characters fits into memory."""
    at, size = 0, 0
    for k, (i, start) in enumerate(windows):
        size += min(LONGEST, len(texts[i]) - start)
        if size >= _MOST_CHARACTERS or k - at + 1 >= _CHUNK:
            yield windows[at : k + 1]
            at, size = k + 1, 0
    if at < len(windows):
        yield windows[at:]


# What the tagger takes for a place or a person again and again, and is neither.
_NEVER = frozenset(_WORDS["never"].split())


def _families(one: Batch) -> NDArray[np.bool_]:
    return np.isin(one.codes, [ord(c) for c in SINGLE])


def _likely(one: Batch, scores: NDArray[np.float32]) -> NDArray[np.bool_]:
    """A family name and one or two characters after it need less to be taken for a name."""
    some = (scores > LEVELS["family"]) & (one.kinds == HAN)
    found = np.zeros(len(some), dtype=bool)
    at = np.flatnonzero(_families(one)[:-1] & some[:-1] & some[1:])
    found[at] = found[at + 1] = True
    third = at[at + 2 < len(some)] + 2
    found[third[some[third]]] = True
    return found


def _latin_among_han(one: Batch) -> NDArray[np.bool_]:
    """Latin letters in a text that holds Han: names there are often handles or foreign ones."""
    han = np.bincount(one.owner, one.kinds == HAN, minlength=len(one)) > 0
    return np.asarray((one.kinds == LATIN) & han[one.owner])


def _in_names(one: Batch) -> NDArray[np.bool_]:
    """Letters and what joins them: a bracket or a comma ends a name."""
    letters = (one.kinds == HAN) | (one.kinds == LATIN)
    return np.asarray(letters | np.isin(one.codes, list(_JOINERS)))


_TITLE = re.compile(_TITLES)


def _may_be(text: str, kind: str) -> bool:
    """A name holds two letters at least and nothing but letters and what joins them."""
    if text in _NEVER or kind != "name":
        return text not in _NEVER
    letters = text.translate(_JOINERS)
    return len(letters) > 1 and letters.isalpha() and text[:-1] + "的" != text


_JOINERS = {ord(c): None for c in "·•・.-— "}


def _before_title(text: str, start: int, end: int) -> int:
    """Where a title begins inside a name or right at its end, the name ends."""
    title = _TITLE.search(text, start + 1, end + 2)
    return min(end, title.start()) if title else end


def _runs(one: Batch) -> Runs:
    """Return what the fast tier takes for a name or an address."""
    if not len(one.codes):
        return []
    names, addresses = fast_scores(one).T
    return _spans(one, _named(one, names), "name") + sure(one, addresses, ADDRESS, "address")


def fast_scores(one: Batch) -> NDArray[np.float32]:
    """Return how likely each code is a part of a name and of an address, as log odds."""
    return np.concatenate([tagger.load(name).scores(one)[:, :1] for name in _TAGGERS], axis=1)


def _named(one: Batch, scores: NDArray[np.float32]) -> NDArray[np.bool_]:
    inside = (scores > LEVELS["name"]) & (one.kinds != LATIN)
    inside |= _likely(one, scores)
    inside |= _latin_among_han(one) & (scores > LEVELS["latin"])
    return np.asarray(inside & _in_names(one))


def _heard_runs(one: Batch) -> Runs:
    """Return what both tiers together take for a name or an address."""
    scores, levels = both_scores(one), accurate.levels("entities")
    return [run for k, kind in enumerate(KINDS) for run in sure(one, scores[:, k], levels[k], kind)]


# The encoder is never surer than this: its log odds would outweigh all others.
_SURE = 1e-4


def both_scores(one: Batch) -> NDArray[np.float32]:
    """Return the mean of both tiers' log odds that a code is a part of a name, of an address."""
    chances = np.exp(accurate.hear(one).tags("entities"))
    heard = np.stack([chances[:, 1] + chances[:, 2], chances[:, 3] + chances[:, 4]], axis=1)
    heard = np.clip(heard, _SURE, 1 - _SURE)
    found: NDArray[np.float32] = (fast_scores(one) + np.log(heard / (1 - heard))) / 2
    return found


def sure(
    one: Batch,
    scores: NDArray[np.float32],
    levels: Sequence[float] | NDArray[np.float32],
    kind: str,
) -> Runs:
    """Return the runs of codes above the first level that are above the second on average."""
    reach, mean = (float(level) for level in levels)
    inside = scores > reach
    if kind == "name":
        inside &= _in_names(one)
    inside &= _readable(one)
    total = np.concatenate([[0.0], np.cumsum(scores, dtype=np.float64)])
    for a, b in _steps(inside):
        if total[b] - total[a] <= mean * (b - a):
            inside[a:b] = False
    return _spans(one, inside, kind)


def _readable(one: Batch) -> NDArray[np.bool_]:
    return np.asarray((one.kinds != SPACE) & (one.codes != 0))


def _steps(inside: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield where runs begin and end."""
    step = np.diff(np.concatenate([[0], inside.view(np.int8), [0]]))
    ends = np.flatnonzero(step == -1).tolist()
    return zip(np.flatnonzero(step == 1).tolist(), ends, strict=True)


def _spans(one: Batch, inside: NDArray[np.bool_], kind: str) -> Runs:
    """Return the runs inside that may be what they are taken for: text, start, end, kind."""
    usable = (one.kinds == HAN) | (one.kinds == LATIN)
    found = []
    for a, b in _steps(inside & _readable(one)):
        if b - a >= 2 and usable[a:b].any() and one.owner[a] == one.owner[b - 1]:
            span = int(one.origin[a]), int(one.origin[b - 1]) + 1
            text = one.texts[one.owner[a]]
            span = (span[0], _before_title(text, *span)) if kind == "name" else span
            if _may_be(text[slice(*span)], kind):
                found.append((int(one.owner[a]), *span, kind))
    return found
